"""What taking an instruction from an answer needs: a measure, what must be evident, and round bounds with slack."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness import Answered
from harness_constraints.lexicon import STOP
from harness_constraints.picks import content_word
from harness_constraints.reading import reading_of
from harness_ifeval.instruction import Args

#: From the final part of an answer, and the answer with its document, to arguments that it may meet.
Measure = Callable[[str, Answered], Iterable[Args]]
Offers = Sequence[Args]
#: A bound is a multiple of this, for counts below the number beside it.
_STEPS = ((20, 1), (50, 5), (150, 10), (math.inf, 50))
_SLACK = 0.2
#: Items that are offered of many.
MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """How one instruction is taken from an answer."""

    #: Arguments that the answer may meet; each is verified before it is offered.
    measured: Measure
    #: What a reader would ask besides the official verdict.
    evident: Callable[[str, Args], bool] = lambda _text, _args: True
    hint: int = 0
    #: The share of other good answers that are expected to meet it, as ten draws of GPT-3.5 on questions with steps
    #: have it: strict from 0.95, soft from 0.80, forcing below.
    stratum: str = "forcing"
    #: Whether it is the exact value, without slack.
    tight: bool = False
    touches_answer: bool = False
    #: Instructions of one group imply or exclude each other; the catalogue's groups are meant by the same names.
    group: str = ""


def as_it_is(_text: str, _answered: Answered) -> tuple[Args, ...]:
    """Return the arguments of an instruction that takes none."""
    return ({},)


def above(count: float) -> int:
    """Return a round number above a count, with slack.

    >>> above(0), above(9), above(100), above(240)
    (1, 11, 130, 300)
    """
    step = next(step for limit, step in _STEPS if count < limit)
    return (math.floor(count * (1 + _SLACK) / step) + 1) * step


def below(count: float) -> int:
    """Return a round number not above a count, with slack.

    >>> below(3), below(9), below(100), below(240)
    (2, 7, 80, 150)
    """
    step = next(step for limit, step in _STEPS if count < limit)
    return math.floor(count * (1 - _SLACK) / step) * step


def within(count: int, least: int, name: str, relation: str) -> Offers:
    """Return the bounds "less than" and "at least" around a count; none below `least`, where they say little."""
    if count < least:
        return []
    return [{name: above(count), relation: "less than"}, {name: below(count), relation: "at least"}]


def drawn(items: Iterable[str], answered: Answered, most: int = MOST) -> list[str]:
    """Return some of the items, in an order that the document's id decides."""
    return sorted(set(items), key=lambda item: (zlib.crc32(f"{answered.doc.id}:{item}".encode()), item))[:most]


def plain_words(answered: Answered) -> Sequence[str]:
    """Return the content words of an answer that are neither in the question nor in a right answer."""
    return content_word(reading_of(answered.response.text), answered)


def wordy(text: str) -> bool:
    """Return whether a text has a word that says something."""
    return any(word.isalpha() and word.lower() not in STOP for word in text.split())
