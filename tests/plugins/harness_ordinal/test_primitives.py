"""The four primitives: consistent where they must be, equal in numpy and torch, safe at the ends."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import isotonic_regression

from harness_ordinal import (
    OrdinalError,
    class_exceedance,
    class_log_probabilities,
    class_probabilities,
    cumulative_exceedance,
    cumulative_log_probabilities,
    decoded,
    downward_exceedance,
    independent_exceedance,
    repaired,
    sequential_exceedance,
    sequential_log_probabilities,
)

LOGITS = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 99)), elements=st.floats(-1e4, 1e4, allow_nan=False)
)
SHARES = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 12)), elements=st.floats(0, 1))


def falls(exceedance):
    return bool((np.diff(exceedance, axis=-1) <= 1e-12).all())


@given(LOGITS)
def test_sequential_and_class_exceedance_never_rise(logits):
    assert falls(sequential_exceedance(logits))
    assert falls(downward_exceedance(logits))
    assert falls(class_exceedance(np.exp(class_log_probabilities(logits))))
    assert falls(cumulative_exceedance(np.sort(logits, axis=-1)[..., ::-1]))


@given(LOGITS)
def test_log_probabilities_are_those_of_the_exceedance_and_sum_to_one(logits):
    logs = sequential_log_probabilities(logits)
    assert np.allclose(np.exp(logs), class_probabilities(sequential_exceedance(logits)), atol=1e-12)
    assert np.allclose(np.exp(logs).sum(-1), 1)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 30)), elements=st.floats(-30, 30)))
def test_cumulative_log_probabilities_are_those_of_the_exceedance(logits):
    ordered = np.sort(logits, axis=-1)[..., ::-1]
    found = np.exp(cumulative_log_probabilities(ordered))
    assert np.allclose(found, class_probabilities(cumulative_exceedance(ordered)), atol=1e-12)


@given(LOGITS)
def test_the_down_chain_is_the_up_chain_of_the_reversed_scale(logits):
    mirrored = 1 - sequential_exceedance(logits[..., ::-1])[..., ::-1]
    assert np.array_equal(downward_exceedance(logits), mirrored)


@given(SHARES)
def test_repairs_give_order_and_leave_what_is_in_order(shares):
    for how in ("sort", "pav"):
        mended = repaired(shares, how)
        assert falls(mended)
        assert np.allclose(repaired(mended, how), mended)
    fitted = np.stack([isotonic_regression(row, increasing=False).x for row in shares])
    assert np.allclose(repaired(shares, "pav"), fitted)
    assert np.allclose(np.sort(repaired(shares, "sort")), np.sort(shares))


@pytest.mark.parametrize(
    "form",
    [
        sequential_exceedance,
        sequential_log_probabilities,
        downward_exceedance,
        cumulative_exceedance,
        class_exceedance,
        class_log_probabilities,
        class_probabilities,
        lambda x: independent_exceedance(x, "sort"),
        lambda x: independent_exceedance(x, "pav"),
        lambda x: cumulative_log_probabilities(-abs(x).cumsum(-1)),
        lambda x: decoded(sequential_exceedance(x), "argmax"),
        lambda x: decoded(sequential_exceedance(x), "quantile:0.3"),
        lambda x: decoded(sequential_exceedance(x), "rounded_mean"),
    ],
)
def test_numpy_and_torch_agree(form):
    values = np.random.default_rng(0).normal(size=(2, 7, 9))
    assert np.allclose(form(torch.tensor(values)).numpy(), form(values), atol=1e-12)


def test_infinite_logits_are_certainty():
    ends = np.array([[np.inf, -np.inf, np.inf]])
    assert sequential_exceedance(ends).tolist() == [[1, 0, 0]]
    assert np.exp(sequential_log_probabilities(ends)).tolist() == [[0, 1, 0, 0]]
    assert np.exp(cumulative_log_probabilities(np.array([[np.inf, -np.inf]]))).tolist() == [[0, 1, 0]]


def test_cumulative_logits_out_of_order_are_no_distribution():
    assert np.isnan(cumulative_log_probabilities(np.array([-1.0, 1.0]))).any()


def test_the_difference_of_sigmoids_does_not_underflow():
    assert cumulative_log_probabilities(np.array([-100.0, -101.0]))[1] == pytest.approx(-100 + np.log1p(-np.exp(-1)))


def test_halves_are_raised_before_the_chain_product():
    logits = torch.randn(2000, 47, generator=torch.Generator().manual_seed(0)).add(3).to(torch.bfloat16)
    found = sequential_exceedance(logits)
    assert found.dtype == torch.float32
    wide = sequential_exceedance(logits.double())
    assert torch.equal(decoded(found, "median"), decoded(wide, "median"))


def test_up_and_down_differ_where_every_answer_is_a_half():
    flat = np.zeros(9)
    assert decoded(sequential_exceedance(flat), "mean") == pytest.approx(1, abs=0.01)
    assert decoded(downward_exceedance(flat), "mean") == pytest.approx(8, abs=0.01)


def test_decodings_are_the_best_for_their_loss():
    exceedance = class_exceedance(np.array([0.4, 0.0, 0.25, 0.35]))
    found = [float(decoded(exceedance, rule)) for rule in ("argmax", "median", "mean", "rounded_mean")]
    assert found == pytest.approx([0, 2, 1.55, 2])


@pytest.mark.parametrize("rule", ["mode", "quantile", "quantile:1.5", "quantile:-1"])
def test_an_unknown_decoding_is_named(rule):
    with pytest.raises(OrdinalError, match="unknown"):
        decoded(np.array([0.5]), rule)


def test_an_unknown_repair_is_named():
    with pytest.raises(ValueError, match="'isotonic' is unknown; use none, sort or pav"):
        repaired(np.array([0.5]), "isotonic")
