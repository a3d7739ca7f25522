"""Metrics take K and never infer it; every gap case of the known libraries returns the true value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, log_loss

from harness import UnknownName
from harness_ordinal import METRICS, OrdinalError, metric_named, predictions_of, sequential_exceedance


def value(name, truth, ranks=None, size=5, **more):
    return METRICS[name].value(predictions_of(truth, size, ranks=ranks, **more))


PAIRS = st.integers(2, 12).flatmap(
    lambda size: st.tuples(
        st.just(size),
        st.lists(
            st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), st.integers(0, 3)), min_size=2, max_size=40
        ),
    )
)
#: Metrics of ranks alone.
OF_RANKS = [name for name, metric in METRICS.items() if not metric.distribution]


def test_macro_mae_of_the_outer_ranks_is_two_and_not_a_half():
    assert value("macro_mae", [0, 0, 4, 4], [0, 4, 0, 4]) == 2.0


def test_predictions_of_ranks_that_the_truth_lacks_are_counted():
    assert value("accuracy_within_1", [0, 0, 0, 0], [0, 2, 3, 4]) == 0.25


def test_the_outer_ranks_are_not_neighbours():
    assert value("accuracy_within_1", [0, 4], [0, 0]) == 0.5


def test_kappa_measures_distance_on_the_scale_and_not_among_the_ranks_met():
    truth, ranks = [0, 0, 1, 1, 4], [0, 4, 0, 1, 4]
    assert cohen_kappa_score(truth, ranks, weights="quadratic") == pytest.approx(0.286, abs=5e-4)
    assert value("qwk", truth, ranks) == pytest.approx(0.422, abs=5e-4)


def test_max_class_mae_is_the_maximum_and_macro_mae_the_mean():
    truth, ranks = [0, 0, 0, 3], [0, 0, 0, 1]
    assert value("max_class_mae", truth, ranks) == 2.0
    assert value("macro_mae", truth, ranks) == 1.0
    assert value("mae", truth, ranks) == 0.5


@pytest.mark.parametrize("name", ["qwk", "linear_kappa", "spearman", "kendall_tau_b"])
def test_no_variation_at_all_is_undefined_and_not_zero(name):
    assert value(name, [2, 2, 2], [2, 2, 2]) is None


def test_a_constant_prediction_has_kappa_zero_and_no_rank_correlation():
    assert value("qwk", [0, 1, 2, 3], [2, 2, 2, 2]) == 0.0
    assert value("spearman", [0, 1, 2, 3], [2, 2, 2, 2]) is None
    assert value("kendall_tau_b", [0, 1, 2, 3], [2, 2, 2, 2]) is None


def test_the_log_score_needs_no_class_list_and_counts_what_it_floors():
    certain = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert value("log_score_floored", [0, 2], size=3, exceedance=certain) == 0.5
    assert value("log_score", [0, 2], size=3, exceedance=certain) == pytest.approx(-np.log(1e-12) / 2)


def test_the_log_score_is_sklearns_where_that_one_is_right():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(4), 50)
    truth = np.random.default_rng(1).integers(0, 3, 50)  # rank 3 is absent
    exceedance = 1 - np.cumsum(probabilities, axis=1)[:, :-1]
    expected = log_loss(truth, probabilities, labels=range(4))
    assert value("log_score", truth, size=4, exceedance=exceedance) == pytest.approx(expected)


def test_rps_by_hand():
    exceedance = np.array([[0.9, 0.5, 0.1]])
    assert value("rps", [1], size=4, exceedance=exceedance) == pytest.approx(0.01 + 0.25 + 0.01)
    assert value("rps_normalized", [1], size=4, exceedance=exceedance) == pytest.approx(0.27 / 3)


def test_inconsistency_is_counted_with_the_tolerance_of_the_coral_authors():
    exceedance = np.array([[0.5, 0.5 + 9e-6, 0.2], [0.2, 0.5, 0.9], [0.9, 0.5, 0.6]])
    found = [value(f"inconsistent_{kind}", [0, 0, 0], size=4, exceedance=exceedance) for kind in ("share", "count")]
    assert found == pytest.approx([2 / 3, 1.0])
    magnitude = value("inconsistent_magnitude", [0, 0, 0], size=4, exceedance=exceedance)
    assert magnitude == pytest.approx((9e-6 + 0.7 + 0.1) / 3)


def test_threshold_ece_by_hand_and_zero_for_a_calibrated_forecast():
    exceedance = np.full((10, 1), 0.3)
    truth = [1] * 3 + [0] * 7
    assert value("threshold_ece", truth, size=2, exceedance=exceedance) == pytest.approx(0.0, abs=1e-12)
    assert value("threshold_ece", [0] * 10, size=2, exceedance=exceedance) == pytest.approx(0.3)


@settings(deadline=None)
@given(PAIRS)
def test_libraries_agree_wherever_they_are_right(case):
    size, rows = case
    truth, ranks = (np.array([row[at] for row in rows]) for at in (0, 1))
    for name, weights in (("qwk", "quadratic"), ("linear_kappa", "linear")):
        if len({*truth, *ranks}) > 1:
            theirs = cohen_kappa_score(truth, ranks, weights=weights, labels=range(size))
            assert value(name, truth, ranks, size) == pytest.approx(theirs, abs=1e-9)
    if len(set(truth)) > 1 and len(set(ranks)) > 1:
        assert value("spearman", truth, ranks, size) == pytest.approx(spearmanr(truth, ranks)[0], abs=1e-9)
        assert value("kendall_tau_b", truth, ranks, size) == pytest.approx(kendalltau(truth, ranks)[0], abs=1e-9)
    if len(set(truth)) > 1 and set(ranks) <= set(truth):  # sklearn warns of what it cannot count
        assert value("macro_recall", truth, ranks, size) == pytest.approx(balanced_accuracy_score(truth, ranks))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 4)), min_size=2, max_size=30))
def test_rank_correlations_of_decoded_means_are_scipys(rows):
    truth, ranks = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    if len(set(truth)) > 1 and len(set(ranks)) > 1:
        assert value("spearman", truth, ranks) == pytest.approx(spearmanr(truth, ranks)[0], abs=1e-9)
        assert value("kendall_tau_b", truth, ranks) == pytest.approx(kendalltau(truth, ranks)[0], abs=1e-9)


@settings(deadline=None)
@given(PAIRS)
def test_a_weight_of_two_is_the_item_twice(case):
    size, rows = case
    truth, ranks, times = (np.array([row[at] for row in rows]) for at in (0, 1, 2))
    for name in OF_RANKS:
        weighted = value(name, truth, ranks, size, weights=times)
        repeated = value(name, np.repeat(truth, times), np.repeat(ranks, times), size)
        assert weighted == (None if repeated is None else pytest.approx(repeated, abs=1e-9)), name


@settings(deadline=None)
@given(PAIRS)
def test_reversing_the_scale_changes_no_metric_of_ranks(case):
    size, rows = case
    truth, ranks = (np.array([row[at] for row in rows]) for at in (0, 1))
    for name in OF_RANKS:
        ours, reversed_ = value(name, truth, ranks, size), value(name, size - 1 - truth, size - 1 - ranks, size)
        assert ours == (None if reversed_ is None else pytest.approx(reversed_, abs=1e-9)), name


def test_reversing_the_scale_changes_no_score_of_a_distribution():
    random = np.random.default_rng(0)
    exceedance = sequential_exceedance(random.normal(size=(60, 6)))
    truth = random.integers(0, 7, 60)
    mirrored = 1 - exceedance[:, ::-1]
    for name in ("rps", "rps_normalized", "log_score", "inconsistent_share", "inconsistent_magnitude"):
        ours = value(name, truth, size=7, exceedance=exceedance)
        assert ours == pytest.approx(value(name, 6 - truth, size=7, exceedance=mirrored)), name


def test_a_scale_may_hold_ranks_that_nothing_has():
    for name in OF_RANKS:
        assert value(name, [0, 1, 2, 2], [0, 1, 1, 2], size=3) == pytest.approx(
            value(name, [0, 1, 2, 2], [0, 1, 1, 2], size=100)
        ), name


@pytest.mark.parametrize(
    ("truth", "ranks", "message"),
    [
        ([-1, 0], [0, 0], r"truth: 1 of 2 values are off the scale 0 .. 4 \(-1\)"),
        ([5, 0], [0, 0], r"\(5\)"),
        ([2.5, 0], [0, 0], r"\(2.5\)"),
        ([float("nan"), 0], [0, 0], r"\(nan\)"),
        ([0, 0], [0, 5], "predicted ranks: 1 of 2"),
        ([0, 0], [0, float("nan")], "predicted ranks"),
        ([0, 0], [0], "1 predicted ranks for 2 items"),
        ([[0], [0]], [0, 0], r"shape \(2, 1\)"),
        (["good", "bad"], [0, 0], "ranks are numbers 0 to 4"),
    ],
)
def test_what_is_off_the_scale_is_named(truth, ranks, message):
    with pytest.raises(OrdinalError, match=message):
        predictions_of(truth, 5, ranks=ranks)


def test_a_distribution_of_the_wrong_width_or_of_logits_is_named():
    with pytest.raises(OrdinalError, match=r"need \(2, 4\)"):
        predictions_of([0, 1], 5, exceedance=np.zeros((2, 5)))
    with pytest.raises(OrdinalError, match="are these logits"):
        predictions_of([0], 2, exceedance=[[3.0]])


def test_metrics_that_need_whole_ranks_say_nothing_of_decoded_means():
    assert value("qwk", [0, 1], [0.5, 1]) is None
    assert value("accuracy", [0, 1], [0.5, 1]) is None
    assert value("mae", [0, 1], [0.5, 1]) == 0.25


def test_no_items_have_no_figure():
    assert all(value(name, [], []) is None for name in OF_RANKS)


def test_an_unknown_metric_is_named():
    with pytest.raises(UnknownName, match="did you mean qwk"):
        metric_named("qwkk")


@pytest.mark.parametrize("name", ["threshold_ece", "spearman", "kendall_tau_b"])
def test_the_fast_way_to_a_figure_gives_the_figure_of_its_sums(name, monkeypatch):
    monkeypatch.setattr("harness_ordinal.metrics.tables.MANY", 10)
    random = np.random.default_rng(0)
    exceedance = np.sort(random.random((300, 4)), axis=1)[:, ::-1]
    weights = random.integers(0, 3, 300) if name == "threshold_ece" else None
    predictions = predictions_of(random.integers(0, 5, 300), 5, exceedance=exceedance, decoding="mean", weights=weights)
    metric = METRICS[name]
    sums = metric.sums(predictions)
    figure = sums.figure(np.asarray(sums.parts.T @ predictions.weights).reshape(1, -1))[0]
    assert metric.direct(predictions) == pytest.approx(figure, abs=1e-12)
    constant = predictions_of([2] * 20, 5, ranks=np.linspace(0, 4, 20))
    assert METRICS["spearman"].value(constant) is None
    assert METRICS["kendall_tau_b"].value(constant) is None
