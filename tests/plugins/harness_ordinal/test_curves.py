"""Tables and curves: counted by hand, flat for a forecaster that is calibrated."""

import numpy as np
import pytest

from harness_ordinal import METRICS, OrdinalError, predictions_of
from harness_ordinal.data.friedman import friedman, oracle_exceedance
from harness_ordinal.metrics.curves import class_maes, class_recalls, confusion, pit_histogram, reliability


def test_confusion_recalls_and_errors_know_ranks_that_are_absent():
    found = predictions_of([0, 0, 3], 4, ranks=[0, 2, 1])
    assert confusion(found).tolist() == [[1, 0, 1, 0], [0] * 4, [0] * 4, [0, 1, 0, 0]]
    assert class_recalls(found) == (0.5, None, None, 0.0)
    assert class_maes(found) == (1.0, None, None, 2.0)


@pytest.fixture(scope="module")
def oracle():
    made = friedman(20_000, 8, seed=2)
    return predictions_of(made.dataset.ranks, 8, exceedance=oracle_exceedance(made.mean, made.cuts))


def test_a_calibrated_forecaster_has_a_flat_pit_and_reliable_thresholds(oracle):
    assert pit_histogram(oracle) == pytest.approx(np.ones(10), abs=0.06)
    for one in reliability(oracle):
        if one.weight > 500:
            assert one.forecast == pytest.approx(one.observed, abs=0.07)


def test_a_forecaster_that_is_too_sure_has_a_valley(oracle):
    sharp = oracle.exceedance**3 / (oracle.exceedance**3 + (1 - oracle.exceedance) ** 3)
    found = pit_histogram(predictions_of(oracle.truth, 8, exceedance=sharp))
    assert found[0] > 1.2
    assert found[4] < 0.9
    assert found.mean() == pytest.approx(1)


def test_reliability_sums_to_the_threshold_wise_error(oracle):
    bins = reliability(oracle)
    gap = sum(one.weight * abs(one.forecast - one.observed) for one in bins) / (len(oracle) * 7)
    assert METRICS["threshold_ece"].value(oracle) == pytest.approx(gap)


def test_what_has_no_table_or_curve_is_named():
    with pytest.raises(OrdinalError, match="whole ranks"):
        confusion(predictions_of([0], 3, ranks=[0.5]))
    with pytest.raises(OrdinalError, match="needs a distribution"):
        reliability(predictions_of([0], 3, ranks=[0]))
    with pytest.raises(OrdinalError, match="out of order"):
        pit_histogram(predictions_of([0], 3, exceedance=[[0.2, 0.8]]))
