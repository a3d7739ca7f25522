"""The constraint type `model`: it offers nothing itself, asks for constraints, and has a judge where no rule helps."""

from __future__ import annotations

from typing import Any

from harness import Answered, Constraint, ConstraintType, Proposed, Proposing, Response, Verdict

#: Its name, which judged constraints bear: those with a rule bear the name of the rule's type.
NAME = "model"
#: The family of judged constraints, so that no table mixes them with others.
JUDGED = "judged"


def extract(_: Answered) -> tuple[Constraint, ...]:
    """Return nothing: without a model there is none."""
    return ()


def check(_: Constraint, __: Response) -> Verdict:
    """Return that no rule can tell."""
    return Verdict(met=None, note="judged by a model, not by a rule")


async def propose(asking: Proposing) -> Proposed:
    """Return the constraints that a model wrote for an answer, as far as they passed the gates."""
    from harness_extractor.writing import written

    return await written(asking)


async def judge(constraint: Constraint, response: Response, bench: Any) -> Verdict:
    """Return the judge model's verdict on an answer."""
    from harness_extractor.votes import verdict

    return await verdict(constraint, response, bench)


MODEL = ConstraintType(
    name=NAME,
    family=NAME,
    summary="what another model reads off the answer: --extractor-model, and --judge-model for what no rule checks",
    extract=extract,
    check=check,
    asks=frozenset({"extractor"}),
    propose=propose,
    judge=judge,
    details={"hint": 0, "stratum": "forcing", "example": "Explain each step in a sentence of its own."},
)
