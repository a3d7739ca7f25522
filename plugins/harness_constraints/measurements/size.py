"""How long an answer and its parts are."""

from __future__ import annotations

from harness_constraints import words
from harness_constraints.measurements.base import Measurement, table
from harness_constraints.reading import Reading


def word_count(reading: Reading) -> int:
    """Return the number of words outside code; a number, a formula and a hyphenated word are one word each."""
    return len(reading.words)


def sentence_count(reading: Reading) -> int:
    """Return the number of sentences; a list item or a line of its own counts as one."""
    return len(reading.sentences)


def longest_sentence(reading: Reading) -> int:
    """Return the number of words of the longest sentence."""
    return max(reading.sentence_lengths, default=0)


def first_sentence(reading: Reading) -> int:
    """Return the number of words of the first sentence."""
    return next(iter(reading.sentence_lengths), 0)


def last_sentence(reading: Reading) -> int:
    """Return the number of words of the last sentence."""
    return reading.sentence_lengths[-1] if reading.sentence_lengths else 0


def first_line(reading: Reading) -> int:
    """Return the number of words of the first line that is not empty."""
    head = reading.plain.strip()
    return len(words.words(head.split("\n", 1)[0])) if "\n" in head else len(reading.words)


def longest_line(reading: Reading) -> int:
    """Return the number of characters of the longest line."""
    return max(map(len, reading.lines), default=0)


def longest_word(reading: Reading) -> int:
    """Return the number of letters of the longest word that is all letters."""
    longest = max(reading.distinct, key=len, default="")
    return len(longest) if longest.isalpha() else max(map(len, filter(str.isalpha, reading.distinct)), default=0)


def character_count(reading: Reading) -> int:
    """Return the number of characters, spaces included, empty space at both ends left out."""
    return len(reading.final.strip())


SIZE = table(
    *(
        Measurement(measure=measure, gives="count")
        for measure in (
            word_count,
            sentence_count,
            longest_sentence,
            first_sentence,
            last_sentence,
            first_line,
            longest_line,
            longest_word,
            character_count,
        )
    )
)
