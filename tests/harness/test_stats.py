"""Intervals and tests: published values, properties, and their behaviour on simulated data."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from harness.stats import (
    leave_one_out_floor,
    mcnemar_mid_p,
    mean_interval,
    paired_difference,
    ratio_interval,
    rule_of_three,
    sign_flip_p,
    tango,
    wilson,
)


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


def test_the_mean_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])
    with pytest.raises(ValueError, match="no pairs"):
        paired_difference([], [])


def test_one_draw_each_is_tango_and_several_are_a_bootstrap():
    once, p = paired_difference([1.0] * 20 + [0.0] * 5, [1.0] * 15 + [0.0] * 10)
    assert once.method.startswith("Tango")
    assert p == mcnemar_mid_p(5, 0)
    several, _ = paired_difference([1.0, 0.75, 0.5] * 10, [1.0, 0.5, 0.5] * 10)
    assert several.method.startswith("BCa")


def test_the_sign_flip_test_keeps_its_level():
    draws = np.random.default_rng(11)
    rejected = sum(sign_flip_p(list(draws.normal(size=25)), seed=i) < 0.05 for i in range(300))
    assert 5 <= rejected <= 28  # 99.9 % of runs of a true 5 % test


def test_the_sign_flip_test_equals_the_exact_one_on_few_items():
    values = [0.5, 0.25, 0.75, -0.25, 0.5, 0.25]
    exact = scipy_stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip_p(values) == pytest.approx(exact, abs=0.02)


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
