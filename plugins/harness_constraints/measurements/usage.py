"""Which words an answer uses: asked for, avoided, of a person, of a register, in capitals."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from harness_constraints import lexicon
from harness_constraints.measurements.base import Measurement, table
from harness_constraints.reading import Reading
from harness_constraints.sentences import TITLES

#: A mark that ends a sentence, and a word in small letters.
_SMALL_AFTER_STOP = re.compile(r"[.!?](?:[\"')\u201d] | )\(?[a-z]{2}")
_WORD_BEFORE = re.compile(r"(?<![^\W_.])(?:[^\W\d_]{3,}|\d{1,9})\Z")
_BACK = 24
_SHORTENED = TITLES | {
    "etc", "inc", "ltd", "jr", "sr", "dept", "est", "al", "avg", "max", "min", "hrs", "hr", "lbs", "lb", "oz", "no",
    "art", "vol", "sec",
}  # fmt: skip
_I = re.compile(r"I(?<![\w$]I)(?:'[a-z]+|\u2019[a-z]+)?(?![\w=*/^+)-]|\s*[=*/^+])")
_CAPITALS = string.ascii_uppercase.encode()
_NAMED = re.compile(r"([A-Z][^\W_]*)[ \t]\Z")
_OTHER_SCRIPTS = (
    "LATIN", "GREEK", "MODIFIER", "FULLWIDTH LATIN", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER",
    "SUPERSCRIPT", "SUBSCRIPT", "FEMININE", "MASCULINE", "MICRO", "OHM", "KELVIN", "ANGSTROM", "PLANCK", "TURNED",
    "ALEF SYMBOL", "BET SYMBOL",
)  # fmt: skip


def word_uses(reading: Reading) -> dict[str, int]:
    """Return how often each word is used, whatever its case; "well-known" counts as "well" and "known" as well."""
    return reading.vocabulary


def listed_words(reading: Reading, *, words: str = "") -> int:
    """Return the number of uses of the words of a list, whatever their case."""
    listed = _listed(words)
    if listed.isdisjoint(reading.used):
        return 0
    return sum([reading.vocabulary[word] for word in listed & reading.used])


@lru_cache(maxsize=256)
def _listed(words: str) -> frozenset[str]:
    return frozenset(words.casefold().split())


def first_person(reading: Reading) -> int:
    """Return the number of words of the first person singular; "War I" and the variable in "I = 5" are none."""
    others = listed_words(reading, words="me my mine myself")
    head = reading.head
    if "I" not in head:
        return others
    return others + sum(not _is_numeral(head, use) for use in _I.finditer(head))


def _is_numeral(text: str, use: re.Match[str]) -> bool:
    """Return whether an "I" belongs to the name before it: "World War I", "Elizabeth I"."""
    name = _NAMED.search(text, max(0, use.start() - _BACK), use.start())
    return name is not None and len(use[0]) == 1 and name[1].casefold() not in lexicon.BEFORE_I


def all_capitals(reading: Reading) -> int:
    """Return the number of words of two letters or more all in capitals; abbreviations are none.

    Those of a list, and whatever has no vowel.
    """
    shouted = [
        word
        for word in filter(str.isupper, reading.distinct)
        if len(word) > 1
        and word.isalpha()
        and word not in lexicon.ABBREVIATED_CAPITALS
        and not (word.isascii() and lexicon.VOWELS.isdisjoint(word))
    ]
    return sum(map(reading.words.count, shouted))


def capital_letters(reading: Reading) -> int:
    """Return the number of capital letters outside formulas and code."""
    plain = reading.plain
    if plain.isascii():
        return len(plain) - len(plain.encode().translate(None, _CAPITALS))
    return sum(map(str.isupper, plain))


def uncapitalised_sentences(reading: Reading) -> int:
    """Return the number of sentences that begin with a word in small letters, quotes and brackets aside.

    Those at the beginning of a line, and those after a full stop that ends no abbreviation. A letter is no word.
    """
    plain = reading.plain
    others = [start for start, _ in reading.sentences if not plain[start : start + 2].lstrip()[:1].isupper()]
    begun = [plain[start : start + _BACK].lstrip(" \"'([*_\u201c\u2018")[:2] for start in others]
    small = sum([letters.islower() and letters.isalpha() and len(letters) > 1 for letters in begun])
    return small + sum([_ends_word(plain, stop.start()) for stop in _SMALL_AFTER_STOP.finditer(reading.head)])


def _ends_word(text: str, at: int) -> bool:
    """Return whether a word or a number ends here that is no abbreviation."""
    word = _WORD_BEFORE.search(text, max(0, at - _BACK), at)
    return word is not None and word[0].casefold() not in _SHORTENED


def foreign_letters(reading: Reading) -> int:
    """Return the number of letters that are neither Latin nor Greek, which formulas use."""
    if reading.plain.isascii():
        return 0
    return sum(
        not unicodedata.name(letter, "").startswith(_OTHER_SCRIPTS)
        for letter in reading.plain
        if letter > "\x7f" and letter.isalpha()
    )


USAGE = table(
    Measurement(measure=word_uses, gives="items"),
    *(
        Measurement(measure=measure, gives="count")
        for measure in (
            listed_words,
            first_person,
            all_capitals,
            capital_letters,
            uncapitalised_sentences,
            foreign_letters,
        )
    ),
)
