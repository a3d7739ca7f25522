"""How an answer begins and ends."""

from __future__ import annotations

from harness_constraints import lexicon
from harness_constraints.measurements.base import Measurement, has_prose, table
from harness_constraints.normal import SUBSTITUTE
from harness_constraints.reading import Reading
from harness_constraints.words import words

_CLOSERS = " \t\n\"'\u201d\u2019)]*_`"
_OPENERS = " \t\n\"'\u201c\u2018([*_`#>"


def first_word(reading: Reading) -> str | None:
    """Return the first word in lower case; marks, headings' signs and list numbers before it are passed over."""
    if not has_prose(reading):
        return None
    return next((word.casefold() for word in reading.words if word[0].isalpha()), None)


def capital_start(reading: Reading) -> bool | None:
    """Return whether the first character is a capital letter, quotes, emphasis and headings' signs aside."""
    if not has_prose(reading):
        return None
    return reading.plain.lstrip(_OPENERS)[:1].isupper()


def last_character(reading: Reading) -> str | None:
    """Return the last character, quotes, brackets and emphasis aside."""
    text = reading.final.rstrip(_CLOSERS)
    return text[-1] if text else None


def greeting(reading: Reading) -> bool | None:
    """Return whether it begins as a chat does: "Sure", "Certainly", "Of course" and the like."""
    if not has_prose(reading):
        return None
    return reading.prose[:200].lstrip(_OPENERS).casefold().startswith(lexicon.GREETINGS)


def farewell(reading: Reading) -> bool | None:
    """Return whether its last 200 characters offer more help: "let me know", "hope this helps" and the like."""
    if not has_prose(reading):
        return None
    end = reading.prose[-200:].casefold()
    return any(phrase in end for phrase in lexicon.FAREWELLS)


def announcement(reading: Reading) -> bool | None:
    """Return whether the first line announces what follows: it ends with a colon."""
    if not has_prose(reading):
        return None
    return reading.prose.strip().split("\n", 1)[0].rstrip(_CLOSERS).endswith((":", "\uff1a"))


def concluding_word(reading: Reading) -> bool | None:
    """Return whether the last sentence has a word that draws a conclusion: so, therefore, thus, hence, finally."""
    if not reading.sentences:
        return None
    return not lexicon.CONCLUDING.isdisjoint(word.casefold() for word in words(reading.sentences[-1]))


def ends_with_number(reading: Reading) -> bool | None:
    """Return whether the last word is a number or a formula."""
    if not has_prose(reading) or not reading.words:
        return None
    last = reading.words[-1]
    return last == SUBSTITUTE or last[0].isdigit()


EDGES = table(
    Measurement(measure=first_word, gives="text", missing="no word"),
    Measurement(measure=capital_start, gives="fact"),
    Measurement(measure=last_character, gives="text", missing="nothing but brackets and quotes"),
    Measurement(measure=greeting, gives="fact"),
    Measurement(measure=farewell, gives="fact"),
    Measurement(measure=announcement, gives="fact"),
    Measurement(measure=concluding_word, gives="fact", missing="no sentence"),
    Measurement(measure=ends_with_number, gives="fact", missing="no words"),
)
