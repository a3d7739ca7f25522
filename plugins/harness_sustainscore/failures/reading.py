"""Where a text states its final answer, and where the right one stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from harness_suites.grading import latex, numeric, qa
from harness_sustainscore.failures.case import REMEMBERED, may_hold, may_say

#: The part of an answer in which a right value counts as said at the end (method 6, class 2).
LAST_PART = 0.2
#: Characters of a line after a mark in which its value stands.
LINE = 500
#: Marks of one kind that are followed up, the last ones: one that says "####" a thousand times says nothing by it.
MOST_MARKS = 50
OPERATOR_BEFORE = re.compile(r"[-+*/\u00d7\u00f7^]\s*[$€£¥(]?\s*$")
OPERATOR_AFTER = re.compile(r"\s*[)%]?\s*(?:[-+*/\u00d7\u00f7^=]|\\times|\\cdot)\s*[($\d]")
#: The marks of a final answer that are no box: "####", "the answer is", a line that begins with "Answer:".
SIGN, PHRASE, HEADING = (re.compile(mark) for mark in numeric.MARKS if "boxed" not in mark)
#: How such a line begins; after a new line, which is sooner found.
HEADED = re.compile(r"(?i)\n[^\w\n]*(?:final )?a")
BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
RATIONAL = re.compile(r"-?\d+(?:/\d+)?")
PLAIN = re.compile(r"[^\d-]{0,3}-?\d[\d,]*(?:\.\d+)?(?:/\d+)?\s*\W{0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A final answer as a text states it: what it says, normalised, and where."""

    value: str
    start: int
    end: int


@lru_cache(maxsize=REMEMBERED)
def right_values(golds: tuple[str, ...]) -> frozenset[str]:
    r"""Return the right answers to a computation, normalised: what stands after "####", or the whole.

    >>> sorted(right_values(("16 - 7 = 9\n#### 1,080", "1080"))), sorted(right_values((r"\frac{1}{2}",)))
    (['1080'], ['\\frac{1}{2}'])
    """
    return frozenset(expression(gold.rsplit("####", 1)[-1]) for gold in golds if gold.strip())


def expression(text: str) -> str:
    r"""Return an expression normalised: a plain number by its value, LaTeX without spaces and sizes.

    >>> expression("$1,080.0"), expression(r"\left( \dfrac{1}{2}, 3 \right)")
    ('1080', '(\\frac{1}{2},3)')
    """
    bare = text.strip().strip("$ .")
    if PLAIN.fullmatch(bare):
        values = numeric.numbers(bare)
        if values:
            return str(values[-1])
    return re.sub(r"\\left|\\right|\\[,;! ]|\s|\\text\b", "", bare).replace("dfrac", "frac").replace("tfrac", "frac")


@lru_cache(maxsize=REMEMBERED)
def stated_expressions(text: str) -> tuple[Stated, ...]:
    r"""Return the final answers that a text marks as such, in order.

    >>> [one.value for one in stated_expressions("The answer is 3 + 4 = 7. So \\boxed{\\frac{1}{2}}.\n#### 12")]
    ['7', '\\frac{1}{2}', '12']
    """
    boxed = list(boxes(text))
    starts = [box.start for box in boxed]
    marked: dict[int, Stated] = {}
    for places in marks(text):
        for place in places[-MOST_MARKS:]:
            value = value_after(text, place.end())
            if value is None:
                continue
            before = bisect_right(starts, value.start) - 1
            if before < 0 or value.start >= boxed[before].end:
                marked.setdefault(value.start, value)
    return tuple(sorted([*boxed, *marked.values()], key=lambda one: one.start))


def marks(text: str) -> Iterator[list[re.Match[str]]]:
    """Yield where the marks of a text stand that are no box, by kind."""
    if "####" in text:
        yield list(SIGN.finditer(text))
    if may_say(text, ("answer",)):
        yield list(PHRASE.finditer(text))
    if HEADED.search(f"\n{text}"):
        yield list(HEADING.finditer(text))


def boxes(text: str) -> Iterator[Stated]:
    """Yield what stands in boxes."""
    for place in BOX.finditer(text) if "box" in text else ():
        following = text.find("\\boxed", place.end())
        inside = latex.boxed(text[place.start() : following if following > 0 else len(text)])
        if inside:
            start = text.find(inside, place.end())
            yield Stated(value=expression(inside), start=start, end=start + len(inside))


def value_after(text: str, start: int) -> Stated | None:
    """Return the number that follows a mark on its line; the last of a computation that follows it."""
    stop = text.find("\n", start, start + LINE)
    stop = stop if stop >= 0 else start + LINE
    point = text.find(". ", start, stop)
    stop = point if point >= 0 else stop
    last = None
    for number in numeric.NUMBER.finditer(text, start, stop):
        value = numeric.value_of(number)
        if value is None:
            continue
        last = Stated(value=str(value), start=number.start(), end=number.end())
        if not OPERATOR_AFTER.match(text, number.end()):
            break
    return last


@lru_cache(maxsize=REMEMBERED)
def stated_words(text: str) -> tuple[Stated, ...]:
    r"""Return the answers in words that a text marks as such, in order.

    >>> [one.value for one in stated_words("The answer is Nick Park.\nAnswer: The Kansas Song")]
    ['nick park', 'kansas song']
    """
    found: dict[int, Stated] = {}
    for pattern in (qa.ANSWER_LINE, qa.ANSWER_PHRASE):
        for place in pattern.finditer(text):
            value = qa.normalised(place[1].split(". ", 1)[0])
            if value:
                found.setdefault(place.start(1), Stated(value=value, start=place.start(1), end=place.end(1)))
    return tuple(found[start] for start in sorted(found))


def last_part(text: str) -> int:
    """Return where the last fifth of a text begins, at a word."""
    start = int(len(text) * (1 - LAST_PART))
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    return start


def said_value(text: str, values: frozenset[str]) -> tuple[int, int] | None:
    """Return where the last fifth of a text says one of some values, not as a part of a computation; None if nowhere.

    >>> right, before = frozenset({"18"}), "x" * 60
    >>> said_value(f"{before} so 18 eggs", right), said_value(f"{before} so 18 + 2 = 20", right)
    ((64, 66), None)
    """
    start = last_part(text)
    numbers = whole_numbers(values)
    holds = bool(numbers) and may_hold(text[start:], numbers)
    for number in reversed(list(numeric.NUMBER.finditer(text, start))) if holds else ():
        if numeric.value_of(number) in numbers and not computes(text, number.start(), number.end()):
            return number.start(), number.end()
    for value in values:
        if not numbers and len(value) > 1 and value in text[start:]:
            at = text.rindex(value)
            return at, at + len(value)
    return None


@lru_cache(maxsize=REMEMBERED)
def whole_numbers(values: frozenset[str]) -> frozenset[Fraction]:
    """Return the values that are numbers."""
    return frozenset([Fraction(*map(int, value.split("/"))) for value in values if RATIONAL.fullmatch(value)])


def computes(text: str, start: int, end: int) -> bool:
    """Whether the number at a place is an operand of a computation."""
    before = text[max(0, start - 8) : start]
    return bool(OPERATOR_AFTER.match(text, end)) or bool(OPERATOR_BEFORE.search(before))


def said_words(text: str, golds: Sequence[str]) -> tuple[int, int] | None:
    """Return where the last fifth of a text says one of some answers word for word; None if nowhere.

    >>> said_words("Many words about music, then more of them. It is the Kansas Song", ["Kansas Song"])
    (53, 64)
    """
    start = last_part(text)
    for gold in golds:
        if qa.normalised(gold) in qa.CLOSED or not gold.strip():
            continue
        parts = r"\W+".join(map(re.escape, re.findall(r"\w+", gold)))
        place = re.compile(rf"(?i)(?<!\w){parts}(?!\w)").search(text, start) if parts else None
        if place is not None:
            return place.start(), place.end()
    return None
