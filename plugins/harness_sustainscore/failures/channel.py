"""The right answer in the wrong place, or two answers: classes 2 and 3.

These are the failures of which a strict grade makes "interference" although no ability was lost; that is why they
are told apart, and why D is given under the lenient grade too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from harness import Evidence
from harness_suites.grading import programs, qa
from harness_sustainscore.failures.case import Failure, Finding
from harness_sustainscore.failures.reading import (
    right_values,
    said_value,
    said_words,
    stated_expressions,
    stated_words,
)

KIND = "output_specification"
#: What a grader says of a text that it could not read as a program.
UNREAD = re.compile(r"\bsyntax\b|SyntaxError|IndentationError|TabError")
DEFINED = re.compile(r"(?m)^(?:async +)?(?:def|class) +([A-Za-z_]\w*)")


def output_specification(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where the right answer is there and the grader did not find it."""
    findings = list({"expression": expressed, "words": worded, "program": programmed}[failure.form](failure))
    if not findings and failure.lenient:
        findings = [Finding(kind=KIND, detail="right by the lenient grade")]
    yield from findings
    if findings and displaced(failure):
        yield Finding(kind=KIND, detail="answer channel displaced")


def expressed(failure: Failure) -> Iterator[Finding]:
    """Find a right value: stated as an answer, or said at the end of a text that marks none."""
    right, text = right_values(failure.golds), failure.answer
    stated = stated_expressions(text)
    for one in stated:
        if one.value in right:
            yield found(failure, one.start, one.end, "stated, but not read by the grader")
            return
    last = max([one.end for one in stated], default=0)
    place = said_value(text, right) if text[last:].strip() else None
    if place is not None and place[0] >= last:
        yield found(failure, *place, "said at the end, without a mark")


def worded(failure: Failure) -> Iterator[Finding]:
    """Find right words: stated as an answer with others around them, or said at the end of a text that marks none."""
    text, golds = failure.answer, failure.golds
    stated = stated_words(text)
    for one in stated:
        if qa.close(one.value, golds):
            yield found(failure, one.start, one.end, "stated, but not as the grader wants it")
            return
    place = None if stated else said_words(text, golds)
    if place is not None:
        yield found(failure, *place, "said at the end, without a mark")


def programmed(failure: Failure) -> Iterator[Finding]:
    """Find what keeps a program from being read as one: no program at all, text around it, no entry point."""
    text, note = failure.answer, failure.note
    if note == "no code":
        yield Finding(kind=KIND, detail="no program at all")
        return
    program = programs.written(text)
    unread = UNREAD.search(note) is not None
    line = programs.fault(program) if unread or not note else 0
    if unread or (line and all(programs.parses(programs.written(one)) for one in failure.sources)):
        yield broken(failure, program, line or 1)
        return
    wanted = entry_point(failure)
    if wanted and not programs.defines(program, wanted):
        yield Finding(kind=KIND, detail=f"entry point {wanted} is missing")
    elif failure.lenient:
        yield Finding(kind=KIND, detail="text around the program breaks it")
    elif not note and failure.sources and all(bool(programs.blocks(one)) != fenced(text) for one in failure.sources):
        yield Finding(kind=KIND, detail="fenced, unlike before" if fenced(text) else "no fence, unlike before")


def broken(failure: Failure, program: str, line: int) -> Finding:
    """Return the finding that a program cannot be read, at a line of it."""
    detail = "the program does not parse" if fenced(failure.answer) else "no fence, and the text is no program"
    if failure.lenient:
        detail = "text around the program breaks it"
    start = failure.answer.find(program)
    if start < 0:
        return Finding(kind=KIND, detail=detail)
    return found(failure, *line_span(program, line, start), detail)


def fenced(text: str) -> bool:
    """Whether a text holds a fenced block."""
    return bool(programs.blocks(text))


def line_span(program: str, line: int, shift: int) -> tuple[int, int]:
    """Return where a line of a program stands in a text in which the program begins at `shift`.

    Python counts lines by carriage returns too; a line beyond the last is the last.
    """
    lines = program.split("\n")
    line = min(line, len(lines))
    start = shift + sum(len(one) + 1 for one in islice(lines, line - 1))
    return start, start + len(lines[line - 1])


def entry_point(failure: Failure) -> str:
    """Return what every solved base answer defines and the question, or a complaint about a name, asks for."""
    defined = [set(DEFINED.findall(programs.written(one))) for one in failure.sources]
    common = set.intersection(*defined) if defined else set()
    complains = "NameError" in failure.note
    named = [name for name in sorted(common) if complains or re.search(rf"\b{name}\b", failure.question)]
    return named[0] if named else ""


def displaced(failure: Failure) -> bool:
    """Whether the marks of the answer stood in every solved base answer and stand here no more."""
    if not failure.channel or not failure.sources:
        return False
    mark = re.compile(failure.channel)
    return mark.search(failure.answer) is None and all(mark.search(one) for one in failure.sources)


def answer_conflict(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where a text marks two different final answers."""
    if failure.form == "program":
        return
    read = stated_expressions if failure.form == "expression" else stated_words
    stated = {one.value: one for one in read(failure.answer)}
    if len(stated) > 1:
        spans = tuple(failure.span(one.start, one.end, f"answer {value}"[:40]) for value, one in stated.items())
        yield Finding(kind="answer_conflict", detail=f"{len(stated)} final answers", spans=spans)


def found(failure: Failure, start: int, end: int, detail: str) -> Finding:
    """Return the finding that the right answer stands at a place of the final part."""
    spans: tuple[Evidence, ...] = (
        failure.span(start, end, "right answer" if failure.form != "program" else "breaks here"),
    )
    return Finding(kind=KIND, detail=detail, spans=spans)
