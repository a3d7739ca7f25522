"""What else is measured of a failed answer, whatever its class: compliance, length, distance from the source."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence

from harness import Verdict
from harness.syntax import parsed
from harness_suites.grading import programs
from harness_sustainscore.failures.arithmetic import equations
from harness_sustainscore.failures.case import Failure, Form, words

#: A token: a word, or one sign. No model's own, so that two models can be compared.
TOKEN = re.compile(r"\w+|[^\w\s]")
OPERATOR = re.compile(r"(?<=[\d)%\s])[-+*/^\u00d7\u00f7](?=[\s\d($])")
#: Tokens, or steps, of each text that distances are taken over; two texts of this length take a tenth of a second.
LONGEST = 3_000


def measures(failure: Failure, verdicts: Sequence[Verdict]) -> Mapping[str, float | str | None]:
    """Return the measures of a failure by name; None where one cannot be taken.

    complied: whether the constraints of the item are met: all, some, none.
    length_ratio: words, as a multiple of the source's.
    edit_distance: tokens to change, as a share of the longer text (Levenshtein).
    first_divergence: which token is the first to differ from the source, from 0 on.
    approach_distance: the same as edit_distance, over the operations of a computation or the parts of a program.
    """
    source, text = failure.sources[0] if failure.sources else None, failure.answer
    if source is None:
        return {"complied": complied(verdicts)}
    tokens, others = TOKEN.findall(text), TOKEN.findall(source)
    usual = len(words(source))
    return {
        "complied": complied(verdicts),
        "length_ratio": len(words(text)) / usual if usual else None,
        "edit_distance": edit_distance(tokens, others),
        "first_divergence": first_divergence(tokens, others),
        "approach_distance": approach_distance(text, source, failure.form),
    }


def complied(verdicts: Iterable[Verdict]) -> str | None:
    """Return whether all, some or none of the constraints are met; None where one could not be judged.

    >>> complied([Verdict(met=True), Verdict(met=False)]), complied([])
    ('some', None)
    """
    met = [verdict.met for verdict in verdicts]
    if not met or None in met:
        return None
    return "all" if all(met) else "some" if any(met) else "none"


def edit_distance(tokens: Sequence[str], others: Sequence[str]) -> float:
    """Return the Levenshtein distance of two sequences as a share of the longer one; of long ones, of their beginnings.

    One row of the table at a time: what comes from above is a minimum by element, what comes from the left a running
    minimum of the costs less their positions.

    >>> edit_distance("kitten", "sitting"), edit_distance("", ""), edit_distance("ab", "")
    (0.42857142857142855, 0.0, 1.0)
    """
    import numpy as np

    first, second = tokens[:LONGEST], others[:LONGEST]
    if not first or not second:
        return float(bool(first) or bool(second))
    codes = {token: code for code, token in enumerate(dict.fromkeys([*first, *second]))}
    across = np.array([codes[token] for token in second])
    steps = np.arange(len(second) + 1)
    row = steps.copy()
    for number, token in enumerate(first, start=1):
        costs = np.empty_like(row)
        costs[0] = number
        costs[1:] = np.minimum(row[1:] + 1, row[:-1] + (across != codes[token]))
        row = np.minimum.accumulate(costs - steps) + steps
    return float(row[-1]) / max(len(first), len(second))


def first_divergence(tokens: Sequence[str], others: Sequence[str]) -> int | None:
    """Return the index of the first token that differs; None where none does.

    >>> first_divergence(["a", "b"], ["a", "c"]), first_divergence(["a"], ["a", "b"]), first_divergence("ab", "ab")
    (1, 1, None)
    """
    for index, (one, other) in enumerate(zip(tokens, others, strict=False)):
        if one != other:
            return index
    return None if len(tokens) == len(others) else min(len(tokens), len(others))


def approach_distance(text: str, source: str, form: Form) -> float | None:
    """Return how far the operations of two answers differ; None where one of them shows none.

    >>> approach_distance("3 * 4 = 12, 12 + 1 = 13", "3 * 5 = 15, 15 + 1 = 16", "expression")
    0.0
    >>> approach_distance("def f(x): return x + 1", "def f(n): return n + 2", "program")
    0.0
    """
    read = {"expression": operations, "program": parts, "words": no_steps}[form]
    here, there = read(text), read(source)
    return edit_distance(here, there) if here and there else None


def operations(text: str) -> tuple[str, ...]:
    """Return the operators of the equations of a text, in order."""
    return tuple(sign for one in equations(text) for sign in OPERATOR.findall(one.text.partition("=")[0]))


def parts(text: str) -> tuple[str, ...]:
    """Return the kinds of the parts of a program, from outside in, names and values aside; none if it is no program."""
    with programs.QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = parsed(programs.written(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
    return tuple(type(node).__name__ for node in ast.walk(tree) if not isinstance(node, ast.expr_context | ast.Module))


def no_steps(_text: str) -> tuple[str, ...]:
    """Return the steps of an answer in words: none that could be told."""
    return ()
