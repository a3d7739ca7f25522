"""Runs compared on their common successes; what is not of one kind is refused, and no difference is called a tie."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import HarnessError
from harness_sustainscore.compare.command import call, compared
from harness_sustainscore.compare.fitting import mismatches
from harness_sustainscore.compare.pairing import items_of
from harness_sustainscore.rows import Cell, SustainRow, Tally
from harness_sustainscore.stored import StoredRun

SUMS = Path(__file__).parents[2] / "sums.py"
RESULTS = {
    "schema": 2,
    "funnel": {},
    "reasons": {},
    "estimates": [],
    "evaluation": {"name": "sustainscore", "version": "1"},
    "metrics": {"sustainscore": "1"},
    "constraint_types": {"words_at_most": "1"},
    "suites": {"math": "1"},
    "tasks": {"gsm8k": {"version": "3", "domain": "math", "grading": {"name": "gsm8k"}, "yaml": "abc"}},
    "plan": {"settings": {"num_fewshot": 5, "dataset_root": "/a"}},
    "model": {"backend": "x", "name": "m"},
}


def tally(solved, draws=4):
    return Tally(draws=draws, solved=solved, lenient=None, truncated=0, asked=draws, kept=solved)


def row(number, constrained, placebo=4, *, family="format", selected=True, task="gsm8k", draws=4):
    cell = Cell(
        k=1,
        family=family,
        type="t",
        constrained=tally(constrained, draws),
        placebo=tally(placebo, draws),
        repeat=None,
        outcomes=None,
    )
    return SustainRow(
        task=task,
        domain="math",
        doc=f"{task}/{number}",
        cluster=f"{task}/{number}",
        base=(selected,),
        selected=selected,
        echoed=None,
        moved=True,
        cells=(cell,),
    )


def run(rows, **changes):
    return StoredRun(folder=Path("runs/x"), results={**RESULTS, **changes}, rows=tuple(rows))


def told(estimates, metric="difference", family="all", task="gsm8k"):
    [one] = [
        one
        for one in estimates
        if one.metric == metric and one.labels["family"] == family and one.labels["task"] == task
    ]
    return one


def test_the_difference_is_that_of_the_items_which_both_solved():
    first = run([row(n, 4) for n in range(40)] + [row(99, 0)])
    second = run([row(n, 3 if n < 20 else 4) for n in range(40)] + [row(99, 0, selected=False)])
    found = compared([first, second])
    difference = told(found)
    assert difference.n == 40
    assert difference.value == pytest.approx(20 * 0.25 / 40)
    assert difference.low > 0
    assert difference.p_adjusted < 0.001
    assert difference.note == "the second loses more"
    assert told(found, "D_spec_first").value == 0
    assert told(found, "D_spec_second").value == pytest.approx(0.125)
    assert told(compared([second, first])).value == -difference.value
    assert told(compared([second, first])).note == "the first loses more"


def test_no_difference_is_a_tie_and_many_equal_items_are_equal():
    few = [row(n, 4 if n % 3 else 2) for n in range(12)]
    other = [row(n, 4 if n % 4 else 2) for n in range(12)]
    assert told(compared([run(few), run(other)])).note == "tie"
    many = [row(n, 4) for n in range(600)]
    assert told(compared([run(many), run(many)])).note == "equal within 2 pp"


def test_three_runs_are_three_pairs_adjusted_together():
    rows = [[row(n, 4 if n % (m + 2) else 2) for n in range(30)] for m in range(3)]
    found = [one for one in compared([run(one) for one in rows]) if one.metric == "difference"]
    assert [(one.labels["first"], one.labels["second"]) for one in found] == [("1", "2"), ("1", "3"), ("2", "3")]
    assert all(one.adjustment == "Holm over 3 comparisons" and one.p_adjusted >= one.p for one in found)


def test_families_are_split_where_both_runs_drew_the_same_on_an_item():
    first = [row(n, 4, family="format" if n < 20 else "length") for n in range(40)]
    second = [row(n, 2, family="format" if n < 25 else "length") for n in range(40)]
    found = compared([run(first), run(second)])
    assert told(found, family="format").n == 20
    assert told(found, family="length").n == 15
    assert told(found).n == 40


def test_domains_with_several_tasks_are_compared_as_a_whole_too():
    rows = [row(n, 4) for n in range(5)] + [row(n, 4, task="svamp") for n in range(7)]
    assert told(compared([run(rows), run(rows)]), task="all").n == 12


def test_an_item_without_a_judged_draw_is_no_item():
    lost = replace(row(1, 0), cells=(replace(row(1, 0).cells[0], placebo=tally(0, 0)),))
    assert items_of([lost, row(2, 4)]).keys() == {("gsm8k", "gsm8k/2", 1)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"constraint_types": {"words_at_most": "2"}}, "constraint type words_at_most version 2"),
        ({"tasks": {"gsm8k": {**RESULTS["tasks"]["gsm8k"], "version": "4"}}}, "task gsm8k: version differs"),
        ({"tasks": {"gsm8k": {**RESULTS["tasks"]["gsm8k"], "grading": {}}}}, "task gsm8k: grader differs"),
        ({"plan": {"settings": {"num_fewshot": 0}}}, "prompt: num_fewshot is 0"),
        ({"metrics": {"sustainscore": "2"}}, "metrics sustainscore 2"),
    ],
)
def test_runs_that_are_not_of_one_kind_are_named(changes, said):
    found = mismatches([run([]), run([], **changes)])
    assert len(found) == 1
    assert said in found[0]
    assert mismatches([run([]), run([], constraint_types={"other": "9"})]) == []


def test_two_runs_at_least():
    with pytest.raises(HarnessError, match="two or more run folders"):
        call(["runs/x"])


def test_two_real_runs_from_their_folders(tmp_path, capsys):
    """Through `harness run`, twice, with a model that cannot count when told to be brief."""
    import asyncio

    from harness.plan import Plan
    from harness.registry import load_registry
    from harness.run import run as carried_out

    registry = load_registry(files=[str(SUMS)])
    folders = []
    for model in ("sums:steady", "sums:brittle"):
        plan = Plan(
            tasks=("sums",),
            model=model,
            constraint_type=("mine",),
            option={"temperature": "1.0"},
            output=str(tmp_path / "runs"),
        )
        folders.append(str(asyncio.run(carried_out(plan, registry)).folder))
    capsys.readouterr()
    assert call([*folders, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    [difference] = [one for one in found["estimates"] if one["metric"] == "difference"]
    assert difference["note"] == "the second loses more"
    assert difference["value"] == pytest.approx(0.5, abs=0.15)
    assert call([*folders, "--markdown"]) == 0
    assert "| the second loses more |" in capsys.readouterr().out
    assert call(folders) == 0
    assert "brittle" in capsys.readouterr().out
