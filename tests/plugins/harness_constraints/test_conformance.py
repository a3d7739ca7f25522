"""Every installed constraint type, a third party's too, keeps what `harness.testing` checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import Constraint, ConstraintType, Verdict
from harness.registry import load_registry
from harness.testing import adversarial_texts, check_constraint_type, check_speed
from harness_constraints.catalogue import catalogue

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "harness-example" / "harness_example" / "__init__.py"
TYPES = load_registry(files=[str(EXAMPLE)]).checked().constraint_types
OURS = {rule.name for rule in catalogue()} | {"calm"}
#: Types whose violation no common answer shows, and a text that does.
COUNTEREXAMPLES = {"ends_with_full_stop": ["It is so"], "builtin_used": ["x = 1"]}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_keeps_its_promises(name):
    drawn = check_constraint_type(TYPES[name], MORE, COUNTEREXAMPLES.get(name, ()))
    assert drawn > 0 or name not in OURS, f"nothing in the bank offers {name}: give it an answer that does"


#: Answers that offer what the shipped bank does not.
MORE = (
    "It is 3/4.",
    "So it costs 2.50",
    "# Given\n\n# Solution\n\nIt is so.",
    "It is 5.\nThe answer is 5.",
    "We verify it: it is right.",
    "remaining profit, remaining profit. Then we stop.",
    "def f(n: int) -> int:\n    return n",
    "def f(n):\n    return f(n - 1) + g(n)\n\ndef g(n):\n    return sorted(n)",
)


def test_the_third_partys_type_is_among_them():
    assert "calm" in TYPES
    assert len(TYPES) > 180


def test_a_megabyte_of_anything_is_answered_in_a_second():
    """Of a quarter here, in a quarter of the time with room for a busy machine; `benchmarks/constraints.py` does all."""
    kinds = list(TYPES.values())
    name, text, seconds = check_speed(kinds, adversarial_texts(120_000), seconds=1.0)
    assert name, (text, seconds)


MADE = Constraint(type="odd", family="odd", version="1", params={"most": 3}, text="Use few words.")


def few(constraint, response):
    return Verdict(met=0 < len(response.text.split()) <= 3)


def drawn(source):
    return (MADE,) if 0 < len(source.response.text.split()) <= 3 else ()


GOOD = ConstraintType(name="odd", family="odd", summary="few words", extract=drawn, check=few)


def raising(constraint, response):
    if "\ud800" in response.text:
        raise UnicodeError("lone surrogate")
    return few(constraint, response)


COUNT = iter(range(10**9))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"check": lambda constraint, response: Verdict(met=True)}, "an empty answer"),
        ({"check": lambda constraint, response: Verdict(met=bool(response.text.strip()))}, "no text violates"),
        ({"check": lambda constraint, response: Verdict(met=False)}, "false on its own source"),
        ({"check": raising}, "raised UnicodeError"),
        ({"check": lambda constraint, response: True}, "returned bool"),
        ({"check": lambda constraint, response: Verdict(met=True, note=str(next(COUNT)))}, "not deterministic"),
        (
            {"check": lambda constraint, response: Verdict(met="e" in response.text and few(constraint, response).met)},
            "false on its own source",
        ),
        ({"extract": lambda source: (replace(MADE, params={"n": next(COUNT)}),)}, "extract is not deterministic"),
        ({"extract": lambda source: (replace(MADE, type="other"),)}, "made a constraint of type 'other'"),
        ({"extract": lambda source: (replace(MADE, version="0"),)}, "made a constraint of version '0'"),
        ({"extract": lambda source: (replace(MADE, text=" "),)}, "rendered no text"),
        ({"extract": lambda source: 1 // 0}, "extract raised ZeroDivisionError"),
        ({"version": ""}, "no version"),
    ],
)
def test_a_broken_promise_is_named(change, said):
    assert check_constraint_type(GOOD, ["It is 5."]) > 0
    with pytest.raises(AssertionError, match=said):
        check_constraint_type(replace(GOOD, **change), ["It is 5."])


def test_a_type_that_is_slow_is_named():
    def slow(source):
        sum(range(3_000_000))
        return ()

    with pytest.raises(AssertionError, match=r"odd: .* s of CPU for 100 characters: words"):
        check_speed([replace(GOOD, extract=slow)], adversarial_texts(100), seconds=0.01)
