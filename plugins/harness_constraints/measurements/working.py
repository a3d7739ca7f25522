"""How an answer works: its equations, its variables, its checks, and how it uses what it was given."""

from __future__ import annotations

import re

from harness_constraints.measurements.base import Measurement, has_prose, table
from harness_constraints.reading import Reading

_ANNOTATION = re.compile(r"<<[^<>\n]{0,200}>>")
_EQUATION = re.compile(r"[\w)%\]}$]\s*(?<![=<>!:~])=(?![=>])\s*[-\u2212$\u20ac\u00a3(\\\[{]{0,3}\w")
_EQUATION_LINE = re.compile(r"^[^\n=]{0,120}=[^\n]{0,200}$", re.MULTILINE)
_DEFINITION = re.compile(
    r"\b(?:let|denote|call|define|suppose|assume)\b[^.\n]{0,60}?"
    r"(?:\b[a-zA-Z]\b\s*(?:=|be\b|as\b|is\b|represent|denote|stand)"
    r"|\bas\s+[a-zA-Z]\b|\bby\s+[a-zA-Z]\b|\x1a\s*(?:be\b|as\b|represent|denote|stand))",
    re.IGNORECASE,
)
_STEP_BY_STEP = re.compile(r"\bstep[- ]by[- ]step\b")
_CITATION = re.compile(r"\[\d{1,3}\]")
_SOURCE = re.compile(
    r"\b(?:according to|based on|as stated in|given in|from) the (?:context|passages?|paragraphs?|text|documents?"
    r"|articles?)\b|\bthe (?:context|passages?|paragraphs?|documents?|articles?|text)"
    r" (?:says?|states?|mentions?|tells?|above)\b"
)
_ANSWER = re.compile(r"\banswer(?:\s+(?:is|to)\b|\s*:|\[|\()|\bfinish\[|####")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_REFUSALS = ("i cannot", "i can't", "i am unable", "i'm unable", "i don't know", "i do not know", "as an ai ")
_DEFINERS = ("let", "denote", "call", "define", "suppose", "assume")


def equations(reading: Reading) -> int | None:
    """Return the number of equations: an equals sign between two operands; GSM8K's <<1+1=2>> is not counted twice."""
    if not has_prose(reading):
        return None
    if "=" not in reading.prose:
        return 0
    return len(_EQUATION.findall(_ANNOTATION.sub("", reading.prose)))


def equation_lines(reading: Reading) -> int | None:
    """Return the number of lines with an equation and no word of two letters beside it."""
    if not has_prose(reading):
        return None
    if "=" not in reading.prose:
        return 0
    return sum(_LETTERS.search(line) is None for line in _EQUATION_LINE.findall(reading.prose))


def definitions(reading: Reading) -> int | None:
    """Return the number of places that name a variable: "let x be", "denote the price by p" and the like."""
    if not has_prose(reading):
        return None
    return len(_DEFINITION.findall(reading.plain)) if any(word in reading.vocabulary for word in _DEFINERS) else 0


def step_by_step(reading: Reading) -> int | None:
    """Return how often it says "step by step"."""
    if not has_prose(reading):
        return None
    return len(_STEP_BY_STEP.findall(reading.small)) if "step" in reading.small else 0


def early_answer(reading: Reading) -> bool | None:
    """Return whether the answer is announced ("the answer is", "Answer:") in the first half of the text."""
    if not has_prose(reading):
        return None
    first = _ANSWER.search(reading.small) if _may_announce(reading) else None
    return first is not None and first.start() < len(reading.plain.rstrip()) // 2


def announced_answers(reading: Reading) -> int | None:
    """Return how often an answer is announced: "the answer is", "Answer:", "####"."""
    if not has_prose(reading):
        return None
    return len(_ANSWER.findall(reading.small)) if _may_announce(reading) else 0


def _may_announce(reading: Reading) -> bool:
    return any(mark in reading.small for mark in ("answer", "finish[", "####"))


def citations(reading: Reading) -> int | None:
    """Return the number of numbered references, as in [2]."""
    return len(_CITATION.findall(reading.prose)) if has_prose(reading) else None


def source_mentions(reading: Reading) -> int | None:
    """Return how often it speaks of the text it was given: "according to the passage", "the context says"."""
    return len(_SOURCE.findall(reading.small)) if has_prose(reading) else None


def refusals(reading: Reading) -> int | None:
    """Return the number of phrases that say it cannot answer: "I cannot", "I don't know", "as an AI"."""
    return sum(map(reading.small.count, _REFUSALS)) if has_prose(reading) else None


def full_sentence_end(reading: Reading) -> bool | None:
    """Return whether the last line is a full sentence: four words or more, a capital first, a full stop last."""
    if not has_prose(reading):
        return None
    last = reading.plain.strip().rsplit("\n", 1)[-1].strip(" *_")
    return len(last.split()) >= 4 and last[:1].isupper() and last[-1:] in ".!"  # noqa: PLR2004  # as the docstring says


WORKING = table(
    Measurement(measure=equations, gives="count"),
    Measurement(measure=equation_lines, gives="count"),
    Measurement(measure=definitions, gives="count"),
    Measurement(measure=step_by_step, gives="count"),
    Measurement(measure=early_answer, gives="fact"),
    Measurement(measure=announced_answers, gives="count"),
    Measurement(measure=citations, gives="count"),
    Measurement(measure=source_mentions, gives="count"),
    Measurement(measure=refusals, gives="count"),
    Measurement(measure=full_sentence_end, gives="fact"),
)
