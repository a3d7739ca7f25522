"""How often other good programs meet a constraint of one: on recorded runs of three models it is what was measured before.

The whole table of natural compliance: shares of a model's other passing programs, extraction from one passing program.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness import Answered, ConstraintType
from harness_constraints import harness_constraint_types

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
    "recursion_present": (0.83, 0.83),
    "variable_used": (0.79, 0.85),
    "code_lines_exactly": (0.75, 0.85),
    "comment_present": (0.72, 0.72),
}
MODELS = ("gpt-4", "gpt-3.5-turbo", "codellama-34b-instruct")
KINDS = {kind.name: kind for kind in harness_constraint_types()}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_code_type_is_as_natural_as_measured_before(recorded_programs, name):
    low, high = EXPECTED[name]
    for model in MODELS:
        shares = natural_shares(KINDS[name], recorded_programs[model])
        if shares:
            q = sum(shares) / len(shares)
            allowed = 2 * max(standard_error(shares), math.sqrt(low * (1 - low) / len(shares)))
            assert low - allowed <= q <= min(1.0, high + allowed), (model, round(q, 3), round(allowed, 3), len(shares))


def test_the_three_models_are_all_measured(recorded_programs):
    assert set(recorded_programs) == set(MODELS)
    for model in MODELS:
        assert len(recorded_programs[model]) > 80
        sources = [source for source, *_ in recorded_programs[model]]
        measured = [name for name in EXPECTED if any(KINDS[name].extract(source) for source in sources)]
        assert len(measured) >= len(EXPECTED) - 2, "recursion and comments are rare"


def natural_shares(kind: ConstraintType, problems: Sequence[Sequence[Answered]]) -> list[float]:
    """Return, for each problem whose first program offers a constraint, the mean share of others that meet it."""
    shares = []
    for source, *others in problems:
        met = [
            kind.check(constraint, other.response).met is True
            for constraint in kind.extract(source)
            for other in others
        ]
        if met:
            shares.append(sum(met) / len(met))
    return shares


def standard_error(shares: Sequence[float]) -> float:
    """Return the standard error of the mean over problems."""
    mean = sum(shares) / len(shares)
    spread = sum((share - mean) ** 2 for share in shares) / max(1, len(shares) - 1)
    return math.sqrt(spread / len(shares))


@pytest.fixture(scope="module")
def recorded_programs(all_ten_runs) -> dict[str, list[list[Answered]]]:
    """Of each model, the passing runs of each problem with two or more of them."""
    if not DATA.is_dir():
        pytest.skip("the recorded answers humaneval_ten_runs are not beside this checkout (../shared/data)")
    runs = defaultdict(list)
    for answered in all_ten_runs():
        if answered.score.solved:
            runs[tuple(answered.doc.id.split("/")[1:4])].append(answered)
    problems = defaultdict(list)
    for (model, *_), answers in runs.items():
        if len(answers) > 1:
            problems[model].append(answers)
    return problems
