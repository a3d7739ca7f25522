"""Which words an answer uses: asked for, avoided, of a person, of a register, in capitals."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from harness_constraints import lexicon
from harness_constraints.measurements.base import Measurement, has_prose, table
from harness_constraints.reading import Reading
from harness_constraints.sentences import TITLES

#: A word or a number, a mark that ends a sentence, and a small letter.
_SMALL_AFTER_STOP = re.compile(r"\b([^\W\d_]{3,}|\d{1,9})[.!?][\"')\u201d]? \(?[a-z]{2}")


def word_uses(reading: Reading) -> dict[str, int] | None:
    """Return how often each word is used, whatever its case; "well-known" counts as "well" and "known" as well."""
    return reading.vocabulary if has_prose(reading) else None


def listed_words(reading: Reading, *, words: str = "") -> int | None:
    """Return the number of uses of the words of a list, whatever their case."""
    if not has_prose(reading):
        return None
    vocabulary, listed = reading.vocabulary, _listed(words)
    if vocabulary.keys().isdisjoint(listed):
        return 0
    return sum(vocabulary[word] for word in listed if word in vocabulary)


@lru_cache(maxsize=256)
def _listed(words: str) -> frozenset[str]:
    return frozenset(words.casefold().split())


def all_capitals(reading: Reading) -> int | None:
    """Return the number of words of two letters or more all in capitals; well-known abbreviations are not counted."""
    if not has_prose(reading):
        return None
    if reading.plain.islower():
        return 0
    return sum(
        word.isupper() and word.isalpha() and len(word) > 1 and word not in lexicon.ABBREVIATED_CAPITALS
        for word in reading.words
    )


def capital_letters(reading: Reading) -> int | None:
    """Return the number of capital letters outside formulas and code."""
    return sum(map(str.isupper, reading.plain)) if has_prose(reading) else None


def uncapitalised_sentences(reading: Reading) -> int | None:
    """Return the number of sentences that begin with a small letter, quotes and brackets aside.

    Those at the beginning of a line, and those after a full stop that ends no abbreviation.
    """
    if not has_prose(reading) or not reading.sentences:
        return None
    starts = sum(sentence.lstrip("\"'([*_\u201c\u2018 ")[:1].islower() for sentence in reading.sentences)
    return starts + sum(word.casefold() not in TITLES for word in _SMALL_AFTER_STOP.findall(reading.plain))


def foreign_letters(reading: Reading) -> int | None:
    """Return the number of letters that are neither Latin nor Greek, which formulas use."""
    if not has_prose(reading):
        return None
    if reading.plain.isascii():
        return 0
    return sum(
        not unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "MODIFIER", "FULLWIDTH LATIN", "MATHEMATICAL"))
        for letter in reading.plain
        if letter > "\x7f" and letter.isalpha()
    )


USAGE = table(
    Measurement(measure=word_uses, gives="items"),
    Measurement(measure=listed_words, gives="count"),
    Measurement(measure=all_capitals, gives="count"),
    Measurement(measure=capital_letters, gives="count"),
    Measurement(measure=uncapitalised_sentences, gives="count", missing="no sentence"),
    Measurement(measure=foreign_letters, gives="count"),
)
