"""How often other good programs meet a constraint of one: on recorded runs it is what method.md 3.4 says."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from harness import Answered
from harness_constraints.catalogue import catalogue
from harness_constraints.engine import check, extract

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "humaneval_ten_runs"
#: Range over GPT-4, GPT-3.5 and CodeLlama.
EXPECTED = {
    "lambda_absent": (0.99, 1.0),
    "try_absent": (0.99, 1.0),
    "one_function": (0.99, 1.0),
    "imports_absent": (0.99, 1.0),
    "while_absent": (0.99, 1.0),
    "recursion_absent": (0.98, 1.0),
    "line_length_at_most": (0.98, 0.99),
    "code_lines_at_most": (0.97, 0.98),
    "comprehensions_absent": (0.98, 0.98),
    "code_lines_close": (0.95, 0.97),
    "returns_at_most": (0.96, 0.99),
    "returns_exactly": (0.92, 0.97),
    "for_present": (0.95, 0.97),
    "builtin_used": (0.92, 0.96),
    "comprehension_present": (0.90, 0.95),
    "code_lines_exactly": (0.75, 0.85),
}
#: Two standard errors of a share over some 100 problems, each the mean of its runs.
ERROR = 0.05


def test_code_types_are_as_natural_as_measured_before(recorded_programs):
    rules = [rule for rule in catalogue() if rule.name in EXPECTED]
    assert len(rules) == len(EXPECTED)
    wrong = {}
    for model, problems in recorded_programs.items():
        for rule in rules:
            shares = [
                sum(check(rule, constraint, other.response).met is True for other in others) / len(others)
                for source, *others in problems
                for constraint in extract(rule, source)[:1]
            ]
            q, (low, high) = sum(shares) / len(shares), EXPECTED[rule.name]
            if not low - ERROR <= q <= min(1, high + ERROR):
                wrong[model, rule.name] = round(q, 3)
    assert wrong == {}


@pytest.fixture
def recorded_programs(ten_runs_answers) -> dict[str, list[list[Answered]]]:
    """Of each model, the passing runs of each problem with two or more of them."""
    if not DATA.is_dir():
        pytest.skip("the recorded answers humaneval_ten_runs are not beside this checkout (../shared/data)")
    runs = defaultdict(list)
    for answered in ten_runs_answers():
        if answered.score.solved:
            runs[tuple(answered.doc.id.split("/")[1:4])].append(answered)
    problems = defaultdict(list)
    for (model, *_), answers in runs.items():
        if len(answers) > 1:
            problems[model].append(answers[:4])
    return problems
