"""pass@k of the answers that a run draws."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness import Record, Response, Score, TaskSpec, Trial
from harness_suites.passes import estimate, row


def record(task: str, verdicts: list[bool | None]) -> Record:
    trials = tuple(
        Trial(arm="base", draw=draw, responses=(Response(),), score=Score(solved=solved))
        for draw, solved in enumerate(verdicts)
    )
    return Record(doc=f"{task}/0", task=task, index=0, trials=trials)


def test_the_estimate_is_unbiased_and_only_for_as_many_answers_as_there_are():
    code = SimpleNamespace(spec=TaskSpec(name="some"), domain="code")
    rows = [row(record("some", verdicts), code) for verdicts in ([True] * 3 + [False] * 7, [False] * 10)]
    found = {one.metric: one for one in estimate(rows, {"some": code})}
    assert list(found) == ["pass@1", "pass@2", "pass@5", "pass@10"]
    assert found["pass@1"].value == pytest.approx(0.15)
    assert found["pass@5"].value == pytest.approx((1 - 21 / 252) / 2)
    assert found["pass@10"].value == pytest.approx(0.5)
    assert found["pass@10"].n == 2


def test_what_is_no_code_or_could_not_be_judged_is_left_out():
    mathematics = SimpleNamespace(spec=TaskSpec(name="some"), domain="math")
    code = SimpleNamespace(spec=TaskSpec(name="some"), domain="code")
    assert row(record("some", [True, True]), mathematics) is None
    assert row(record("some", [True, None]), code) is None
    assert list(estimate([("some", 1, 1)], {"some": code})) == []
