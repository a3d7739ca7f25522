"""The guards: what a candidate constraint must pass before it may stand in a prompt, in this order.

Three other projects shipped checkers that always pass; so a constraint is a hypothesis until it has been
seen to hold on its own source, to fail on an empty answer and to fail on some other answer (method 4.1, 9).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness import Answered, Constraint, ConstraintType, Response, TaskSpec
from harness_sustainscore.asked import Asked, asked_by
from harness_sustainscore.clues import Clues, clues_of
from harness_sustainscore.others import mutants, violated_by_bank

#: Relations of the catalogue that a text or a program in the prompt can meet for the answer.
ECHOED = frozenset({"present", "contains"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the candidates of one answer are held against."""

    #: The answer they were taken from; of a model that thinks, what follows its thinking.
    source: Answered
    spec: TaskSpec
    domain: str
    #: Whether constraints on the place of the answer are wanted; they are analysed apart.
    touching: bool
    clues: Clues
    asked: Asked


def held(source: Answered, spec: TaskSpec, domain: str, *, touching: bool = False) -> Held | None:
    """Return what the candidates of an answer are held against; None where its thinking never ended."""
    final = source.response.final
    if final is None:
        return None
    return Held(
        source=replace(source, response=replace(source.response, text=final)),
        spec=spec,
        domain=domain,
        touching=touching,
        clues=clues_of(source.doc, source.prompt),
        asked=asked_by(source.doc, source.prompt),
    )


def guard_against(kind: ConstraintType, constraint: Constraint, against: Held) -> str:
    """Return the name of the first guard that turns the constraint away; empty if it passes.

    Args:
        kind: the type that made it and checks it.
        constraint: the candidate, in the words in which it would be asked.
        against: its source and the document.
    """
    return next((name for name, refuses in GUARDS.items() if refuses(kind, constraint, against)), "")


def untrue(kind: ConstraintType, constraint: Constraint, against: Held) -> bool:
    """Whether it does not hold on its own source."""
    return kind.check(constraint, against.source.response).met is not True


def met_by_nothing(kind: ConstraintType, constraint: Constraint, _: Held) -> bool:
    """Whether an empty answer meets it."""
    return kind.check(constraint, Response(text="")).met is True


def vacuous(kind: ConstraintType, constraint: Constraint, against: Held) -> bool:
    """Whether every foreign answer and every mutant of the source meets it."""
    if violated_by_bank(kind.check, constraint, against.domain):
        return False
    texts = mutants(against.source.response.text)
    return all(kind.check(constraint, Response(text=text)).met is not False for text in texts)


def already_said(kind: ConstraintType, constraint: Constraint, against: Held) -> bool:
    """Whether the prompt says or entails it, or already shows what it asks for."""
    if against.asked.says(constraint.text):
        return True
    if kind.details.get("relation") not in ECHOED or not against.asked.question:
        return False
    if against.domain != "code" and kind.details["relation"] != "contains":
        return False  # a question mark in a question asks for none
    return kind.check(constraint, Response(text=against.asked.question)).met is True


def leaks(_: ConstraintType, constraint: Constraint, against: Held) -> bool:
    """Whether its text tells a right answer or a step to it."""
    return bool(against.clues.told_by(constraint.text))


def touches_channel(_: ConstraintType, constraint: Constraint, against: Held) -> bool:
    """Whether it speaks of the place where the answer stands, by its type or by its words."""
    if against.touching:
        return False
    return constraint.touches_answer or names_channel(constraint.text, against.spec.channel)


def names_channel(text: str, channel: str) -> bool:
    """Whether a text names the mark by which an answer is found, at whichever word it does.

    >>> names_channel('End with "Answer: yes".', r"(?m:^Answer:)"), names_channel("Answer fully.", r"(?m:^Answer:)")
    (True, False)
    """
    if not channel:
        return False
    starts = [match.start() for match in re.finditer(r"(?<!\w)\w|[^\w\s]", text)]
    found = re.compile(channel)
    return found.search(text) is not None or any(found.match(text[start:]) for start in starts)


#: Name of the guard, as the report counts it -> whether it refuses. The order is the order of asking.
GUARDS: dict[str, Callable[[ConstraintType, Constraint, Held], bool]] = {
    "untrue on its source": untrue,
    "met by an empty answer": met_by_nothing,
    "vacuous": vacuous,
    "already in the prompt": already_said,
    "leaks the answer": leaks,
    "touches the answer channel": touches_channel,
}
