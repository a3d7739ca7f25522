"""Rows and the grade of the demo tasks, whose problems are generated: nothing is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import datasets

from harness_suites.grades import Grade, seen
from harness_tiny.functions import code_in
from harness_tiny.generator import problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _rows(domain: str, demo_rows: int, demo_seed: int) -> datasets.DatasetDict:
    return datasets.DatasetDict({"test": datasets.Dataset.from_list(problems(domain, demo_seed, demo_rows))})


def rows_words(*, demo_rows: int = 200, demo_seed: int = 0, **_: object) -> datasets.DatasetDict:
    """Return word problems; lm-eval passes the metadata of the task and of the run as keywords."""
    return _rows("words", demo_rows, demo_seed)


def rows_facts(*, demo_rows: int = 200, demo_seed: int = 0, **_: object) -> datasets.DatasetDict:
    """Return two-hop questions."""
    return _rows("facts", demo_rows, demo_seed)


def rows_code(*, demo_rows: int = 200, demo_seed: int = 0, **_: object) -> datasets.DatasetDict:
    """Return functions to write, each with its tests."""
    return _rows("code", demo_rows, demo_seed)


def grade_code(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, float]:
    """Return whether the code of the answer passes the tests of its row."""
    from harness_sandbox import judge

    outcome = judge(code_in(results[0]), "\n".join(doc["tests"]))
    return {"pass_at_1": Grade(outcome.passed, seen(outcome))}
