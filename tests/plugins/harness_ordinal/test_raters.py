"""Agreement of raters against worked examples of the literature and an independent computation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from harness_ordinal import OrdinalError
from harness_ordinal.metrics.core import Sums
from harness_ordinal.metrics.raters import AGREEMENT, ac2_sums, agreement, alpha_sums, icc_sums, ratings_of

NAN = float("nan")
#: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C-D: four observers, twelve units.
KRIPPENDORFF = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
            [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
        ]
    ).T
    - 1
)
#: Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]) - 1


def figure(sums: Sums):
    return float(sums.figure(sums.parts.sum(axis=0)[None])[0])


@pytest.mark.parametrize(("distance", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_own_example(distance, published):
    assert figure(alpha_sums(ratings_of(KRIPPENDORFF, 5), distance)) == pytest.approx(published, abs=5e-4)


def test_icc_of_shrout_and_fleiss():
    ratings = ratings_of(SHROUT, 10)
    assert figure(icc_sums(ratings)) == pytest.approx(0.290, abs=5e-4)
    assert figure(icc_sums(ratings, agreement=False)) == pytest.approx(0.715, abs=5e-4)


def test_ac1_of_gwets_prevalence_paradox():
    # 118 items both call high, 5 and 2 on which they differ, none that both call low: kappa is below zero, AC1 is not.
    pairs = np.array([[1, 1]] * 118 + [[1, 0]] * 5 + [[0, 1]] * 2)
    agreed, share = 118 / 125, (123 + 120) / 250
    chance = 2 * share * (1 - share)
    found = figure(ac2_sums(ratings_of(pairs, 2), "identity"))
    assert found == pytest.approx((agreed - chance) / (1 - chance))
    assert found > 0.93
    assert cohen_kappa_score(*pairs.T) < 0


TABLES = st.integers(2, 5).flatmap(
    lambda size: st.tuples(
        st.just(size), st.lists(st.lists(st.integers(-1, size - 1), min_size=3, max_size=3), min_size=3, max_size=12)
    )
)


@settings(deadline=None)
@given(TABLES)
def test_alpha_is_one_less_observed_over_expected_pairs(case):
    size, rows = case
    values = np.array(rows, dtype=float)
    values[values < 0] = NAN
    ours = figure_or_none(alpha_sums(ratings_of(values, size), "interval"))
    units = [row[~np.isnan(row)] for row in values]
    units = [unit for unit in units if len(unit) > 1]
    pooled = np.concatenate(units) if units else np.array([])
    if not len(pooled) or len(set(pooled)) == 1:
        assert ours is None
        return
    within = sum(((unit[:, None] - unit[None, :]) ** 2).sum() / (len(unit) - 1) for unit in units) / len(pooled)
    between = ((pooled[:, None] - pooled[None, :]) ** 2).sum() / (len(pooled) * (len(pooled) - 1))
    assert ours == pytest.approx(1 - within / between)


def figure_or_none(sums):
    with np.errstate(all="ignore"):
        found = figure(sums)
    return None if np.isnan(found) else found


@settings(deadline=None)
@given(TABLES)
def test_gwets_ac2_item_by_item(case):
    size, rows = case
    values = np.array(rows, dtype=float)
    values[values < 0] = NAN
    ours = figure_or_none(ac2_sums(ratings_of(values, size), "quadratic"))
    weights = 1 - ((np.arange(size)[:, None] - np.arange(size)) / (size - 1)) ** 2
    given_ = [row[~np.isnan(row)].astype(int) for row in values]
    agreed = [
        np.mean([weights[a, b] for i, a in enumerate(row) for j, b in enumerate(row) if i != j])
        for row in given_
        if len(row) > 1
    ]
    rated = [row for row in given_ if len(row)]
    if not agreed:
        assert ours is None
        return
    share = np.mean([np.bincount(row, minlength=size) / len(row) for row in rated], axis=0)
    chance = weights.sum() / (size * (size - 1)) * (share * (1 - share)).sum()
    assert ours == pytest.approx((np.mean(agreed) - chance) / (1 - chance))


def test_every_figure_comes_with_an_interval_over_items():
    found = {one.metric: one for one in agreement(ratings_of(SHROUT, 10), draws=500)}
    assert set(found) == set(AGREEMENT)
    for one in found.values():
        assert one.low <= one.value <= one.high, one
    assert "items" in found["gwet_ac2"].method


def test_unrated_items_are_not_counted_by_icc():
    with_hole = np.vstack([SHROUT.astype(float), [1, NAN, 2, 3]])
    found = {one.metric: one for one in agreement(ratings_of(with_hole, 10), draws=200)}
    assert found["icc_agreement"].n == 6
    assert found["icc_agreement"].value == pytest.approx(0.290, abs=5e-4)
    assert found["krippendorff_alpha"].n == 7


def test_raters_who_never_vary_have_no_alpha():
    one = agreement(ratings_of([[2, 2], [2, 2]], 5), ["krippendorff_alpha"], draws=50)[0]
    assert one.value is None
    assert "no variation" in one.note


@pytest.mark.parametrize(
    ("values", "message"),
    [([[0], [1]], "two raters or more"), ([[0, 5]], r"off the scale 0 .. 4 \(5\)"), ([[0, 1.5]], r"\(1.5\)")],
)
def test_ratings_off_the_scale_are_named(values, message):
    with pytest.raises(OrdinalError, match=message):
        ratings_of(values, 5)


def test_an_unknown_figure_is_named():
    with pytest.raises(OrdinalError, match="'fleiss' is unknown"):
        agreement(ratings_of(SHROUT, 10), ["fleiss"])
