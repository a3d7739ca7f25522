"""How an answer works: its equations, its variables, its checks, and how it uses what it was given."""

from __future__ import annotations

import re
from itertools import pairwise

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.phrases import mentions
from harness_constraints.reading import Reading

_ANNOTATION = re.compile(r"<<[^<>\n]{0,200}>>")
_OPERAND_ENDS = frozenset("_)%]}$\u00b0")
_OPERAND_BEGINS = re.compile(r"\s*[-+\u2212$\u20ac\u00a3(\\\[{~\u2248]{0,3}\s?\w")
_NEAR = 40
_DEFINITION = re.compile(
    r"\b(?:let|denote|call|define|suppose|assume)\b[^.\n]{0,60}?"
    r"(?:\b[a-zA-Z]\b\s*(?:=|be\b|as\b|is\b|represent|denote|stand)"
    r"|\bas\s+[a-zA-Z]\b|\bby\s+[a-zA-Z]\b|\x1a\s*(?:be\b|as\b|represent|denote|stand))",
    re.IGNORECASE,
)
_STEP_BY_STEP = re.compile(r"step[- ]by[- ]step(?<!\wstep.by.step)\b")
_CITATION = re.compile(r"\[\d{1,3}\]")
_SOURCE = re.compile(
    r"\b(?:according to|based on|as stated in|given in|from) the (?:context|passages?|paragraphs?|text|documents?"
    r"|articles?)\b|\bthe (?:context|passages?|paragraphs?|documents?|articles?|text)"
    r" (?:says?|states?|mentions?|tells?|above)\b"
)
_PARAGRAPH = re.compile(
    r"\b(?:paragraphs?|passages?|documents?|sources?|articles?)\s*(?:no\.?\s*)?[#\[(]{0,2}\d{1,3}\b"
)
#: The marks of an announced answer, each with its own first letters, so that `re` skips to them.
_ANNOUNCED = (
    ("answer", re.compile(r"answer(?<!\wanswer)(?:\s+(?:is|to)\b|\s*:|\[|\()")),
    ("finish[", re.compile(r"finish\[(?<!\wfinish\[)")),
    ("####", re.compile(r"####")),
)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_REFUSAL = re.compile(
    r"\b(?:i (?:cannot|can't|can not|am unable|don't know|do not know|am not able)|i'm (?:unable|not able)|as an ai\b)"
)
_CHECK = re.compile(
    r"\b(?:let's|let us|we|i|can|to|now|and|by|please)\s+(?:now\s+|can\s+|also\s+)?(?:double-?\s?)?"
    r"(?:check|verify|confirm)\b"
    r"|\b(?:checking|verifying|verification|double-check\w*|verif(?:y|ies|ied)|confirms?)\b|\bcheck:"
)
_DEFINERS = frozenset({"let", "denote", "call", "define", "suppose", "assume"})
_SOURCES = ("context", "passage", "paragraph", "text", "document", "article", "source")
#: How what is said by one who cannot answer begins.
_CANNOT = ("i c", "i a", "i d", "i'm", "i\u2019m", "as an ai")


def equations(reading: Reading) -> int:
    """Return the number of equals signs between two operands; GSM8K's <<1+1=2>> is not counted twice."""
    if "=" not in reading.prose:
        return 0
    prose = _ANNOTATION.sub("", reading.prose) if "<<" in reading.prose else reading.prose
    return sum(
        [
            ((last := left[-_NEAR:].rstrip()[-1:]).isalnum() or last in _OPERAND_ENDS)
            and _OPERAND_BEGINS.match(right, 0, _NEAR) is not None
            for left, right in pairwise(prose.split("="))
        ]
    )


def equation_lines(reading: Reading) -> int:
    """Return the number of lines with an equation and no word of two letters beside it."""
    if "=" not in reading.prose:
        return 0
    lines = [line for line in reading.prose.split("\n") if "=" in line]
    return sum([len(line) <= 320 and _LETTERS.search(line) is None for line in lines])  # noqa: PLR2004  # a line, no page


def definitions(reading: Reading) -> int:
    """Return the number of places that name a variable: "let x be", "denote the price by p" and the like."""
    return 0 if _DEFINERS.isdisjoint(reading.used) else len(_DEFINITION.findall(reading.head))


def step_by_step(reading: Reading) -> int:
    """Return how often it says "step by step"."""
    return len(_STEP_BY_STEP.findall(reading.small)) if "step" in reading.small else 0


def early_answer(reading: Reading) -> bool:
    """Return whether the answer is announced ("the answer is", "Answer:") in the first half of the text."""
    places: list[int] = reading[_announced]
    return bool(places) and min(places) < len(reading.small.rstrip()) // 2


def announced_answers(reading: Reading) -> int:
    """Return how often an answer is announced: "the answer is", "Answer:", "####"."""
    return len(reading[_announced])


def _announced(reading: Reading) -> list[int]:
    """Return where an answer is announced."""
    small = reading.small
    return [use.start() for mark, how in _ANNOUNCED if mark in small for use in how.finditer(small)]


def citations(reading: Reading) -> int:
    """Return the number of numbered references, as in [2]."""
    return len(_CITATION.findall(reading.prose)) if "[" in reading.prose else 0


def source_mentions(reading: Reading) -> int:
    """Return how often it speaks of the text it was given: "according to the passage", "the context says"."""
    return len(_SOURCE.findall(reading.small)) if _names_a_source(reading) else 0


def paragraph_mentions(reading: Reading) -> int:
    """Return how often it names a paragraph of the text it was given by its number: "passage 2", "Document [3]"."""
    return len(_PARAGRAPH.findall(reading.small)) if _names_a_source(reading) else 0


def _names_a_source(reading: Reading) -> bool:
    return mentions(reading.small, _SOURCES)


def refusals(reading: Reading) -> int:
    """Return the number of phrases that say it cannot answer: "I cannot", "I don't know", "as an AI"."""
    small = reading.small
    return len(_REFUSAL.findall(small.replace("\u2019", "'"))) if mentions(small, _CANNOT) else 0


def full_sentence_end(reading: Reading) -> bool:
    """Return whether the last line is a full sentence: four words or more, a capital first, a full stop last."""
    last = reading.plain.strip().rsplit("\n", 1)[-1].strip(" *_")
    return last[-1:] in {".", "!"} and last[:1].isupper() and len(last.split(None, 3)) > 3  # noqa: PLR2004  # as it says


def final_check(reading: Reading) -> bool:
    """Return whether one of the last three sentences checks the result: "let's check", "this confirms"."""
    if not mentions(reading.small, ("check", "verif", "confirm")):
        return False
    return any(_CHECK.search(reading.small, start, end) is not None for start, end in reading.sentences[-3:])


WORKING = table(
    Measurement(measure=equations, gives="count"),
    Measurement(measure=equation_lines, gives="count"),
    Measurement(measure=definitions, gives="count"),
    Measurement(measure=step_by_step, gives="count"),
    Measurement(measure=early_answer, gives="fact"),
    Measurement(measure=announced_answers, gives="count"),
    Measurement(measure=citations, gives="count"),
    Measurement(measure=source_mentions, gives="count"),
    Measurement(measure=paragraph_mentions, gives="count"),
    Measurement(measure=refusals, gives="count"),
    Measurement(measure=full_sentence_end, gives="fact"),
    Measurement(measure=final_check, gives="fact"),
)
