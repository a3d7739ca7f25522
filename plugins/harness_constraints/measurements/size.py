"""How long an answer and its parts are."""

from __future__ import annotations

from harness_constraints import words
from harness_constraints.measurements.base import Measurement, has_prose, table
from harness_constraints.reading import Reading


def word_count(reading: Reading) -> int | None:
    """Return the number of words outside fenced code; a number, a formula and a hyphenated word are one word each."""
    return len(reading.words) if has_prose(reading) else None


def sentence_count(reading: Reading) -> int | None:
    """Return the number of sentences; a list item or a line of its own counts as one."""
    return len(reading.sentences) if has_prose(reading) else None


def longest_sentence(reading: Reading) -> int | None:
    """Return the number of words of the longest sentence."""
    return max(reading.sentence_lengths, default=0) if has_prose(reading) else None


def first_sentence(reading: Reading) -> int | None:
    """Return the number of words of the first sentence."""
    return reading.sentence_lengths[0] if reading.sentences else None


def last_sentence(reading: Reading) -> int | None:
    """Return the number of words of the last sentence."""
    return reading.sentence_lengths[-1] if reading.sentences else None


def first_line(reading: Reading) -> int | None:
    """Return the number of words of the first line that is not empty."""
    if not has_prose(reading):
        return None
    head = reading.plain.strip()
    return len(words.words(head.split("\n", 1)[0])) if "\n" in head else len(reading.words)


def longest_line(reading: Reading) -> int:
    """Return the number of characters of the longest line."""
    return max((len(line) for line in reading.lines), default=0)


def longest_word(reading: Reading) -> int | None:
    """Return the number of letters of the longest word that is all letters."""
    if not has_prose(reading):
        return None
    return max((len(word) for word in reading.words if word.isalpha()), default=0)


def character_count(reading: Reading) -> int:
    """Return the number of characters, spaces included, empty space at both ends left out."""
    return len(reading.final.strip())


SIZE = table(
    Measurement(measure=word_count, gives="count"),
    Measurement(measure=sentence_count, gives="count"),
    Measurement(measure=longest_sentence, gives="count"),
    Measurement(measure=first_sentence, gives="count", missing="no sentence"),
    Measurement(measure=last_sentence, gives="count", missing="no sentence"),
    Measurement(measure=first_line, gives="count"),
    Measurement(measure=longest_line, gives="count"),
    Measurement(measure=longest_word, gives="count"),
    Measurement(measure=character_count, gives="count"),
)
