"""The sustain curve: CORN's chain product, product-limit and stacked logit are one; recoveries and slopes are told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness import Constraint, Estimate, Record, Response, Score, Trial, Verdict
from harness_ordinal import fitted_head
from harness_ordinal.sustain.chains import Chain, Step, chains_of
from harness_ordinal.sustain.curve import curve_of
from harness_ordinal.sustain.figures import sustain_estimates
from harness_ordinal.sustain.logit import fitted
from harness_ordinal.sustain.slopes import corn_curve, slopes, stacked

LEVELS = (1, 2, 4)


def record(outcomes, *, doc="t/0", family="format", met=(True, True, True)):
    """A record of an item: outcomes[draw][level], and whether three other base answers met its constraints."""
    made = tuple(
        Constraint(type=f"c{n}", family=family, version="1", params={}, text="x" * (n + 1)) for n in range(max(LEVELS))
    )
    base = tuple(
        Trial(
            arm="base",
            draw=draw,
            responses=(Response(text="a"),),
            score=Score(solved=True),
            verdicts=tuple(Verdict(met=draw == 0 or met[draw - 1]) for _ in made),
        )
        for draw in range(4)
    )
    trials = tuple(
        Trial(
            arm="constrained",
            draw=draw,
            k=k,
            inserted="y" * (10 * k),
            position="appended",
            responses=(Response(text="a"),),
            score=Score(solved=solved),
        )
        for draw, row in enumerate(outcomes)
        for k, solved in zip(LEVELS, row, strict=True)
    )
    return Record(doc=doc, task="t", index=0, source=0, constraints=made, trials=(*base, *trials))


def chain(outcomes, *, unit="u", family="format", forced=0.0, levels=LEVELS):
    steps = tuple(
        Step(k=k, sustained=one, forced=forced, log_length=0.0, position="appended")
        for k, one in zip(levels, outcomes, strict=True)
    )
    return Chain(task="t", unit=unit, family=family, steps=steps)


def test_a_record_gives_a_chain_for_each_draw():
    chains = chains_of(record([(True, True, False), (True, False, True)], met=(True, False, False)), None)
    assert [one.survived for one in chains] == [2, 1]
    assert [one.recovered for one in chains] == [False, True]
    assert [step.k for step in chains[0].steps] == [1, 2, 4]
    assert chains[0].steps[0].forced == pytest.approx(1 - 2 / 5)  # one of three others met it, Laplace's rule
    assert chains[0].steps[1].log_length == pytest.approx(math.log(20))
    assert chains[0].family == "format"


def test_a_record_with_one_number_of_constraints_has_no_curve():
    whole = record([(True, True, True)])
    one = [trial for trial in whole.trials if trial.k in (0, 1)]
    from dataclasses import replace

    assert chains_of(replace(whole, trials=tuple(one)), None) is None


def test_what_could_not_be_judged_is_censored_and_not_a_loss():
    assert chain((True, None, False)).survived is None
    assert chain((False, None, True)).survived == 0
    points = curve_of([chain((True, None, False), unit="a"), chain((True, True, True), unit="b")])
    assert [point.value for point in points] == [1.0, 1.0, 1.0]
    assert [point.at_risk for point in points] == [2, 1, 1]


def drawn(items, seed, *, slope=0.0, bend=0.0):
    """Chains of a known truth: logit P(sustain step j) = a_j - (slope + bend * j) * forced."""
    random = np.random.default_rng(seed)
    found = []
    for item in range(items):
        forced = float(random.uniform(0, 1))
        for _ in range(2):
            p = [1 / (1 + math.exp(-(a - (slope + bend * j) * forced))) for j, a in enumerate((2.0, 1.5, 1.0))]
            lost = np.flatnonzero(random.random(3) > np.array(p))
            end = int(lost[0]) if len(lost) else 3
            found.append(chain([place < end for place in range(3)], unit=str(item), forced=forced))
    return found


def test_the_curve_is_the_chain_product_of_a_corn_head_and_of_the_stacked_logit():
    chains = drawn(60, 0)
    values = [point.value for point in curve_of(chains)]
    ends = [one.survived for one in chains]
    assert values == pytest.approx([np.mean([end > k for end in ends]) for k in range(3)])  # nobody is censored here
    head = fitted_head("corn:nll", np.zeros((len(ends), 1)), ends, 4)
    assert head.exceedance(np.zeros((1, 1)))[0] == pytest.approx(values, abs=1e-6)
    data = stacked(chains)
    hazards = fitted(np.eye(3)[data.steps], data.sustained, 3).coefficients
    assert np.cumprod(1 / (1 + np.exp(-hazards))) == pytest.approx(values, abs=1e-6)
    assert sorted(values, reverse=True) == values


def test_the_band_holds_the_truth_and_clusters_widen_it():
    truth = np.cumprod([1 / (1 + math.exp(-a)) for a in (2.0, 1.5, 1.0)])
    inside = 0
    for seed in range(20):
        points = curve_of(drawn(80, seed))
        inside += sum(point.low <= value <= point.high for point, value in zip(points, truth, strict=True))
    assert inside >= 52  # of 60; 57 are expected
    alike = [chain((n % 3 > 0, n % 3 > 1, False), unit=str(n // 12)) for n in range(120)]
    apart = [chain(tuple(s.sustained for s in one.steps), unit=str(n)) for n, one in enumerate(alike)]
    same = [chain((n < 5, n < 3, False), unit=str(n)) for n in range(10) for _ in range(12)]
    assert curve_of(same)[0].high - curve_of(same)[0].low > curve_of(apart)[0].high - curve_of(apart)[0].low


def test_no_loss_has_a_bound_by_the_rule_of_three():
    points = curve_of([chain((True, True, True), unit=str(n)) for n in range(30)])
    assert [(point.value, point.low) for point in points] == [(1.0, pytest.approx(0.9))] * 3


def test_slopes_are_found_and_one_that_differs_by_step_is_told():
    even = slopes(stacked(drawn(900, 1, slope=1.5)), 3)
    (one,) = even
    spread = math.sqrt(1 / 12)  # a standard deviation of the uniform forcing
    assert one.name == "1 - q"
    assert one.value == pytest.approx(-1.5 * spread, abs=4 * one.error)
    assert one.p > 0.001
    (bent,) = slopes(stacked(drawn(900, 2, slope=0.0, bend=2.0)), 3)
    assert bent.p < 0.001
    assert bent.at[0] == pytest.approx(0.0, abs=4 * bent.at_error[0])
    assert bent.at[2] == pytest.approx(-4.0 * spread, abs=4 * bent.at_error[2])


def test_the_corn_head_with_covariates_keeps_the_mean_of_the_curve():
    chains = drawn(300, 3, slope=1.5)
    assert corn_curve(chains) == pytest.approx([point.value for point in curve_of(chains)], abs=0.01)
    assert corn_curve([chain((True, True, True))]) is None


def test_few_losses_give_no_slopes():
    assert slopes(stacked(drawn(5, 0)), 3) is None


def test_the_report_tells_curve_slopes_and_recoveries_and_draws_a_picture():
    rows = [
        tuple(
            chain([s.sustained for s in one.steps], unit=one.unit, family=family, forced=one.steps[0].forced)
            for one in drawn(80, seed, slope=1.0)
        )
        for seed, family in ((0, "format"), (1, "length"))
    ]
    rows.append((chain((True, False, True), unit="back"),))
    found = list(sustain_estimates(rows, {}))
    curves = {one.labels["curve of"] for one in found if one.metric == "sustained"}
    assert curves == {"all", "format", "length"}
    (back,) = [one for one in found if one.metric == "recovered"]
    assert back.value == pytest.approx(1 / back.n)
    assert {one.labels["covariate"] for one in found if one.metric == "slope"} == {"1 - q", "family length"}
    from harness_report.pictures.curve import curve

    assert curve(found) is not None
    assert '"still solved, in %"' in curve(found).to_json()
    assert curve([Estimate(metric="D_spec", value=0.1, n=3)]) is None
