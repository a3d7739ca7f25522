"""Conformal sets: contiguous, and covering as often as promised, whatever the head is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_ordinal import OrdinalError, calibrated, rank_scores, repaired

PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@settings(deadline=None)
@given(PROBABILITIES, st.floats(0, 8))
def test_sets_are_stretches_and_hold_every_rank_that_scores_below(values, threshold):
    above = repaired(np.array([values]), "sort")
    scores = rank_scores(above)[0]
    wanted = [sum((g - (rank > k)) ** 2 for k, g in enumerate(above[0])) for rank in range(len(values) + 1)]
    assert scores == pytest.approx(wanted, abs=1e-9)
    inside = np.flatnonzero(scores <= threshold)
    assert len(inside) == 0 or list(inside) == list(range(inside[0], inside[-1] + 1))


def items(number, seed, *, worth):
    """Items of a cumulative logit truth, with distributions of a head that sees it through noise of a given worth."""
    random = np.random.default_rng(seed)
    thresholds = np.linspace(-3, 3, 4)
    place = random.normal(0, 2, number)
    labels = (random.random((number, 1)) < 1 / (1 + np.exp(thresholds - place[:, None]))).sum(axis=1)
    seen = worth * place + random.normal(0, 1.5, number)
    return 1 / (1 + np.exp(2 * (thresholds - seen[:, None]))), labels


@pytest.mark.parametrize("worth", [1.0, 0.3, 0.0, -1.0])
@pytest.mark.parametrize("alpha", [0.1, 0.3])
def test_coverage_is_what_was_promised_whatever_the_head_is_worth(worth, alpha):
    covered, size = [], 60
    for seed in range(300):
        above, labels = items(size + 100, seed, worth=worth)
        low, high = calibrated(above[:size], labels[:size], alpha).sets(above[size:])
        covered.append(((low <= labels[size:]) & (labels[size:] <= high)).mean())
    error = np.std(covered) / np.sqrt(len(covered))
    assert 1 - alpha - 3 * error <= np.mean(covered) <= 1 - alpha + 1 / (size + 1) + 3 * error


def test_a_better_head_has_smaller_sets():
    widths = []
    for worth in (1.0, 0.0):
        above, labels = items(2000, 7, worth=worth)
        low, high = calibrated(above[:1000], labels[:1000]).sets(above[1000:])
        widths.append((high - low + 1).mean())
    assert widths[0] < widths[1] - 0.5


def test_too_few_items_give_whole_sets_and_no_set_is_empty():
    above, labels = items(5, 0, worth=1.0)
    low, high = calibrated(above, labels, 0.1).sets(above)
    assert (low == 0).all()
    assert (high == 4).all()
    sure = np.array([[1.0, 1.0, 0.0, 0.0]] * 40)
    low, high = calibrated(sure, [2] * 40, 0.1).sets(np.array([[0.6, 0.6, 0.4, 0.4]]))
    assert (low[0], high[0]) == (2, 2)


@pytest.mark.parametrize(
    ("above", "labels", "alpha", "words"),
    [
        ([[0.2, 0.8]], [1], 0.1, "out of order"),
        ([[0.8, 0.2]], [3], 0.1, "off the scale"),
        ([[0.8, 0.2]], [1], 1.0, "between 0 and 1"),
        ([[0.8, 0.2]], [1, 1], 0.1, "2 labels for 1 items"),
        ([0.8, 0.2], [1], 0.1, "shape"),
    ],
)
def test_wrong_input_is_told(above, labels, alpha, words):
    with pytest.raises(OrdinalError, match=words):
        calibrated(np.array(above), labels, alpha)
