"""Intervals and tests: published values, properties, and their behaviour on simulated data."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import (
    Noise,
    benjamini_hochberg,
    clustered,
    covariate_slope,
    difference_interval,
    draw_noise,
    equivalence_p,
    holm,
    items_needed,
    least_effect,
    leave_one_out_floor,
    leave_two_out_floor,
    max_t,
    mcnemar_mid_p,
    mean_interval,
    paired_difference,
    ratio_interval,
    rule_of_three,
    sign_flip_p,
    tango,
    wilson,
)
from harness.stats.clusters import WORTH_THREADS, distinct, resampled
from harness.stats.means import FEW, mean_bca

#: Method 3.6: parameters of the beta distribution of p, loss of successes, draws, items.
SIZES = [
    (*shape, loss, draws, items)
    for shape, loss, sizes in (
        ((8, 1.2), 0.03, (2347, 1178, 593, 300)),
        ((8, 1.2), 0.05, (899, 453, 231, 119)),
        ((8, 1.2), 0.10, (254, 130, 69, 38)),
        ((0.33, 0.17), 0.05, (634, 321, 165, 87)),
        ((1.5, 1.0), 0.05, (2064, 1036, 523, 266)),
    )
    for draws, items in zip((1, 2, 4, 8), sizes, strict=True)
]


@given(st.integers(0, 300), st.integers(0, 300))
def test_wilson_holds_its_share_and_stays_in_bounds(hits, misses):
    low, high = wilson(hits, hits + misses)
    assert 0.0 <= low <= high <= 1.0
    if hits + misses:
        assert low <= hits / (hits + misses) <= high


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 7), (9, 10), (50, 100), (263, 263)])
def test_wilson_equals_scipy(hits, n):
    expected = scipy_stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_tango_is_antisymmetric_and_holds_its_difference(gained, lost, same):
    n = gained + lost + same
    low, high = tango(gained, lost, n)
    assert -1.0 <= low <= high <= 1.0
    mirrored = tango(lost, gained, n)
    assert (low, high) == pytest.approx((-mirrored[1], -mirrored[0]), abs=1e-9)
    if n:
        assert low <= (gained - lost) / n <= high


@pytest.mark.parametrize(("gained", "lost", "n", "low", "high"), [(1, 7, 21, -0.517, -0.026), (7, 1, 21, 0.026, 0.517)])
def test_tango_gives_the_published_interval(gained, lost, n, low, high):
    """Fagerland, Lydersen and Laake 2014, airway hyper-responsiveness."""
    assert tango(gained, lost, n) == pytest.approx((low, high), abs=5e-4)


def test_tango_covers_where_wald_does_not():
    """Method 3.5: n = 30, 3 % lost, none gained: Wald covers 58 %, Tango 99 %."""
    weights = {lost: math.comb(30, lost) * 0.03**lost * 0.97 ** (30 - lost) for lost in range(31)}
    covered = sum(weight for lost, weight in weights.items() if tango(0, lost, 30)[0] <= -0.03 <= tango(0, lost, 30)[1])
    wald = 0.0
    for lost, weight in weights.items():
        share = lost / 30
        half = 1.96 * math.sqrt(share * (1 - share) / 30)
        wald += weight * (abs(share - 0.03) <= half)
    assert covered > 0.97
    assert wald < 0.62


@given(st.integers(0, 80), st.integers(0, 80))
def test_mcnemar_mid_p_is_the_exact_p_less_half_the_point(gained, lost):
    p = mcnemar_mid_p(gained, lost)
    assert 0.0 < p <= 1.0
    if gained + lost and gained != lost:
        exact = scipy_stats.binomtest(gained, gained + lost).pvalue
        point = scipy_stats.binom.pmf(gained, gained + lost, 0.5)
        assert p == pytest.approx(exact - point, abs=1e-9)


def test_mcnemar_is_defined_at_a_thousand_pairs():
    assert 0 < mcnemar_mid_p(500, 900) < 1e-9


def test_the_mean_of_draws_gets_scipys_bca_interval():
    values = np.random.default_rng(7).beta(5, 2, size=120)
    ours = mean_interval(list(values))
    theirs = scipy_stats.bootstrap((values,), np.mean, method="BCa", rng=1).confidence_interval
    assert ours.method == "BCa bootstrap over items"
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=4e-3)


def test_items_of_one_cluster_widen_the_interval():
    values = [float(i // 10 % 2) * 0.9 + 0.01 * (i % 7) for i in range(200)]
    alone = mean_interval(values)
    together = mean_interval(values, [f"passage {i // 10}" for i in range(200)])
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_interval_is_the_same_each_time():
    values = [random.Random(3).random() for _ in range(50)]
    assert mean_interval(values) == mean_interval(values)


def test_values_without_spread_have_no_bounds():
    assert mean_interval([0.5, 0.5, 0.5]).low is None


def test_shares_that_are_all_one_have_a_lower_bound():
    found = mean_interval([1.0, 1.0, 1.0] * 40, ["a", "b", "c"] * 40)
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.1 < found.low < 0.5  # three clusters, not 120 items


def test_few_items_below_one_get_wilson_at_the_effective_size():
    found = mean_interval([1.0] * 195 + [0.75] * 5)
    assert found.method.startswith("Wilson at")
    assert 0.98 < found.low < found.value < found.high < 1.0
    assert mean_interval([1.0] * 200 + [0.75] * FEW).method.startswith("BCa")


def test_the_mean_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])
    with pytest.raises(ValueError, match="no pairs"):
        paired_difference([], [])


def test_one_draw_each_is_tango_and_several_are_a_bootstrap():
    once, p = paired_difference([1.0] * 20 + [0.0] * 5, [1.0] * 15 + [0.0] * 10)
    assert once.method.startswith("Tango")
    assert p == mcnemar_mid_p(5, 0)
    several, _ = paired_difference([1.0, 0.75, 0.5] * 120, [1.0, 0.5, 0.5] * 120)
    assert several.method.startswith("BCa")
    few, _ = paired_difference([1.0, 0.75, 0.5] * 10, [1.0, 0.5, 0.5] * 10)
    assert few.method.startswith("t over items")


def test_where_few_items_differ_the_interval_is_wider_than_the_bootstrap_would_have_it():
    differences = [0.25] * 5 + [0.0] * 345
    found = difference_interval(differences)
    bootstrap = mean_bca(clustered(None, differences), seed=0)
    assert found.low < bootstrap[0]
    assert found.high - found.low > bootstrap[1] - bootstrap[0]


def test_no_item_differs_is_a_bound():
    found, p = paired_difference([0.75, 0.5] * 30, [0.75, 0.5] * 30)
    assert (found.low, found.high, p) == (-0.05, 0.05, 1.0)
    assert found.method == "rule of three"


def test_the_sign_flip_test_keeps_its_level():
    draws = np.random.default_rng(11)
    rejected = sum(sign_flip_p(list(draws.normal(size=25)), seed=i) < 0.05 for i in range(300))
    assert 5 <= rejected <= 28  # 99.9 % of runs of a true 5 % test


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_the_sign_flip_test_counts_all_flips_and_half_of_the_ties(quarters):
    values = np.array(quarters) / 4
    sums = np.array([np.dot(values, signs) for signs in itertools.product((1, -1), repeat=len(values))])
    observed = abs(values.sum())
    expected = np.mean(np.abs(sums) > observed + 1e-9) + np.mean(np.abs(np.abs(sums) - observed) < 1e-9) / 2
    assert sign_flip_p(values) == pytest.approx(1.0 if not values.any() else expected, abs=1e-9)


@given(st.integers(0, 40), st.integers(0, 40))
def test_signs_of_single_draws_are_mcnemars(gained, lost):
    assert sign_flip_p([1.0] * gained + [-1.0] * lost) == pytest.approx(mcnemar_mid_p(gained, lost), abs=1e-9)


def test_the_sign_flip_test_of_ragged_values_draws_its_signs():
    values = np.random.default_rng(1).normal(0.3, 1.0, size=60)
    t = scipy_stats.ttest_1samp(values, 0.0).pvalue
    assert sign_flip_p(values) == pytest.approx(t, abs=0.015)


def test_the_sign_flip_test_of_a_hundred_thousand_items_is_exact():
    values = np.random.default_rng(1).integers(-2, 3, size=100_000) / 4
    z = values.sum() / np.sqrt(np.sum(values**2))
    assert sign_flip_p(values) == pytest.approx(2 * scipy_stats.norm.sf(abs(z)), rel=0.02)


def test_the_ratio_is_resampled_jointly():
    below = np.random.default_rng(5).uniform(0.2, 1.0, size=200)
    paired = ratio_interval([0.9 * value + 0.01 * (i % 2) for i, value in enumerate(below)], list(below))
    assert 0.9 < paired.low < paired.high < 0.925  # resampled apart, it would be ten times as wide
    assert ratio_interval(list(0.9 * below), list(below)).low is None  # no spread tells nothing of the spread
    assert ratio_interval([0.0, 1.0], [0.0, 0.0]) is None


def test_a_ratio_above_one_is_not_clipped():
    assert ratio_interval([1.0, 1.0, 0.5], [0.5, 1.0, 0.5]).value > 1


def test_the_leave_one_out_floor_is_unbiased():
    """Method 3.3: the true floor is E[p^2] / E[p]."""
    draws = np.random.default_rng(2)
    shares = draws.beta(8, 2, size=20_000)
    solved = [[bool(one) for one in draws.random(4) < share] for share in shares]
    assert leave_one_out_floor(solved) == pytest.approx(np.mean(shares**2) / np.mean(shares), abs=3e-3)
    assert leave_one_out_floor([[True], [False]]) is None


def test_the_rule_of_three_is_a_bound():
    assert rule_of_three(2) == 1.0
    assert rule_of_three(0) == 1.0


def test_the_leave_two_out_floor_is_unbiased():
    """The third moment: E[p^3] / E[p]."""
    draws = np.random.default_rng(4)
    shares = draws.beta(8, 2, size=20_000)
    solved = [[bool(one) for one in draws.random(4) < share] for share in shares]
    assert leave_two_out_floor(solved) == pytest.approx(np.mean(shares**3) / np.mean(shares), abs=4e-3)
    noise = draw_noise(solved)
    assert noise.floor - noise.both == pytest.approx(np.mean(shares**2 * (1 - shares)) / np.mean(shares), abs=2e-3)
    assert draw_noise([[True], [False]]) is None
    assert draw_noise([[True, True], [True, False]]).both == pytest.approx((2 / 3) ** 2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_in_order_and_never_smaller(p):
    for adjusted in (holm(p), benjamini_hochberg(p)):
        assert all(raw - 1e-12 <= one <= 1.0 for raw, one in zip(p, adjusted, strict=True))
        ranked = [adjusted[i] for i in sorted(range(len(p)), key=p.__getitem__)]
        assert all(a <= b + 1e-12 for a, b in itertools.pairwise(ranked))
    assert benjamini_hochberg(p) == pytest.approx(list(scipy_stats.false_discovery_control(p)))


def test_adjusted_p_values_are_the_published_ones():
    """Benjamini and Hochberg 1995, section 3.2: four rejections at 0.05 by their procedure, three by Bonferroni's."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    p += [0.7590, 1.0]
    assert sum(one <= 0.05 for one in benjamini_hochberg(p)) == 4
    assert sum(one <= 0.05 for one in holm(p)) == 3
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    assert holm(p) == pytest.approx(list(multitest.multipletests(p, method="holm")[1]))


def test_equivalence_is_the_ninety_percent_interval_within_the_margin():
    draws = np.random.default_rng(9)
    for spread in (0.1, 0.2, 0.3):
        values = draws.normal(0.004, spread, size=300)
        half = scipy_stats.t.ppf(0.95, 299) * values.std(ddof=1) / math.sqrt(300)
        inside = abs(values.mean()) + half < 0.02
        assert (equivalence_p(values, np.zeros(300)) < 0.05) == inside


def test_equivalence_is_never_shown_by_few_items():
    assert equivalence_p([1.0] * 40, [1.0] * 40) > 0.05  # 40 pairs exclude 7.5 %, not 2
    assert equivalence_p([0.5] * 40, [0.5] * 40) > 0.05
    assert equivalence_p([0.5] * 400, [0.5] * 400) < 0.05
    assert equivalence_p([1.0], [1.0]) is None


def test_the_slope_is_statsmodels_with_clusters():
    sm = pytest.importorskip("statsmodels.api")
    draws = np.random.default_rng(6)
    x, groups = draws.uniform(0, 1, 200), np.arange(200) // 4
    y = 0.3 * x + draws.normal(size=50)[groups] * 0.1 + draws.normal(size=200) * 0.2
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    found = covariate_slope(x, y, groups)
    assert found.interval.value == pytest.approx(fit.params[1])
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(fit.conf_int()[1]), rel=1e-6)
    assert found.p == pytest.approx(fit.pvalues[1], rel=1e-6)
    assert covariate_slope([0.1] * 9, list(range(9))) is None


def test_equal_rows_drawn_together_are_rows_drawn_one_by_one():
    rows = np.column_stack([np.random.default_rng(3).integers(0, 5, 300) / 4, np.ones(300)])
    values, counts = distinct(rows)
    assert (len(values), counts.sum()) == (5, 300)
    drawn = resampled(rows, seed=1)[:, 0] / 300
    assert drawn.mean() == pytest.approx(rows[:, 0].mean(), abs=2e-3)
    assert drawn.std() == pytest.approx(rows[:, 0].std() / math.sqrt(300), rel=0.03)
    one_by_one = rows[np.random.default_rng(2).integers(0, 300, size=(4000, 300)), 0].mean(axis=1)
    assert scipy_stats.ks_2samp(drawn, one_by_one).pvalue > 0.001


@pytest.mark.parametrize(("alpha", "beta", "loss", "draws", "items"), SIZES)
def test_the_items_needed_are_those_of_the_method(alpha, beta, loss, draws, items):
    """Method 3.6: the table of sample sizes."""
    total = alpha + beta
    floor = (alpha + 1) / (total + 1)
    noise = Noise(floor=floor, both=floor * (alpha + 2) / (total + 2))
    needed = items_needed(loss * floor, noise, draws)
    assert needed == pytest.approx(items, rel=0.06)
    assert least_effect(needed, noise, draws) == pytest.approx(loss * floor, rel=0.01)


def test_an_effect_beyond_the_floor_needs_no_number_of_items():
    noise = Noise(floor=0.5, both=0.3)
    assert items_needed(0.6, noise, 4) is None
    assert least_effect(1, noise, 1) is None


@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=7))
def test_max_t_is_the_share_of_all_sign_flips_that_reach_as_far(rows):
    data = np.array(rows, dtype=float)
    alone, adjusted = max_t(data)
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=len(rows))))
    scale = np.sqrt((data**2).sum(axis=0))
    scale[scale == 0] = np.inf
    statistics = np.abs(signs @ data) / scale
    observed = np.abs(data.sum(axis=0)) / scale - 1e-9
    assert alone == pytest.approx((statistics >= observed).mean(axis=0))
    assert adjusted == pytest.approx((statistics.max(axis=1)[:, None] >= observed).mean(axis=0))
    assert (adjusted >= alone - 1e-12).all()


def test_max_t_flips_whole_clusters_and_draws_where_there_are_many():
    random = np.random.default_rng(0)
    data = random.normal(0.8, 1.0, size=(40, 3))
    alone, adjusted = max_t(data, [f"c{n // 2}" for n in range(40)], seed=1)
    assert (alone == max_t(data, [f"c{n // 2}" for n in range(40)], seed=1)[0]).all()
    assert (alone < 0.05).all()
    assert (adjusted < 0.05).all()
    sums = data.reshape(20, 2, 3).sum(axis=1)
    assert max_t(sums, seed=1)[0] == pytest.approx(alone)


def test_the_number_of_cores_changes_no_resample(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(80, 2))
    drawn = []
    for cores in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        drawn.append(resampled(rows, seed=3))
    assert len(rows) * len(drawn[0]) >= WORTH_THREADS  # threads are used at all
    assert np.array_equal(*drawn)
    assert len(np.unique(drawn[0][:, 0])) > 0.99 * len(drawn[0])  # no block repeats another
