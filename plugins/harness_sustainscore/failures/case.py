"""A failed answer beside what it failed against: all that a rule may look at, and what a rule says."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from statistics import median
from typing import Literal

from harness import Evidence
from harness.data import Finish
from harness.thinking import final_start

#: The classes of a failure, in the order in which they are asked for: the first that fits is the primary one.
KINDS = (
    "infrastructure",
    "truncation",
    "output_specification",
    "answer_conflict",
    "refusal",
    "constraint_as_content",
    "constraint_fixation",
    "curtailed_reasoning",
    "calculation_slip",
    "wrong_plan",
    "hop_error",
    "unexplained",
)

#: What an answer is: an expression to be compared, a program to be run, a few words to be matched.
Form = Literal["expression", "program", "words"]

#: Characters of an answer that the rules read; only whether it loops is asked of all.
LONGEST = 100_000
#: Texts of which is remembered what was read: those of one document are looked at again and again.
REMEMBERED = 128

WORD = re.compile(r"\w+(?:['’]\w+)*")  # noqa: RUF001  # both apostrophes are written
#: What becomes of the characters of ASCII where only words are wanted: letters in lower case, blanks.
BARE = "".join(sign.lower() if sign.isalnum() or sign == "_" else " " for sign in map(chr, range(128)))
LETTERS = (string.ascii_letters + string.digits + "_").encode()
CASELESS = str.maketrans({"\u017f": "s", "\u0131": "i"})
NUMERIC = re.compile(r"[-+$€£¥]*\d[\d,]*(?:\.\d+)?(?:/\d+)?\s*%?\.?")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One failed answer, whose parts are made once for all rules. Texts are whole; offsets are characters of `text`."""

    form: Form
    #: The answer as it came.
    text: str
    finish: Finish = "stop"
    #: What the lenient grade says; None where there is none.
    lenient: bool | None = None
    #: What the grader saw of it ("failed: NameError").
    note: str = ""
    #: The prompt of the base arm.
    question: str = ""
    #: Texts of the constraints that the item was asked with, in whatever arm this answer stands.
    constraints: tuple[str, ...] = ()
    #: Base answers that were solved; the source of the constraints first.
    base: tuple[str, ...] = ()
    golds: tuple[str, ...] = ()
    #: Answers on the way and titles of supporting passages.
    hops: tuple[str, ...] = ()
    #: Regular expression of the marks by which answers of the task are found.
    channel: str = ""

    @cached_property
    def part(self) -> tuple[int, int]:
        """Which characters of `text` are `answer`."""
        return read_part(self.text, self.form)

    @cached_property
    def answer(self) -> str:
        """The part after the thinking; all of it where the thinking was never closed. Of an endless one a part."""
        start, end = self.part
        return self.text[start:end]

    @cached_property
    def thinking(self) -> str:
        """The part before the answer, of an endless one the end; offsets in it are meant from its own start."""
        start, _ = self.part
        return self.text[max(0, start - LONGEST) : start]

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The final parts of the base answers that were solved."""
        return final_parts(self.base, self.form)

    def span(self, start: int, end: int, label: str) -> Evidence:
        """Return characters of `answer` as characters of `text`; before its first they count down from -1."""
        shift, _ = self.part
        return Evidence(start=start + shift, end=end + shift, label=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule saw: its class, in a few words what, and where."""

    kind: str
    detail: str = ""
    spans: tuple[Evidence, ...] = ()


def read_part(text: str, form: Form) -> tuple[int, int]:
    """Return which characters of an answer are read: all after the thinking, up to a limit.

    Of an endless answer the end counts, where answers stand; of an endless program the beginning, which is run.
    """
    start = final_start(text) or 0
    if form == "program":
        return start, min(len(text), start + LONGEST)
    return max(start, len(text) - LONGEST), len(text)


@lru_cache(maxsize=REMEMBERED)
def final_parts(texts: tuple[str, ...], form: Form) -> tuple[str, ...]:
    """Return the parts of answers that are read: of the base answers once for all that failed beside them."""
    return tuple(text[slice(*read_part(text, form))] for text in texts)


def may_say(text: str, pieces: Sequence[str]) -> bool:
    """Whether a text holds one of some pieces in lower case: asked before a pattern that needs one of them is tried.

    A pattern without regard to case takes the long s for an s and the dotless i for an i, and so does this.

    >>> may_say("I AM SORRY", ("sorry",)), may_say("I am \u017forry", ("sorry",)), may_say("sore", ("sorry",))
    (True, True, False)
    """
    lowered = text.lower()
    if not lowered.isascii():
        lowered = lowered.translate(CASELESS)
    for piece in pieces:  # noqa: SIM110  # of every text, several times: a generator takes as long again
        if piece in lowered:
            return True
    return False


def may_hold(text: str, numbers: frozenset[Fraction]) -> bool:
    """Whether a text holds the digits of one of some numbers, or may write one otherwise: asked before it is read.

    >>> right = frozenset({Fraction(1080)})
    >>> may_hold("It makes 1,080.", right), may_hold("It makes 18.", right), may_hold("2160/2", right)
    (True, False, True)
    >>> may_hold("0.50", frozenset({Fraction(1, 2)}))
    True
    """
    digits = digits_of(numbers)
    if digits is None or "/" in text or not text.isascii():
        return True
    bare = text.replace(",", "")
    return any(one in bare for one in digits)


@lru_cache(maxsize=REMEMBERED)
def digits_of(numbers: frozenset[Fraction]) -> tuple[str, ...] | None:
    """Return the digits of whole numbers; None where one is none, which may be written in many ways."""
    if any(number.denominator != 1 for number in numbers):
        return None
    return tuple(str(abs(number)) for number in numbers)


def most_words(text: str) -> int:
    """Return how many words a text has at the most: between two of them stands a sign that is no letter.

    >>> most_words("So 3+4 is it."), len(words("So 3+4 is it."))
    (6, 5)
    """
    return 1 + len(text.encode("utf-8", "replace").translate(None, LETTERS))


@lru_cache(maxsize=REMEMBERED)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case.

    >>> words("So it's 3+4"), words("Three, FOUR")
    (('so', "it's", '3', '4'), ('three', 'four'))
    """
    if text.isascii() and "'" not in text:  # what the pattern finds, in a quarter of the time
        return tuple(text.translate(BARE).split())
    return tuple(WORD.findall(text.lower()))


def word_count(text: str) -> int:
    """Return how many words a text has."""
    return len(words(text))


@lru_cache(maxsize=REMEMBERED)
def vocabulary(text: str) -> frozenset[str]:
    """Return the different words of a text."""
    return frozenset(words(text))


def form_of(domain: str, golds: Sequence[str]) -> Form:
    """Return what answers of a task are: by its domain, and where that is not told by its right answers.

    >>> form_of("math", ()), form_of("code", ()), form_of("", ("1,080",)), form_of("multihop_qa", ("42",))
    ('expression', 'program', 'expression', 'words')
    """
    if "code" in domain:
        return "program"
    if domain.startswith("math"):
        return "expression"
    if not domain and golds and all(NUMERIC.fullmatch(gold.strip()) for gold in golds):
        return "expression"
    return "words"


@lru_cache(maxsize=REMEMBERED)
def usual(texts: tuple[str, ...], measure: Callable[[str], int]) -> float:
    """Return the median of a measure of texts; 0 of none.

    >>> usual(("One.", "Two words.", "These are three."), word_count)
    2.0
    """
    return float(median([measure(text) for text in texts])) if texts else 0.0
