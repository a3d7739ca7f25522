"""IFBench's group `count`: how many words, numbers, names or marks a response has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness_ifeval.ifeval import uses
from harness_ifeval.instruction import Check
from harness_ifeval.lexicon import CONJUNCTIONS, NAMES, PRONOUNS
from harness_ifeval.texts import bare, tokens, trimmed, words

#: How often each of the five keywords is wanted.
TIMES = (1, 2, 3, 5, 7)
_INTERROBANGS = ("?!", "!?")
_MARKS = ".,!?;:"
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


def word_count_range(text: str, *, min_words: int, max_words: int) -> bool:
    """Whether the number of runs of word characters is in a range, both ends in."""
    return min_words <= len(words(text)) <= max_words


def unique_words(text: str) -> int:
    """Return the number of different words, whatever their case and the marks around them."""
    return len({trimmed(word) for word in text.lower().split()})


def conjunctions(text: str) -> int:
    """Return the number of different coordinating conjunctions, as they are written: "And" is not "and,"."""
    return len({word for word in text.split() if trimmed(word).lower() in CONJUNCTIONS})


def person_names(text: str) -> int:
    """Return the number of different names of the published list."""
    found = set(words(text))
    return sum(name in found for name in NAMES)


def numbers(text: str) -> int:
    """Return the number of runs of digits; marks inside a number do not part it.

    >>> numbers("1,000 and 3.5 or 7-8")
    3
    """
    return len(re.findall(r"\d+", bare(text)))


def pronouns(text: str) -> int:
    """Return the number of pronouns, those of a set like she/her counted each."""
    return sum(token in PRONOUNS for token in tokens(text.lower().replace("/", " ")))


def every_mark(text: str) -> bool:
    """Whether each of . , ! ? ; : occurs, apart from one interrobang."""
    found = next((mark for mark in _INTERROBANGS if mark in text), None)
    if found is None and "\u203d" not in text:
        return False
    rest = text if found is None else text.replace(found, "", 1)
    return all(mark in rest for mark in _MARKS)


def keywords_multiple(text: str, *, keyword1: str, keyword2: str, keyword3: str, keyword4: str, keyword5: str) -> bool:
    """Whether five keywords occur once, twice, three, five and seven times, as words of their own."""
    wanted = zip((keyword1, keyword2, keyword3, keyword4, keyword5), TIMES, strict=True)
    return all(uses(text, keyword.strip()) == times for keyword, times in wanted)


def words_japanese(text: str, *, N: int) -> bool:
    """Whether every N-th word between white space is Japanese; numbers and marks are let through."""
    if N < 1:
        return False
    every = (trimmed(word) for word in text.split()[N - 1 :: N])
    return all(_JAPANESE.search(word) for word in every if word and not word.isdigit())


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "count:word_count_range": word_count_range,
    "count:unique_word_count": lambda text, N: unique_words(text) >= N,
    "count:conjunctions": lambda text, small_n: conjunctions(text) >= small_n,
    "count:person_names": lambda text, N: person_names(text) >= N,
    "count:numbers": lambda text, N: numbers(text) == N,
    "count:pronouns": lambda text, N: pronouns(text) >= N,
    "count:punctuation": every_mark,
    "count:keywords_multiple": keywords_multiple,
    "count:words_japanese": words_japanese,
}
