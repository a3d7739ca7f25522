"""Resamples are draws of items: the same as drawing by hand; clusters are drawn whole; paired tests see the pairs."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from harness_ordinal import METRICS, OrdinalError, predictions_of
from harness_ordinal.metrics.estimates import compared, estimated, intervals
from harness_ordinal.metrics.resampling import bootstrap_counts, units_for

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.integers(0, 5, 300)
CLOSE = np.clip(TRUTH + RANDOM.integers(-1, 2, 300), 0, 4)
FAR = np.clip(TRUTH + RANDOM.integers(-2, 3, 300), 0, 4)
EXCEEDANCE = 1 / (1 + np.exp(-(TRUTH[:, None] - np.arange(4) - 0.5 + RANDOM.normal(size=(300, 1)))))


@pytest.mark.parametrize("name", list(METRICS))
def test_the_figure_of_a_draw_is_the_metric_of_the_items_drawn(name):
    predictions = predictions_of(TRUTH, 5, exceedance=EXCEEDANCE)
    metric = METRICS[name]
    units = units_for(predictions, items=True)
    counts = bootstrap_counts(units, 3, np.random.default_rng(0))
    sums = metric.sums(predictions)
    drawn = sums.figure(np.asarray(counts @ units.parts(sums)))
    for times, figure in zip(counts.astype(int), drawn, strict=True):
        index = np.repeat(np.arange(300), times)
        by_hand = metric.value(predictions_of(TRUTH[index], 5, exceedance=EXCEEDANCE[index]))
        assert figure == pytest.approx(by_hand, abs=1e-9)


def test_equal_items_drawn_together_have_the_same_law_as_drawn_apart():
    predictions = predictions_of(TRUTH, 5, ranks=CLOSE)
    apart, together = (
        intervals([METRICS["qwk"].sums(predictions)], units_for(predictions, items=items), seed=3)[0]
        for items in (True, False)
    )
    assert apart.value == together.value
    assert apart.low == pytest.approx(together.low, abs=2e-3)
    assert apart.high == pytest.approx(together.high, abs=2e-3)


def test_intervals_are_those_of_scipys_bca():
    found = {one.metric: one for one in estimated(predictions_of(TRUTH, 5, ranks=FAR), seed=1)}
    theirs = bootstrap((np.abs(FAR - TRUTH),), np.mean, n_resamples=10_000, random_state=np.random.default_rng(2))
    assert found["mae"].low == pytest.approx(theirs.confidence_interval.low, abs=0.01)
    assert found["mae"].high == pytest.approx(theirs.confidence_interval.high, abs=0.01)
    assert found["mae"].method == "BCa bootstrap over items, 10,000 draws"


def test_clusters_are_drawn_whole_and_widen_the_interval():
    twenty = [str(item) for item in range(300)] * 20
    copied = predictions_of(np.tile(TRUTH, 20), 5, ranks=np.tile(FAR, 20), clusters=twenty)
    once = predictions_of(TRUTH, 5, ranks=FAR)
    of_copies, of_once = (estimated(one, [METRICS["qwk"]], draws=4000)[0] for one in (copied, once))
    assert of_copies.value == pytest.approx(of_once.value)
    assert of_copies.low == pytest.approx(of_once.low, abs=6e-3)
    assert "clusters" in of_copies.method


def test_a_paired_difference_is_seen_where_intervals_overlap():
    first = predictions_of(TRUTH, 5, ranks=CLOSE)
    worse = CLOSE.copy()
    worse[:12] = np.where(TRUTH[:12] > 2, 0, 4)
    difference = compared(first, predictions_of(TRUTH, 5, ranks=worse), [METRICS["mae"]])[0]
    assert difference.value < 0
    assert difference.high < 0
    assert difference.p < 0.01


def test_a_system_does_not_differ_from_itself():
    same = predictions_of(TRUTH, 5, exceedance=EXCEEDANCE)
    for one in compared(same, same, draws=200):
        assert one.value == 0
        assert one.p == 1


def test_the_permutation_test_keeps_its_level():
    random = np.random.default_rng(0)
    low = 0
    for _ in range(60):
        truth = random.integers(0, 4, 60)
        pair = [predictions_of(truth, 4, ranks=random.integers(0, 4, 60)) for _ in range(2)]
        low += compared(*pair, [METRICS["qwk"]], draws=200)[0].p < 0.1
    assert low <= 14  # binomial(60, 0.1): 14 or more once in a thousand


def test_systems_on_different_items_are_not_paired():
    with pytest.raises(OrdinalError, match="different items"):
        compared(predictions_of([0, 1], 3, ranks=[0, 1]), predictions_of([1, 0], 3, ranks=[0, 1]))


def test_a_seed_gives_the_same_interval_again():
    predictions = predictions_of(TRUTH, 5, exceedance=EXCEEDANCE)
    assert estimated(predictions, draws=500, seed=7) == estimated(predictions, draws=500, seed=7)
    assert estimated(predictions, draws=500, seed=7) != estimated(predictions, draws=500, seed=8)


def test_no_spread_gives_no_bounds():
    one = estimated(predictions_of([0, 1, 2], 3, ranks=[0, 1, 2]), [METRICS["accuracy"]])[0]
    assert (one.value, one.low, one.high) == (1.0, None, None)
