"""Expressions are found in their box, and compared by what they mean, in bounded time."""

from __future__ import annotations

import json
import threading
import time

import pytest

from harness_suites.grading import latex


@pytest.mark.parametrize(
    ("text", "box"),
    [
        (r"\boxed{1} and \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\text{a } \} b}", r"\text{a } \} b"),
        (r"\boxed{ 5 }", "5"),
        (r"\fbox{5}", "5"),
        (r"\boxed{5", None),
        ("5", None),
        ("", None),
    ],
)
def test_the_last_box(text: str, box: str | None):
    assert latex.boxed(text) == box


@pytest.mark.parametrize(
    ("gold", "answer", "right"),
    [
        (r"\frac{1}{2}", "0.5", True),
        (r"\frac12", r"\dfrac{1}{2}", True),
        ("x^2-1", "(x-1)(x+1)", True),
        (r"\left( 3, \frac{\pi}{2} \right)", r"(3, \frac{\pi}{2})", True),
        ("12", "13", False),
        ("(1,2)", "(2,1)", False),
        ("5", "", False),
        (r"\text{Evelyn}", r"\text{Evelyn}", True),
    ],
)
def test_equality_of_meaning(gold: str, answer: str, right: bool):
    assert latex.same(gold, answer) is right


def test_it_works_in_any_thread():
    found = []
    threads = [threading.Thread(target=lambda n=n: found.append(latex.same(str(n), f"{n}.0"))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4


def test_an_answer_that_takes_for_ever_is_wrong_and_the_next_is_graded(monkeypatch: pytest.MonkeyPatch):
    latex.same("1", "2")  # started
    monkeypatch.setattr(latex, "TIMEOUT", 1.0)
    start = time.monotonic()
    assert not latex.same("1", "9^{9^{9^{9}}}")
    assert time.monotonic() - start < 20
    monkeypatch.undo()
    assert latex.same("0.5", r"\frac{1}{2}")


@pytest.mark.parametrize("answer", ["\\frac{", "}{", "\ud800", "a\nb\0c", "x" * 100_000])
def test_nonsense_is_wrong(answer: str):
    assert not latex.same("1", answer)
    assert not latex.states("1", answer)


@pytest.mark.parametrize(
    ("answer", "strict", "lenient"),
    [
        (r"So \boxed{\frac{1}{2}}.", 1, 1),
        (r"\boxed{1/2}", 1, 1),
        ("The answer is $0.5$.", 0, 1),
        (r"\frac{1}{2}", 0, 1),
        ("**Answer:** 1/2", 0, 1),
        (r"So \boxed{2}.", 0, 0),
        (r"\boxed{}", 0, 0),
        ("", 0, 0),
    ],
)
def test_strict_and_lenient(answer: str, strict: int, lenient: int):
    from harness_suites.grades import math500

    assert math500({"answer": r"\frac{1}{2}"}, [answer]) == {"exact_match": strict, "exact_match_lenient": lenient}


@pytest.mark.parametrize(("model", "right"), [("qwen3", 298), ("gpt", 471)])
def test_recorded_math500_answers_get_their_figure(model: str, right: int, recorded, expected):
    from harness_suites.grades import math500

    assert expected("math500_predictions")[model]["math_verify"] == right
    pairs = json.loads((recorded("math500_predictions") / f"math500_{model}_answers.json").read_text())
    boxes = [
        row["prediction"] if "\\boxed" in row["prediction"] else f"\\boxed{{{row['prediction']}}}" for row in pairs
    ]
    graded = [math500(row, [f"So it is ${box}$."]) for row, box in zip(pairs, boxes, strict=True)]
    assert sum(grade["exact_match"] for grade in graded) == right
    assert sum(grade["exact_match_lenient"] for grade in graded) == right
