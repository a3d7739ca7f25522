"""The gates between a written constraint and its use, in order; each candidate is counted at the one that stops it.

1 shape · 2 evidence stands in the answer · 3 true of it: by rule, else by three votes · 4 false of some other answer ·
5 not said or entailed by the prompt · 6 tells no answer, names no place of it · 7 alone, it brings no right answer
(where asked for) · 8 not said before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness import Constraint, ConstraintType, Message, Proposing, Response
from harness_extractor import votes
from harness_extractor.kind import JUDGED, MODEL, NAME
from harness_extractor.reply import Candidate, Refused, Rule, candidate_of
from harness_extractor.rouge import rouge_l
from harness_extractor.rules import bare, ruled
from harness_sustainscore import Held, already_said, leaks, touches_channel

SHAPE, EVIDENCE, UNTRUE = "schema", "evidence is not in the answer", "untrue on its source"
UNINFORMATIVE, SAID, LEAKS = "true of every other answer", "already in the prompt", "leaks the answer"
CHANNEL, ALONE, TWICE = "touches the answer channel", "brings the answer when asked alone", "said before"
#: From this overlap on two constraints say the same.
SAME = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """What candidates are held against."""

    asking: Proposing
    against: Held
    #: The answer as the writing model saw it.
    shown: str
    families: frozenset[str]
    kinds: Mapping[str, ConstraintType]
    #: The final parts of answers to other questions.
    others: Sequence[str]
    origin: Mapping[str, str]


async def tried(piece: object, court: Court, passed: Sequence[Constraint]) -> Constraint | str:
    """Return a written constraint as it will be used, or the gate that stops it."""
    candidate = shaped(piece, court)
    if candidate is None:
        return SHAPE
    if not all(quoted(quote, court) for quote in candidate.evidence):
        return EVIDENCE
    made = await (by_rule if isinstance(candidate.check, Rule) else by_votes)(candidate, court)
    if isinstance(made, str):
        return made
    origin = {**court.origin, "evidence": " \u2026 ".join(candidate.evidence)}
    return await stopped(made, court, passed) or replace(made, origin=origin)


def shaped(piece: object, court: Court) -> Candidate | None:
    """Return a piece of a reply as a candidate; None if it has another shape, or its rule another family."""
    try:
        candidate = candidate_of(piece, court.families)
    except Refused:
        return None
    return None if isinstance(candidate.check, Rule) and not of_its_family(candidate, court) else candidate


async def stopped(made: Constraint, court: Court, passed: Sequence[Constraint]) -> str:
    """Return the gate that stops a constraint which is true and informative; empty if none does."""
    kind = MODEL if made.judged else court.kinds[made.type]
    for gate, stops in ((SAID, already_said), (LEAKS, leaks), (CHANNEL, touches_channel)):
        if stops(kind, made, court.against):
            return gate
    if court.asking.leak_tries and await brings_answer(made, court.asking):
        return ALONE
    return TWICE if any(same(made, other) for other in passed) else ""


def of_its_family(candidate: Candidate, court: Court) -> bool:
    """Whether a rule is one of the registry, and of the family that is stated."""
    assert isinstance(candidate.check, Rule)
    kind = court.kinds.get(candidate.check.name)
    return kind is not None and kind.family == candidate.family


def quoted(piece: str, court: Court) -> bool:
    """Whether a quote stands in the answer, as it was shown or as it is; white space aside."""
    wanted = " ".join(piece.split())
    return any(wanted in " ".join(text.split()) for text in (court.shown, court.against.source.response.text))


async def by_rule(candidate: Candidate, court: Court) -> Constraint | str:
    """Return the constraint of a rule, in the rule's words, or the gate that stops it."""
    assert isinstance(candidate.check, Rule)
    kind = court.kinds[candidate.check.name]
    made = ruled(candidate.check, kind, court.against.source)
    if made is None:
        return UNTRUE
    apart = any(kind.check(made, Response(text=text)).met is False for text in court.others)
    return made if apart else UNINFORMATIVE


async def by_votes(candidate: Candidate, court: Court) -> Constraint | str:
    """Return a constraint that a judge confirms, or the gate that stops it; without a judge nothing is confirmed."""
    assert not isinstance(candidate.check, Rule)
    bench, source = court.asking.bench, court.against.source.response.text
    if "judge" not in bench.further:
        return UNTRUE
    found = await votes.ballots(candidate.text, candidate.check.question, source, court.others, bench)
    if not votes.unanimous(found):
        return UNTRUE
    if not votes.tells_apart(found):
        return UNINFORMATIVE
    return Constraint(
        type=NAME,
        family=JUDGED,
        version=MODEL.version,
        params={"question": candidate.check.question, "scope": candidate.scope, "family": candidate.family},
        text=" ".join(candidate.text.split()),
        tight=candidate.tight,
        judged=True,
    )


async def brings_answer(made: Constraint, asking: Proposing) -> bool:
    """Whether the evaluated model gives the right answer to the constraint alone, without question or context."""
    bench, doc = asking.bench, asking.answered.doc
    request = bench.requests(doc, asking.temperature)[0]
    alone = replace(request.prompt, messages=(Message(role="user", content=made.text),), slot=None, start=0)
    wanted = (replace(request, prompt=alone),)
    tries = (bench.asked(doc, "alone", wanted, draw=draw) for draw in range(asking.leak_tries))
    return any(trial.score.solved for trial in await asyncio.gather(*tries))


def same(one: Constraint, other: Constraint) -> bool:
    """Whether two constraints are of one rule and its arguments, or say nearly the same."""
    if (one.type, bare(one.params)) == (other.type, bare(other.params)):
        return True
    return rouge_l(one.text, other.text) > SAME
