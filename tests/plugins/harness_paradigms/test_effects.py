"""What a step changes: found where it was planted, not where a harder set of successes alone makes the difference."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Estimate
from harness_paradigms.effects import OWN, PORTABLE, rungs
from harness_paradigms.lineage import Lineage, Member
from harness_paradigms.report import compared, step_tables, unlike
from harness_paradigms.reweighted import NO_BINS, NO_DRAWS, reweighted_difference
from harness_paradigms.runs import Runs
from harness_paradigms.summary import summary
from harness_sustainscore import StoredRun
from harness_sustainscore.rows import Cell, SustainRow, Tally

LABELS = {"task": "t", "domain": "math", "k": "1", "family": "all"}


def tally(solved, draws=4):
    return Tally(draws=draws, solved=solved, lenient=None, truncated=0, asked=draws, kept=solved)


def row(number, constrained, placebo=4, *, base=(True,) * 4, task="t"):
    cell = Cell(
        k=1,
        family="format",
        type="t",
        constrained=tally(constrained),
        placebo=tally(placebo),
        repeat=None,
        outcomes=None,
    )
    return SustainRow(
        task=task,
        domain="math",
        doc=f"{task}/{number}",
        cluster=f"{task}/{number}",
        base=base,
        selected=base[0],
        echoed=None,
        moved=True,
        cells=(cell,),
    )


def run(rows, source="portable", folder="runs/x", **results):
    told = {
        "evaluation": {"name": "sustainscore", "version": "1"},
        "metrics": {},
        "constraint_types": {},
        "suites": {},
        "tasks": {"t": {"version": "1"}},
        "plan": {"settings": {}, "option": {"constraint_source": source}},
        "estimates": [],
        **results,
    }
    return StoredRun(folder=Path(folder), results=told, rows=tuple(rows))


def member(name, parent="", stage="sft"):
    return Member(
        name=name,
        repo=None,
        revision=None,
        parent=parent,
        stage=stage,
        reasoning_mode=None,
        reasoning_used=None,
        template_hash=None,
        data=None,
    )


def lineage(name="a"):
    return Lineage(id=name, family=None, members=(member("sft"), member("dpo", "sft", "dpo")))


def runs_of(before, after, name="a", source="portable"):
    return {((name, "sft"), source): run(before, source), ((name, "dpo"), source): run(after, source)}


def told(found, metric):
    [one] = [one for one in found.estimates if one.metric == metric]
    return one


def test_a_planted_change_is_found_with_its_size(tmp_path):
    before = [row(n, 4) for n in range(60)]
    after = [row(n, 2 if n < 30 else 4) for n in range(60)]
    found = compared([lineage()], Runs(found=runs_of(before, after)))
    one = told(found, PORTABLE)
    assert one.value == pytest.approx(0.25)
    assert 0 < one.low < 0.25 < one.high
    assert one.labels["step"] == "sft → dpo"
    assert one.labels["stages"] == "sft → dpo"
    assert one.p_adjusted < 0.001
    whole, _ = step_tables(found.estimates)
    assert whole.rows[0][-1] == "the later loses more"


def test_items_that_only_one_of_them_solved_are_left_out():
    before = [row(n, 4) for n in range(40)]
    after = [row(n, 4) for n in range(20)] + [row(n, 0, base=(False, True, True, True)) for n in range(20, 40)]
    one = told(compared([lineage()], Runs(found=runs_of(before, after))), PORTABLE)
    assert (one.n, one.value) == (20, 0.0)


def test_harder_successes_alone_make_no_change_once_they_are_weighted_alike():
    random.seed(5)

    def sides(hard_share, count=4000):
        rows = []
        for number in range(count):
            hard = random.random() < hard_share
            p = 0.4 if hard else 0.98
            base = (True, *(random.random() < p for _ in range(7)))
            lost = sum(random.random() < (0.5 if hard else 0.02) for _ in range(4))
            rows.append(row(number, 4 - lost, base=base))
        return rows

    before, after = sides(0.1), sides(0.5)
    plain = sum(4 - one.cells[0].constrained.solved for one in after) - sum(
        4 - one.cells[0].constrained.solved for one in before
    )
    assert plain / 16000 > 0.15
    one = reweighted_difference(before, after, LABELS)
    assert abs(one.value) < 0.05
    assert one.low <= one.value <= one.high


def test_a_change_on_own_successes_is_found_within_its_interval():
    before = [row(n, 4) for n in range(80)]
    after = [row(n, 3 if n % 2 else 4) for n in range(80)]
    one = told(compared([lineage()], Runs(found=runs_of(before, after, source="own"))), OWN)
    assert one.value == pytest.approx(0.125)
    assert 0 < one.low < 0.125 < one.high


def test_where_difficulty_is_not_known_nothing_is_said_of_own_successes():
    single = [row(n, 4, base=(True,)) for n in range(5)]
    assert reweighted_difference(single, single, LABELS).note == NO_DRAWS
    easy = [row(n, 4) for n in range(5)]
    hard = [row(n, 4, base=(True, False, False, False)) for n in range(5)]
    assert reweighted_difference(easy, hard, LABELS).note == NO_BINS


def test_the_ladder_rests_on_items_that_all_members_solved():
    solved = [row(n, 4) for n in range(30)]
    partly = [row(n, 2) for n in range(20)]
    found = list(rungs(lineage(), Runs(found=runs_of(solved, partly))))
    assert [(one.labels["member"], one.n, one.value) for one in found] == [("sft", 20, 0.0), ("dpo", 20, 0.5)]
    assert not list(rungs(lineage(), Runs(found={})))


def effect(value, stderr, name):
    return Estimate(metric=PORTABLE, value=value, stderr=stderr, n=50, labels={"lineage": name})


def test_the_mean_over_lineages_is_that_of_the_textbook():
    """Equal variances: the mean is the plain one, and its interval Student's over the lineages."""
    values = (0.02, 0.06, 0.04, 0.10, 0.03, 0.05)
    one = summary({str(n): [effect(value, 0.01, str(n))] for n, value in enumerate(values)}, {})
    mean = sum(values) / 6
    spread = (sum((value - mean) ** 2 for value in values) / 5 / 6) ** 0.5
    assert one.value == pytest.approx(mean)
    assert one.low == pytest.approx(mean - 2.570582 * spread, abs=1e-6)
    assert one.n == 6
    assert "no claim" not in one.note


def test_few_lineages_are_said_to_be_few():
    one = summary({"a": [effect(0.02, 0.01, "a")]}, {})
    assert one.value is None
    assert "1 lineage, fewer than 5: no claim" in one.note
    two = summary({"a": [effect(0.02, 0.01, "a"), effect(0.04, 0.01, "a")], "b": [effect(0.03, 0.01, "b")]}, {})
    assert (two.n, two.value) == (2, pytest.approx(0.03))
    found = compared([lineage()], Runs(found=runs_of([row(n, 4) for n in range(9)], [row(n, 3) for n in range(9)])))
    assert any("needs at least 5" in one for one in found.warnings)
    assert any("training seed" in one for one in found.warnings)
    assert any("no run with own constraints of sft, dpo" in one for one in found.warnings)


def test_runs_of_two_kinds_are_told_apart():
    sides = runs_of([row(0, 4)], [row(0, 4)])
    key = (("a", "dpo"), "portable")
    sides[key] = replace(sides[key], results={**sides[key].results, "tasks": {"t": {"version": "2"}}})
    [what] = unlike([lineage()], Runs(found=sides))
    assert "task t: version differs" in what
