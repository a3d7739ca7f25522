"""The published instructions as constraint types: taken from an answer, rendered, and checked by the same verifier."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from harness import Answered, Constraint, ConstraintType, Response, Verdict
from harness.thinking import final_part
from harness_constraints.normal import is_blank, normalised
from harness_ifeval.evaluation import VERSION
from harness_ifeval.instruction import Args, Instruction
from harness_ifeval.taking import takings
from harness_ifeval.taking.base import Taking
from harness_ifeval.verdicts import instructions

#: A longer text is not judged: no model's answer is that long, and the units take seconds to find.
LONGEST = 100_000
NO_ANSWER = Verdict(met=None, note="no answer: the request failed")
TRUNCATED = Verdict(met=None, note="truncated thinking")
EMPTY = Verdict(met=False, note="empty answer")
TOO_LONG = Verdict(met=None, note=f"longer than {LONGEST:,} characters")
NOT_EVIDENT = Verdict(met=False, note="passes the official check alone")


def constraint_types() -> Iterator[ConstraintType]:
    """Yield a type for each published instruction that can be taken from an answer."""
    known = instructions()
    for name, taking in takings().items():
        yield constraint_type(known[name], taking)


def constraint_type(instruction: Instruction, taking: Taking) -> ConstraintType:
    """Return an instruction as what the harness knows."""
    return ConstraintType(
        name=instruction.id,
        family=instruction.family,
        summary=(instruction.holds.__doc__ or instruction.wording).strip().splitlines()[0],
        version=VERSION,
        group=taking.group,
        extract=partial(extract, instruction, taking),
        check=partial(check, instruction, taking),
        details={
            "wording": instruction.wording,
            "example": instruction.wording,
            "arguments": list(instruction.args),
            "hint": taking.hint,
            "stratum": taking.stratum,
            "tight": taking.tight,
            "touches_answer": taking.touches_answer,
        },
    )


def extract(instruction: Instruction, taking: Taking, answered: Answered) -> tuple[Constraint, ...]:
    """Return constraints that the answer meets; every one is checked on it before it is handed out."""
    text = final(answered.response.text)
    if text is None or len(text) > LONGEST or is_blank(text) or answered.response.finish == "error":
        return ()
    return tuple(
        Constraint(
            type=instruction.id,
            family=instruction.family,
            version=VERSION,
            params=args,
            text=" ".join(instruction.text(args).split()),  # one line among the others of a prompt
            tight=taking.tight,
            hint=taking.hint,
            touches_answer=taking.touches_answer,
            stratum=taking.stratum,
        )
        for args in taking.measured(text, answered)
        if met(instruction, taking, args, text)
    )


def met(instruction: Instruction, taking: Taking, args: Args, text: str) -> bool | None:
    """Return whether a text follows the instruction by its official verdict and for a reader."""
    official = instruction.follows(text, args)
    return taking.evident(text, args) if official else official


def check(instruction: Instruction, taking: Taking, constraint: Constraint, response: Response) -> Verdict:
    """Return whether another answer meets a constraint of this instruction."""
    if response.finish == "error":
        return NO_ANSWER
    text = final(response.text)
    if text is None:
        return TRUNCATED
    if is_blank(text):
        return EMPTY
    if len(text) > LONGEST:
        return TOO_LONG
    official = instruction.follows(text, constraint.params)
    if official and not taking.evident(text, constraint.params):
        return NOT_EVIDENT
    return Verdict(met=official, note="" if official is not None else "it cannot be told")


@lru_cache(maxsize=32)
def final(text: str) -> str | None:
    """Return the final part of an answer, normalised; None where thinking was never ended."""
    return final_part(normalised(text))
