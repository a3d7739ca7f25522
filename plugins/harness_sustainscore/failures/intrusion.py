"""The constraint becomes the content, or takes the attention: classes 5 and 6."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from harness_suites.grading import numeric, programs, qa
from harness_sustainscore.failures.arithmetic import equations
from harness_sustainscore.failures.case import (
    REMEMBERED,
    WORD,
    Failure,
    Finding,
    digits_of,
    may_hold,
    may_say,
    vocabulary,
    words,
)
from harness_sustainscore.failures.reading import stated_expressions, stated_words

QUOTED = re.compile(r"[\"“'‘`]([^\"”'’`\n]{2,40})[\"”'’`]")  # noqa: RUF001  # as constraints are written
GRAM = 5
#: The share of the words that speak of the constraint (method 6, class 6).
MOST_SHARE, MOST_TIMES = 0.05, 3.0
#: Base answers speak of requirements too; below this share their rate says nothing.
LEAST_RATE = 0.01
#: One remark in passing ("I need to find ...") is no fixation, however short the answer.
FEWEST_REMARKS = 2
SPEAKS_OF_IT = re.compile(
    r"(?i)\b(?:constraints?|as requested|as required|as instructed|must (?:include|contain|use|avoid)|word counts?"
    r"|I (?:need|have) to|(?:the )?instructions? (?:says?|asks?|requires?|is)|requirements?|required)\b"
)
COUNTS = re.compile(
    r"(?i)\b(?:let me (?:re)?count|count(?:ing)? (?:again|the words|words)|let me (?:try again|rewrite|redo|rephrase)"
    r"|that(?:'s| is) \d+ (?:words?|sentences?|lines?|characters?))\b"
)
#: One of these is in whatever the two say.
NEEDED = (
    *("constraint", "as requested", "as required", "as instructed", "must ", "word count", "need to", "have to"),
    *("instruction", "requi"),
)
COUNTED = ("let me ", "count", "that")
#: Times that a text counts or starts anew before that is called a loop.
LOOPS = 2


def constraint_as_content(failure: Failure) -> Iterator[Finding]:
    """Yield numbers and words that came from the constraint alone, and are computed with or given as the answer."""
    before = [failure.question, *failure.sources]
    named = numbers_of(failure.constraints)
    foreign = foreign_numbers(named, before) if named and may_use(failure, named) else frozenset()
    if foreign:
        yield from used_numbers(failure, foreign)
    if failure.form == "words":
        yield from used_words(failure, before)


def foreign_numbers(named: frozenset[Fraction], before: Sequence[str]) -> frozenset[Fraction]:
    """Return the numbers that no text before has; a text without their digits is not read."""
    return named - numbers_of(tuple(text for text in before if may_hold(text, named)))


def may_use(failure: Failure, numbers: frozenset[Fraction]) -> bool:
    """Whether an answer holds the digits of one of some numbers, or states it: asked before all others are read."""
    digits = digits_of(numbers)
    if failure.form == "program" or digits is None:
        return True
    bare = failure.answer.replace(",", "")
    if any(one in bare for one in digits):
        return True
    stated = stated_expressions(failure.answer)
    return bool(stated) and not {str(number) for number in numbers}.isdisjoint(one.value for one in stated)


def used_numbers(failure: Failure, foreign: frozenset[Fraction]) -> Iterator[Finding]:
    """Yield where numbers of the constraint are operands, literals of a program, or the final answer."""
    text = failure.answer
    if failure.form == "program":
        program = programs.written(text)
        shift = max(text.find(program), 0)
        places = [
            (place.start() + shift, place.end() + shift)
            for place in numeric.NUMBER.finditer(program)
            if numeric.value_of(place) in foreign
        ]
    else:
        places = [(one.start, one.end) for one in equations(text) if foreign & one.operands]
        finals = {str(value) for value in foreign}
        places += [(one.start, one.end) for one in stated_expressions(text) if one.value in finals]
    if places:
        spans = tuple(failure.span(start, end, "from the constraint") for start, end in places)
        yield Finding(kind="constraint_as_content", detail="a number of the constraint is computed with", spans=spans)


def used_words(failure: Failure, before: Sequence[str]) -> Iterator[Finding]:
    """Yield where a quoted word of the constraint is given as the answer."""
    known = " ".join(qa.normalised(text) for text in (*before, *failure.golds))
    quoted = {qa.normalised(word) for text in failure.constraints for word in QUOTED.findall(text)}
    foreign = {word for word in quoted if word and not re.search(rf"\b{re.escape(word)}\b", known)}
    for one in stated_words(failure.answer):
        if any(re.search(rf"\b{re.escape(word)}\b", one.value) for word in foreign):
            span = failure.span(one.start, one.end, "from the constraint")
            yield Finding(kind="constraint_as_content", detail="a word of the constraint is the answer", spans=(span,))
            return


@lru_cache(maxsize=REMEMBERED)
def numbers_of(texts: tuple[str, ...]) -> frozenset[Fraction]:
    """Return the numbers in texts."""
    return frozenset().union(*map(numbers_in, texts))


@lru_cache(maxsize=REMEMBERED)
def numbers_in(text: str) -> frozenset[Fraction]:
    """Return the numbers in a text."""
    return frozenset(numeric.numbers(text))


def constraint_fixation(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where much of a text, or of its thinking, repeats the constraint or speaks of it."""
    grams, thinking = grams_in(failure.constraints), failure.thinking
    for where, text, shift in (("", failure.answer, 0), (" in its thinking", thinking, -len(thinking))):
        places = spoken(text, grams)
        if not places or (len(places) < FEWEST_REMARKS and not copied(text, grams)):
            continue
        share, rate = share_of(places, text), usual_rate(failure.sources, grams)
        if share > rate and (share > MOST_SHARE or share > MOST_TIMES * rate):
            spans = tuple(failure.span(a + shift, b + shift, "speaks of the constraint") for a, b in places)
            yield Finding(kind="constraint_fixation", detail=f"{share:.0%} of its words{where}", spans=spans)
    whole, shift = thinking + failure.answer, len(thinking)
    found = COUNTS.finditer(whole) if may_say(whole, COUNTED) else ()
    counts = [(place.start() - shift, place.end() - shift) for place in found]
    if len(counts) >= LOOPS:
        spans = tuple(failure.span(a, b, "counts") for a, b in counts)
        yield Finding(kind="constraint_fixation", detail="counts or starts again", spans=spans)


def usual_rate(sources: Sequence[str], grams: frozenset[tuple[str, ...]]) -> float:
    """Return the share of the words that the solved base answers spend on the constraint, or the least that counts."""
    usual = [share_of(spoken(text, grams), text) for text in sources]
    return max(sum(usual) / len(usual) if usual else 0.0, LEAST_RATE)


@lru_cache(maxsize=REMEMBERED)
def grams_in(constraints: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """Return the runs of words of constraints, of a short one all of it."""
    named = [words(text) for text in constraints]
    return frozenset(gram for one in named for gram in grams_of(one, min(GRAM, len(one))) if len(gram) > 1)


def grams_of(named: Sequence[str], width: int) -> Iterator[tuple[str, ...]]:
    """Return the runs of so many words."""
    return zip(*(named[at:] for at in range(width)), strict=False)


def spoken(text: str, grams: frozenset[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Return where a text repeats runs of words of the constraint or speaks of it, joined, in order."""
    remarks = SPEAKS_OF_IT.finditer(text) if may_say(text, NEEDED) else ()
    return joined((*((place.start(), place.end()) for place in remarks), *copied(text, grams)))


def copied(text: str, grams: frozenset[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Return where a text holds one of some runs of words."""
    if not any(map(vocabulary(text).issuperset, grams)):  # sooner seen than whether they stand in a row
        return []
    widths, named = {len(gram) for gram in grams}, words(text)
    if all(grams.isdisjoint(grams_of(named, width)) for width in widths):
        return []
    places = list(WORD.finditer(text))
    names = [place[0].lower() for place in places]
    return [
        (places[at].start(), places[at + width - 1].end())
        for width in widths
        for at in range(len(names) - width + 1)
        if tuple(names[at : at + width]) in grams
    ]


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that touch as one.

    >>> joined([(4, 9), (0, 5), (12, 13)])
    [(0, 9), (12, 13)]
    """
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def share_of(spans: Iterable[tuple[int, int]], text: str) -> float:
    """Return the share of the words of a text that lie in spans."""
    whole = len(words(text))
    return sum(len(words(text[start:end])) for start, end in spans) / whole if whole else 0.0
