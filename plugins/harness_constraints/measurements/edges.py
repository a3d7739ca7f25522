"""How an answer begins and ends."""

from __future__ import annotations

import re

from harness_constraints import lexicon
from harness_constraints.measurements.base import Measurement, table
from harness_constraints.normal import SUBSTITUTE
from harness_constraints.phrases import mentions
from harness_constraints.reading import Reading
from harness_constraints.words import words

_CLOSERS = " \t\n\"'\u201d\u2019)]*_`"
_OPENERS = " \t\n\"'\u201c\u2018([*_`#>"
_LIST_MARK = re.compile(r"(?:[-*+\u2022]|\(?\d{1,3}[.)])[ \t]+")
#: As much as is looked at to find the first word or a greeting.
_FIRST = 60


def first_word(reading: Reading) -> str | None:
    """Return the first word in lower case; marks, headings' signs and a list number before it are passed over."""
    head = reading.plain.lstrip(_OPENERS)[:_FIRST]
    first = head.split(" ", 1)[0]
    if first.isalnum() and first.isascii():
        return first.casefold()
    mark = _LIST_MARK.match(head)
    found = words(head[mark.end() :].lstrip(_OPENERS) if mark else head)
    return found[0].casefold().replace("\u2019", "'") if found else None


def capital_start(reading: Reading) -> bool:
    """Return whether the first character is a capital letter, quotes, emphasis and headings' signs aside."""
    return reading.plain.lstrip(_OPENERS)[:1].isupper()


def last_character(reading: Reading) -> str | None:
    """Return the last character, quotes, brackets and emphasis aside."""
    text = reading.final.rstrip(_CLOSERS)
    return text[-1] if text else None


def greeting(reading: Reading) -> bool:
    """Return whether it begins as a chat does: "Sure", "Certainly", "Of course" and the like."""
    return lexicon.GREETING.match(reading.prose.lstrip(_OPENERS), 0, _FIRST) is not None


def farewell(reading: Reading) -> bool:
    """Return whether its last 200 characters offer more help: "let me know", "hope this helps" and the like."""
    return mentions(reading.prose[-200:].casefold(), lexicon.FAREWELLS)


def announcement(reading: Reading) -> bool:
    """Return whether the first line announces what follows: it ends with a colon."""
    return reading.prose.strip().split("\n", 1)[0].rstrip(_CLOSERS).endswith((":", "\uff1a"))


def concluding_word(reading: Reading) -> bool:
    """Return whether the last sentence has a word that draws a conclusion: so, therefore, thus, hence, finally."""
    if lexicon.CONCLUDING.isdisjoint(reading.used) or not reading.sentences:
        return False
    start, end = reading.sentences[-1]
    return not lexicon.CONCLUDING.isdisjoint(word.casefold() for word in words(reading.plain[start:end]))


def ends_with_number(reading: Reading) -> bool:
    """Return whether the last word is a number or a formula."""
    last = reading.words[-1] if reading.words else ""
    return last == SUBSTITUTE or last[:1].isdigit()


EDGES = table(
    Measurement(measure=first_word, gives="text", missing="no word"),
    Measurement(measure=capital_start, gives="fact"),
    Measurement(measure=last_character, gives="text", missing="nothing but brackets and quotes"),
    Measurement(measure=greeting, gives="fact"),
    Measurement(measure=farewell, gives="fact"),
    Measurement(measure=announcement, gives="fact"),
    Measurement(measure=concluding_word, gives="fact"),
    Measurement(measure=ends_with_number, gives="fact"),
)
