"""Further models find the effects that draws were made with, and say where there is nothing to find."""

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Constraint, HarnessError, Record, Response, Score, TaskSpec, Trial, Verdict
from harness.testing import ListTask
from harness_sustainscore.analyse.command import untreated
from harness_sustainscore.analyse.draws import BROKEN, COMPLIED, KEPT, VIOLATED, Draw, severity
from harness_sustainscore.analyse.mixed import design, marginal, mixed
from harness_sustainscore.analyse.severity import severities
from harness_sustainscore.analyse.terms import covariates

SUMS = Path(__file__).parents[2] / "sums.py"


def logistic(x):
    return 1 / (1 + math.exp(-x))


def draws(effect, items=150, r=4, counts=(1, 4), seed=0, worse=0.0):
    """Draws of items whose log odds vary with sd 1, and lie lower by `effect` under constraints."""
    rng = random.Random(seed)
    found = []
    for item in range(items):
        ease = rng.gauss(1.5, 1)
        family = ("format", "length")[item % 2]
        for k in counts:
            for treated in (True, False):
                for _ in range(r):
                    solved = rng.random() < logistic(ease - effect * treated)
                    level = sum(rng.random() < logistic(worse * math.log2(1 + k) - 1) for _ in range(3))
                    found.append(
                        Draw(
                            task="t",
                            domain="math",
                            item=str(item),
                            cluster=str(item),
                            family=family,
                            wording="polite" if item % 3 else "imperative",
                            k=k,
                            treated=treated,
                            solved=solved,
                            severity=level,
                            q=0.9 + 0.1 * rng.random(),
                        )
                    )
    return found


def told(estimates, metric, **labels):
    [one] = [one for one in estimates if one.metric == metric and labels.items() <= one.labels.items()]
    return one


@pytest.mark.parametrize("model", [mixed, marginal])
def test_a_planted_effect_is_found_and_none_where_there_is_none(model):
    found = told(list(model(draws(1.0))), "treated")
    assert found.high < 0
    assert found.value == pytest.approx(-1.0, abs=0.35)
    nothing = told(list(model(draws(0.0, seed=1))), "treated")
    assert abs(nothing.value) < 0.3


def test_the_mixed_model_tells_how_much_items_differ():
    found = told(list(mixed(draws(1.0))), "sd of item")
    assert 0.5 < found.value < 1.6


def test_terms_that_do_not_vary_are_left_out():
    assert list(covariates(draws(0.0, items=12, counts=(1,)))) == ["distance", "family format"]
    assert "treated:dose" in design(draws(0.0, items=12))
    rare = [draw for draw in draws(0.0, items=12) if draw.family == "format" or draw.item == "1"]
    assert "family format" not in covariates(rare)


def test_more_constraints_that_do_worse_are_an_effect_of_the_dose():
    found = list(severities(draws(0.0, items=80, worse=0.6), resamples=20))
    dose = told(found, "dose", beyond="all thresholds")
    assert dose.low > 0
    assert dose.value == pytest.approx(0.6 * 1.0, abs=0.5)
    assert {one.labels["beyond"] for one in found if one.metric == "dose"} == {
        "all thresholds",
        "kept",
        "lost, complied",
        "lost, violated",
    }
    nothing = told(list(severities(draws(0.0, items=80, seed=3), resamples=20)), "dose", beyond="all thresholds")
    assert nothing.low < 0 < nothing.high


def test_the_shares_of_outcomes_sum_to_one():
    shares = [one.value for one in severities(draws(0.0, items=20), resamples=5) if one.metric == "share"]
    assert len(shares) == len({KEPT, COMPLIED, VIOLATED, BROKEN})
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "met", "expected"),
    [
        ("#### 18", (False,), KEPT),
        ("#### 17", (True, True), COMPLIED),
        ("#### 17", (True, False), VIOLATED),
        ("#### 17", (None, False), VIOLATED),
        ("#### 17", (True, None), None),
        ("#### 17", (None,), None),
        ("", (True,), BROKEN),
    ],
)
def test_how_bad_an_answer_is_is_told_by_its_verdicts_and_unknown_without_them(text, met, expected):
    task = ListTask(name="t", rows=(), domain="mathematics", spec=TaskSpec(name="t", channel="####"))
    asked = Trial(arm="base", draw=0, responses=(Response(text="#### 18"),), score=Score(solved=True))
    trial = Trial(
        arm="constrained",
        draw=0,
        k=len(met),
        responses=(Response(text=text),),
        score=Score(solved=text == "#### 18"),
        verdicts=tuple(Verdict(met=one) for one in met),
    )
    made = Constraint(type="c", family="format", version="1", params={}, text="Use no table.")
    record = Record(
        doc="t/0", task="t", index=0, golds=("18",), source=0, constraints=(made,) * len(met), trials=(asked, trial)
    )
    assert severity(record, task, trial) == expected


def test_answers_that_nobody_judged_are_counted_apart():
    members = [draw for draw in draws(0.0, items=20) if draw.treated]
    unknown = [replace(draw, severity=None) for draw in members[:7]]
    found = list(severities([*unknown, *members[7:]], resamples=5))
    assert told(found, "not_judged").value == len(unknown)
    assert {one.n for one in found if one.metric == "share"} == {len(members) - len(unknown)}


def test_too_little_is_said_to_be_too_little():
    with pytest.raises(HarnessError, match="10 solved items"):
        list(mixed(draws(0.0, items=4)))
    with pytest.raises(HarnessError, match="came out alike"):
        list(severities([draw for draw in draws(0.0, items=9) if draw.severity == 0]))
    same = [draw for draw in draws(0.0, items=30) if draw.solved or not draw.treated]
    with pytest.raises(HarnessError, match="one way; use --model glmm"):
        list(marginal(same))


@pytest.mark.parametrize("model", [mixed, marginal])
def test_a_task_with_too_little_is_told_of_beside_the_others(model):
    few = [replace(draw, task="few") for draw in draws(0.0, items=4)]
    one_arm = [replace(draw, task="one arm") for draw in draws(0.0, items=20) if draw.treated]
    found = list(model([*few, *draws(1.0, items=40), *one_arm]))
    assert told(found, "treated", task="t").value is not None
    for task, items in (("few", 4), ("one arm", 20)):
        [alone] = [one for one in found if one.labels["task"] == task]
        assert alone.value is None
        assert alone.n == items
        assert "10 solved items" in alone.note


def test_a_task_without_any_draw_is_told_of():
    [one] = untreated(["t", "never solved"], draws(0.0, items=2))
    assert one.labels == {"task": "never solved"}
    assert one.note


@pytest.mark.parametrize("model", ["glmm", "ordinal"])
def test_a_real_run_is_analysed_from_its_folder(tmp_path, capsys, monkeypatch, model):
    import asyncio

    from harness.plan import Plan
    from harness.registry import load_registry
    from harness.run import run
    from harness_sustainscore.analyse.command import call

    plan = Plan(
        tasks=("sums",),
        model="sums:brittle",
        constraint_type=("mine", "format"),
        option={"constraint_count": "1,2"},
        output=str(tmp_path / "runs"),
    )
    folder = asyncio.run(run(plan, load_registry(files=[str(SUMS)]))).folder
    capsys.readouterr()
    monkeypatch.setattr("harness_sustainscore.analyse.severity.RESAMPLES", 10)
    assert call([str(folder), "--model", model, "--json"]) == 0
    found = {one["metric"]: one for one in json.loads(capsys.readouterr().out)}
    if model == "glmm":
        assert found["treated"]["high"] < 0
    else:
        assert found["dose"]["value"] is not None
    assert call([str(folder), "--model", model]) == 0
    assert "log odds" in capsys.readouterr().out
