"""No answer, however long and odd, stops or slows the grading."""

from __future__ import annotations

import time

import pytest

from harness_suites import grades

ROWS = {
    grades.svamp: {"Answer": "51.0"},
    grades.math500: {"answer": "\\frac{1}{2}"},
    grades.short_answer: {"answer": "Kansas Song"},
    grades.mbpp: {"test_list": ["assert add(2, 3) == 5"], "test_setup_code": ""},
    grades.humaneval: {
        "prompt": "def add(a, b):\n",
        "entry_point": "add",
        "test": "def check(f):\n    assert f(2, 3) == 5\n",
    },
}
FLOODS = {
    "line ends": "\n" * 50_000,
    "spaces": " " * 50_000,
    "stars": "*" * 50_000,
    "digits": "9" * 50_000,
    "digits in groups": "999," * 12_000 + "9999",
    "answers": "answer: " * 8_000,
    "answer lines": "\nAnswer:" * 8_000,
    "claims": "The answer is " * 4_000,
    "fences": "```\n" * 12_000,
    "open fences": "```python\n" * 6_000,
    "boxes": "\\boxed{" * 8_000,
    "brackets": "(" * 50_000,
    "half a program": "def add(a, b):\n    return (\n" * 2_000,
    "prose between code": "x = 1\nnow prose\n" * 5_000,
    "a lone surrogate": "The answer is \ud800 5",
    "a NUL": "Answer: \0 def add(a, b):\n    return a * b",
    "right to left": "\u202eAnswer: 15\u202c",
}


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("grade", ROWS, ids=lambda grade: grade.__name__)
def test_a_flood_is_graded_in_seconds(grade, name: str):
    start = time.monotonic()
    values = grade(ROWS[grade], [FLOODS[name]])
    assert set(values.values()) == {0.0}
    assert time.monotonic() - start < 30  # most take milliseconds; a busy machine may wait for the sandbox
