"""The answer as the writing model sees it: without the final answer, so that no constraint can tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from harness import Answered
from harness_sustainscore.numerals import SMALL

MASK = "[ANSWER]"
#: A longer right answer is a text or a program, and no final answer that stands in a sentence.
LONGEST = 120
_NUMBER = re.compile(r"-?[\d,]*\d(?:\.\d+)?")


def masked(answered: Answered) -> str:
    r"""Return the final part of an answer with every mention of the right answer masked.

    The right answers and what the task's filters took for the answer: as words whatever their case, as numbers with or
    without commas and decimals, small ones in words as well.
    """
    text = answered.response.final or ""
    for hidden in sorted(set(answers(answered)), key=len, reverse=True):
        text = pattern_of(hidden).sub(MASK, text)
    return text


def answers(answered: Answered) -> Iterator[str]:
    """Yield what must not be shown."""
    for said in (*answered.doc.golds, *flat(answered.score.filtered.values())):
        plain = said.strip().strip("$*.").strip()
        if plain and len(plain) <= LONGEST:
            yield plain


def flat(values: Iterable[object]) -> Iterator[str]:
    """Yield the texts among values, however they are nested in lists."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from flat(value)


def pattern_of(hidden: str) -> re.Pattern[str]:
    """Return what finds an answer in a text.

    >>> pattern_of("1000").sub("_", "So 1,000.00 or 1000, not 10005."), pattern_of("7").sub("_", "Seven: 7, not 7.5")
    ('So _ or _, not 10005.', '_: _, not 7.5')
    """
    if not _NUMBER.fullmatch(hidden):
        return re.compile(rf"(?<!\w){re.escape(hidden)}(?!\w)", re.IGNORECASE)
    whole, _, part = hidden.replace(",", "").partition(".")
    digits = ",?".join(map(re.escape, whole))
    decimals = rf"\.{part}0*" if part.strip("0") else r"(?:\.0+)?"
    words = [word for word, value in SMALL.items() if str(value) == whole and not part.strip("0")]
    spelled = rf"|\b(?:{'|'.join(words)})\b" if words else ""
    return re.compile(rf"(?<![\w.,]){digits}{decimals}(?![\d]|[.,]\d){spelled}", re.IGNORECASE)
