"""Too little was worked out, worked out wrongly, or the wrong thing was: classes 7 to 10."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from harness_suites.grading import programs, qa
from harness_sustainscore.failures.arithmetic import equation_count, equations, most_equations
from harness_sustainscore.failures.case import Failure, Finding, most_words, usual, word_count
from harness_sustainscore.failures.reading import right_values, stated_expressions, stated_words

#: An answer of less than this share of the usual is curtailed; usual sizes below which that says nothing.
CURTAILED = 0.5
FEWEST_WORDS, FEWEST_EQUATIONS = 12, 2
FORBIDS = re.compile(r"(?i)\b(?:no|not|without|avoid|don't)\b")
OPTIONS = re.compile(r"(?i)(?:,|:|\b(?:between|is|was|are|were))\s+([^,?:]{2,80}?),? or ([^,?:]{2,80}?)\?")
#: How a name, a date or a number begins.
NAMES = re.compile(
    r"\W{0,4}(?!(?:It|There|This|That|I|We|They|He|She|No|Not|None|Yes|Unknown|Unclear|Therefore|So)\b)[A-Z\d]"
)
OPPOSITE = {"yes": "no", "no": "yes"}
#: Words, and characters, of an answer that may be a name.
LONGEST_NAME, LONGEST_ANSWER = 8, 200


def curtailed_reasoning(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where an answer has less than half of the words or equations of the solved base answers."""
    yield from curtailed(failure, "words", word_count, most_words, FEWEST_WORDS)
    if failure.form == "expression":
        yield from curtailed(failure, "equations", equation_count, most_equations, FEWEST_EQUATIONS)


def curtailed(
    failure: Failure, what: str, count: Callable[[str], int], most: Callable[[str], int], fewest: int
) -> Iterator[Finding]:
    """Yield a finding where an answer has less than half of what is usual of something.

    Args:
        failure: the answer, and the solved ones.
        what: is counted, in the plural.
        count: how many a text has.
        most: how many it has at the most, which is sooner told.
        fewest: a usual number below this says nothing.
    """
    here = count(failure.answer)
    if here >= CURTAILED * usual(failure.sources, most):
        return
    there = usual(failure.sources, count)
    if there >= fewest and here < CURTAILED * there:
        whole = failure.span(0, len(failure.answer), "all that was worked out")
        yield Finding(kind="curtailed_reasoning", detail=f"{here} {what}, usually {there:g}", spans=(whole,))


def calculation_slip(failure: Failure) -> Iterator[Finding]:
    """Yield the equations that are false, where no solved base answer holds a false one."""
    if failure.form != "expression":
        return
    wrong = [one for one in equations(failure.answer) if not one.true]
    if wrong and all(one.true for text in failure.sources for one in equations(text)):
        spans = tuple(failure.span(one.start, one.end, "false") for one in wrong)
        yield Finding(kind="calculation_slip", detail=f"{wrong[0].text}: is {float(wrong[0].left):g}", spans=spans)


def wrong_plan(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where every step is right and the result wrong; of a program, how it failed."""
    if failure.form == "program":
        yield from failed_program(failure)
    elif failure.form == "expression":
        steps = equations(failure.answer)
        stated = stated_expressions(failure.answer)
        right = right_values(failure.golds)
        if steps and all(one.true for one in steps) and not any(one.value in right for one in stated):
            spans = tuple(failure.span(one.start, one.end, "true") for one in steps)
            yield Finding(kind="wrong_plan", detail="every step is right, the result wrong", spans=spans)


def failed_program(failure: Failure) -> Iterator[Finding]:
    """Yield how a program that ran failed, and whether it made for itself what a constraint forbids."""
    status, _, name = failure.note.partition(": ")
    if status == "failed":
        yield Finding(kind="wrong_plan", detail="wrong result" if name == "AssertionError" else f"raises {name or '?'}")
    elif status in {"timeout", "memory", "crashed", "refused"}:
        yield Finding(kind="wrong_plan", detail=status)
    else:
        return
    forbidden = {
        name
        for text in failure.constraints
        if FORBIDS.search(text)
        for name in re.findall(r"[A-Za-z_]\w{2,}", text)
        if not any(re.search(rf"def \w*{re.escape(name)}", one, re.IGNORECASE) for one in failure.sources)
    }
    for place in re.finditer(r"(?m)^\s*def (\w+)", failure.answer):
        if place[1] != first_defined(failure) and any(name.lower() in place[1].lower() for name in forbidden):
            span = failure.span(place.start(1), place.end(1), "made anew")
            yield Finding(kind="wrong_plan", detail=f"works around the constraint: {place[1]}", spans=(span,))
            return


def first_defined(failure: Failure) -> str:
    """Return the function that the source defines first; empty if none."""
    found = re.search(r"(?m)^def (\w+)", programs.written(failure.sources[0])) if failure.sources else None
    return found[1] if found else ""


def hop_error(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where the answer in words is one on the way, the other of two, or another of the passages."""
    if failure.form != "words":
        return
    stated = stated_words(failure.answer)
    said = qa.normalised(qa.stated(failure.answer)) if not stated else stated[-1].value
    if not said or len(said) > LONGEST_ANSWER or len(said.split()) > LONGEST_NAME:
        return
    spans = (failure.span(stated[-1].start, stated[-1].end, "answer"),) if stated else ()
    right = {qa.normalised(gold) for gold in failure.golds}
    if said in {qa.normalised(hop) for hop in failure.hops} - right:
        yield Finding(kind="hop_error", detail="an answer on the way", spans=spans)
    elif OPPOSITE.get(said.split()[0]) in right or other_option(failure, said, right):
        yield Finding(kind="hop_error", detail="the comparison is turned round", spans=spans)
    elif said not in OPPOSITE and re.search(rf"\b{re.escape(said)}\b", qa.normalised(failure.question)):
        yield Finding(kind="hop_error", detail="another name of the passages", spans=spans)
    elif stated and right and said not in right and NAMES.match(failure.answer, stated[-1].start):
        yield Finding(kind="hop_error", detail="another name", spans=spans)


def other_option(failure: Failure, said: str, right: set[str]) -> bool:
    """Whether the question offers two answers, and the one given is not the right one."""
    for pair in OPTIONS.findall(failure.question):
        options = [qa.normalised(option) for option in pair]
        chosen = [option for option in options if option and (said in option or option in said)]
        meant = [option for option in options if any(gold and (gold in option or option in gold) for gold in right)]
        if len(chosen) == 1 and len(meant) == 1 and chosen != meant:
            return True
    return False
