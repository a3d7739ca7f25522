"""Numbers of words, lines or sentences that a text asks for, to tell what a prompt already entails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from harness_sustainscore.numerals import ALONE, LARGE, SMALL, numbers_in

_WORDS = "|".join(sorted({*SMALL, *LARGE, *ALONE}, key=len, reverse=True))
_NUMBER = rf"(?P<{{}}>\d[\d,]*|(?:a )?(?:{_WORDS})(?:[ -](?:{_WORDS}))*|a|single)"
_UNIT = r"(?:\w+ )?(?P<unit>word|sentence|line|paragraph|character|letter|bullet|point|item|step|section|equation)s?\b"
_UPPER = (
    r"at most|no more than|not more than|no longer than|maximum of|max(?:imum)?|up to|within|not exceed(?:ing)?"
    r"|limited? to"
)
_LOWER = r"at least|no fewer than|no less than|not fewer than|minimum of"
_BOUNDS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    # (pattern, what the number does to the lower bound, and to the upper: 0 nothing, 1 sets it, 2 sets it exclusively)
    (re.compile(pattern, re.IGNORECASE), low, high)
    for pattern, low, high in (
        (rf"\b(?:{_UPPER}) (?:of )?{_NUMBER.format('a')} {_UNIT}", 0, 1),
        (rf"\b{_NUMBER.format('a')} {_UNIT} (?:or (?:fewer|less|shorter)|at (?:the )?most|max(?:imum)?\b)", 0, 1),
        (rf"\b(?:fewer than|less than|under|below|shorter than) {_NUMBER.format('a')} {_UNIT}", 0, 2),
        (rf"\b(?:{_LOWER}) {_NUMBER.format('a')} {_UNIT}", 1, 0),
        (rf"\b{_NUMBER.format('a')} {_UNIT} or (?:more|longer)", 1, 0),
        (rf"(?<!no )(?<!not )\b(?:more|longer) than {_NUMBER.format('a')} {_UNIT}", 2, 0),
        (rf"\b(?:exactly|in|only|just) {_NUMBER.format('a')} {_UNIT}(?! or (?:more|fewer|less))", 1, 1),
        (rf"(?<!least )(?<!most )(?<!than )(?<!to )(?<!of )\b(?P<a>one|single)[- ]{_UNIT}(?! or )", 1, 1),
    )
)
_BETWEEN = re.compile(
    rf"\b(?:(?:between|from) )?{_NUMBER.format('a')}(?: \w+)?(?: and | to |-|\u2013){_NUMBER.format('b')} {_UNIT}",
    re.IGNORECASE,
)
#: Words by which a bound is on a part of the answer.
_SCOPED = re.compile(
    r"\b(?:each|every|per|first|last|final|opening|longest|end|begin|start|any|no (?:sentence|line|paragraph))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number of units that a text asks for."""

    unit: str
    low: float
    high: float
    #: Whether it is on a part of the answer (each sentence, the last line).
    scoped: bool

    def entails(self, other: Bound) -> bool:
        """Whether whatever meets this one meets the other one."""
        if self.unit != other.unit or self.scoped:
            return False
        return self.high <= other.high and (other.low <= 0 if other.scoped else self.low >= other.low)


@lru_cache(maxsize=8192)
def bounds_of(text: str) -> frozenset[Bound]:
    """Return the numbers of units that a text asks for.

    >>> sorted((b.unit, b.low, b.high) for b in bounds_of("Answer in one sentence of at most 20 words."))
    [('sentence', 1, 1), ('word', 0, 20)]
    >>> sorted((b.unit, b.low, b.high, b.scoped) for b in bounds_of("Write 50 to 80 words. No line is longer than 9."))
    [('word', 50, 80, False)]
    >>> sorted((b.unit, b.low, b.high, b.scoped) for b in bounds_of("Keep every line to at most 9 words"))
    [('word', 0, 9, True)]
    """
    return frozenset(_found_in(text))


def _found_in(text: str) -> Iterator[Bound]:
    for pattern, low, high in _BOUNDS:
        for found in pattern.finditer(text):
            number = value_of(found["a"])
            if number is not None:
                yield Bound(
                    unit=found["unit"].lower(),
                    low=0 if not low else number + (low == 2),  # noqa: PLR2004  # exclusive
                    high=inf if not high else number - (high == 2),  # noqa: PLR2004  # exclusive
                    scoped=is_scoped(text, found),
                )
    for found in _BETWEEN.finditer(text):
        first, second = value_of(found["a"]), value_of(found["b"])
        if first is not None and second is not None:
            yield Bound(unit=found["unit"].lower(), low=first, high=second, scoped=is_scoped(text, found))


def value_of(word: str) -> int | None:
    """Return the number that a word is; None if it is none."""
    if word.lower() in {"a", "single"}:
        return 1
    found = numbers_in(word)
    return int(min(found)) if len(found) == 1 and min(found).denominator == 1 else None


def is_scoped(text: str, found: re.Match[str]) -> bool:
    """Whether the sentence around a bound speaks of a part of the answer."""
    start = max(text.rfind(mark, 0, found.start()) for mark in ".!?\n") + 1
    return _SCOPED.search(text, start, found.end()) is not None
