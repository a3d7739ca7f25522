"""One answer, read once and measured by every constraint type: its scopes, words, sentences, outline and program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar

from harness.thinking import final_part
from harness_constraints import fences, formulas, markdown, normal, sentences, words
from harness_constraints.phrases import mentions
from harness_constraints.program import Program, program_of

#: No answer is longer.
LIMIT = 100_000
_NUMBER = re.compile(r"\d\d*+(?:,++\d++)*+(?:\.\d++)*+")  # a class of characters first: `re` skips to the next of them
#: One of these is in any program that stands without a fence.
_CODE_WORDS = ("def ", "return", "import ", "print(", "for ", "while ", "class ")
#: A line that begins as one of a program does. What has none is not tried as a program that stands without a fence.
_CODE_LINE = re.compile(r"\n[ \t]*(?:async|assert|class|def|for|from|if|import|print|return|try|while|with|@)\b")


Seen = TypeVar("Seen")


class View(Generic[Seen]):
    """A `cached_property` without the lock that it has before Python 3.12: no reading waits for another."""

    def __init__(self, make: Callable[[Any], Seen]) -> None:
        self.make = make
        self.name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, reading: Any, _: Any = None) -> Seen:
        """Return what is made of a reading, which from now on has it as its own."""
        made = reading.__dict__[self.name] = self.make(reading)
        return made


class Reading(dict[Any, Any]):
    """An answer, taken apart on demand. Every view is of the final part, after any thinking.

    `reading[measure]` is what a function gives of it: found when it is first asked for, and kept.
    """

    def __init__(self, text: str) -> None:
        final = final_part(normal.normalised(text))
        #: Whether thinking was begun and never ended: there is no final part to measure.
        self.truncated = final is None
        self.final = final or ""
        #: Whether there is nothing to measure.
        self.unfit = self.truncated or normal.is_blank(self.final)

    def __missing__(self, measure: Callable[[Reading], Any]) -> Any:
        """Measure what nobody has asked for yet."""
        value = self[measure] = measure(self)
        return value

    @View
    def _parted(self) -> tuple[str, tuple[fences.Block, ...]]:
        return fences.split_fences(self.final)

    @View
    def prose(self) -> str:
        """What is not code: neither fenced, nor a program that is the whole answer."""
        prose, blocks = self._parted
        may_be_code = not blocks and _CODE_LINE.search(f"\n{prose}") and mentions(prose, _CODE_WORDS)
        return "" if may_be_code and self.program is not None else prose

    @property
    def blocks(self) -> tuple[fences.Block, ...]:
        """The fenced blocks."""
        return self._parted[1]

    @View
    def formulas(self) -> list[tuple[int, int]]:
        """Where the formulas of the prose are."""
        return formulas.formula_spans(self.prose)

    @View
    def text(self) -> str:
        """The prose with each formula as one substitute character."""
        return formulas.masked(self.prose, self.formulas)

    @View
    def plain(self) -> str:
        """The prose with each formula and each code span as one substitute character."""
        return formulas.without_code_spans(self.text)

    @property
    def head(self) -> str:
        """The plain prose, for expressions that look far around: of a text longer than any answer, its beginning."""
        return self.plain if len(self.plain) <= LIMIT else self.plain[:LIMIT]

    @View
    def small(self) -> str:
        """The plain prose in small letters."""
        return self.plain.lower()

    @View
    def numbers(self) -> list[str]:
        """The numbers of the prose as they are written, formulas included."""
        return _NUMBER.findall(self.prose)

    @View
    def outline(self) -> markdown.Outline:
        """The Markdown of the prose."""
        return markdown.outline(self.text)

    @property
    def _ends_between_words(self) -> bool:
        """Whether no sentence ends within a word, as in ASCII, and words are what one expression finds."""
        return self.plain.isascii() and "_" not in self.plain and len(self.plain) <= sentences.LIMIT

    @View
    def _counted(self) -> tuple[list[str], list[int]]:
        """The words of the prose, and how many each sentence has, in one pass."""
        plain, words_in = self.plain, words.ASCII_WORD.findall
        found: list[str] = []
        lengths: list[int] = []
        at = 0
        for start, end in self.sentences:
            if start > at + 1:  # more than the space between two
                found += words_in(plain, at, start)
            sentence = words_in(plain, start, end)
            found += sentence
            lengths.append(len(sentence))
            at = end
        return found + words_in(plain, at), lengths

    @View
    def words(self) -> list[str]:
        """The words of the prose."""
        return self._counted[0] if self._ends_between_words else words.words(self.plain)

    @View
    def sentence_lengths(self) -> list[int]:
        """The number of words of each sentence."""
        if self._ends_between_words:
            return self._counted[1]
        return [len(words.words(self.plain[start:end])) for start, end in self.sentences]

    @View
    def distinct(self) -> frozenset[str]:
        """The words of the prose, each once."""
        return frozenset(self.words)

    @View
    def vocabulary(self) -> Counter[str]:
        """How often each word of the prose is used, whatever its case."""
        return words.vocabulary(self.words)

    @View
    def used(self) -> frozenset[str]:
        """The words of the vocabulary, for comparison with lists."""
        return frozenset(self.vocabulary)

    @View
    def sentences(self) -> list[tuple[int, int]]:
        """Where the sentences of the plain prose are."""
        return sentences.sentence_spans(self.plain)

    @View
    def lines(self) -> list[str]:
        """The lines that are not empty, code included."""
        return [line for line in self.final.split("\n") if line.strip()]

    @View
    def program(self) -> Program | None:
        """The Python program the answer gives; None if there is none that parses."""
        return program_of(self.final, self.blocks)


@lru_cache(maxsize=32)
def reading_of(text: str) -> Reading:
    """Return the reading of an answer; all types ask for the same one in a row, so a few are remembered."""
    return Reading(text)
