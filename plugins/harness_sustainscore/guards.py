"""The guards: what a candidate constraint must pass before it may stand in a prompt, in this order.

Three other projects shipped checkers that always pass; so a constraint is a hypothesis until it has been
seen to hold on its own source, to fail on an empty answer and to fail on some other answer (method 4.1, 9).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harness import Answered, Constraint, ConstraintType, Response
from harness_sustainscore.others import FOREIGN, mutants

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w])")
WORD = re.compile(r"\w+", re.UNICODE)
SHORTEST_GOLD = 2
NUMERALS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]  # twenty-one strings read worse
NUMBERS = frozenset(map(str, range(len(NUMERALS))))


def guard_against(kind: ConstraintType, constraint: Constraint, source: Answered, channel: str | None) -> str:
    """Return the name of the first guard that turns the constraint away; empty if it passes.

    Args:
        kind: the type that made it and checks it.
        source: the answer it was taken from.
        channel: regular expression of the marks by which answers of the task are found; empty if unknown. None:
            constraints on that place are wanted, and analysed apart.
    """
    for name, refuses in GUARDS.items():
        if refuses(kind, constraint, source, channel):
            return name
    return ""


def untrue(kind: ConstraintType, constraint: Constraint, source: Answered, _: str | None) -> bool:
    """Whether it does not hold on its own source."""
    return kind.check(constraint, source.response).met is not True


def met_by_nothing(kind: ConstraintType, constraint: Constraint, _source: Answered, _: str | None) -> bool:
    """Whether an empty answer meets it."""
    return kind.check(constraint, Response(text="")).met is True


def vacuous(kind: ConstraintType, constraint: Constraint, source: Answered, _: str | None) -> bool:
    """Whether every mutant of the source and every foreign answer meets it."""
    others = (*FOREIGN, *mutants(source.response.text))
    return all(kind.check(constraint, Response(text=text)).met is True for text in others)


def already_said(_kind: ConstraintType, constraint: Constraint, source: Answered, _: str | None) -> bool:
    """Whether the prompt says it already, in these words."""
    return flattened(constraint.text) in flattened(source.prompt.text)


def leaks(_kind: ConstraintType, constraint: Constraint, source: Answered, _: str | None) -> bool:
    """Whether its text tells a right answer: the words of one, or its number in digits or as a word."""
    said = f" {flattened(constraint.text)} "
    numbers = {number.replace(",", "") for number in NUMBER.findall(constraint.text)}
    for gold in source.doc.golds:
        plain = gold.strip().replace(",", "").rstrip(".")
        if plain in numbers or (plain in NUMBERS and f" {NUMERALS[int(plain)]} " in said):
            return True
        words = flattened(gold)
        if len(words) >= SHORTEST_GOLD and not plain.isdigit() and f" {words} " in said:
            return True
    return False


def touches_channel(_kind: ConstraintType, constraint: Constraint, _source: Answered, channel: str | None) -> bool:
    """Whether it speaks of the place where the answer stands, by its type or by its words."""
    if channel is None:
        return False
    if constraint.touches_answer:
        return True
    return bool(channel) and re.search(channel, constraint.text) is not None


def flattened(text: str) -> str:
    """Return the words of a text, lower case, one space between.

    >>> flattened("Use at most 50 words, please.")
    'use at most 50 words please'
    """
    return " ".join(WORD.findall(text.lower()))


#: Name of the guard, as the report counts it -> whether it refuses. The order is the order of asking.
GUARDS: dict[str, Callable[[ConstraintType, Constraint, Answered, str | None], bool]] = {
    "untrue on its source": untrue,
    "met by an empty answer": met_by_nothing,
    "vacuous": vacuous,
    "already in the prompt": already_said,
    "leaks the answer": leaks,
    "touches the answer channel": touches_channel,
}
