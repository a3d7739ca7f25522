"""Beside coral-pytorch 1.4.0: equal to 1e-6 wherever that one is right, and what is right wherever it is not."""

import numpy as np
import pytest
import torch

from harness_ordinal import (
    CoralHead,
    CornHead,
    OrdinalError,
    coral_loss,
    corn_loss,
    cumulative_exceedance,
    decoded,
    levels,
    sequential_exceedance,
)

reference = pytest.importorskip("coral_pytorch", reason="coral-pytorch, a test dependency, is not installed")
from coral_pytorch.dataset import corn_label_from_logits, label_to_levels, levels_from_labelbatch, proba_to_label  # noqa: E402
from coral_pytorch.losses import coral_loss as their_coral  # noqa: E402
from coral_pytorch.losses import corn_loss as their_corn  # noqa: E402

SIZES = [(256, 5), (256, 10), (64, 48), (64, 100)]


def batch(rows, size, dtype=torch.float32):
    random = torch.Generator().manual_seed(rows + size)
    logits = torch.randn(rows, size - 1, generator=random, dtype=dtype) * 3
    return logits, torch.randint(0, size, (rows,), generator=random)


@pytest.mark.parametrize(("rows", "size"), SIZES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_corn_and_its_gradient_agree(rows, size, dtype):
    logits, labels = batch(rows, size, dtype)
    ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
    first, second = corn_loss(ours, labels, size), their_corn(theirs, labels, size)
    first.backward()
    second.backward()
    tight = 1e-6 if dtype == torch.float32 else 1e-12
    assert first.item() == pytest.approx(second.item(), rel=tight)
    assert torch.allclose(ours.grad, theirs.grad, rtol=1e-5, atol=tight * 1e-2)


@pytest.mark.parametrize(("rows", "size"), SIZES)
def test_coral_and_its_gradient_agree(rows, size):
    logits, labels = batch(rows, size, torch.float64)
    importance = torch.linspace(0.5, 2, size - 1, dtype=torch.float64)
    for weights in (None, importance):
        ours, theirs = (logits.clone().requires_grad_() for _ in range(2))
        first = coral_loss(ours, labels, size, importance=weights)
        second = their_coral(theirs, levels_from_labelbatch(labels, size).double(), importance_weights=weights)
        first.backward()
        second.backward()
        assert first.item() == pytest.approx(second.item(), rel=1e-12)
        assert torch.allclose(ours.grad, theirs.grad, rtol=1e-9)


@pytest.mark.parametrize(("rows", "size"), SIZES)
def test_levels_and_labels_agree(rows, size):
    logits, labels = batch(rows, size)
    assert torch.equal(levels(labels, size), levels_from_labelbatch(labels, size))
    assert torch.equal(decoded(sequential_exceedance(logits), "median"), corn_label_from_logits(logits))
    shares = cumulative_exceedance(logits)
    assert torch.equal(decoded(shares, "median"), proba_to_label(shares))


def test_the_low_tail_in_single_precision():
    for logit in (-12.0, -17.0, -30.0):
        true = np.log1p(np.exp(logit))
        logits = torch.tensor([[logit]])
        assert corn_loss(logits, [0], 2).item() == pytest.approx(true, rel=1e-6)
        assert coral_loss(logits, [0], 2).item() == pytest.approx(true, rel=1e-6)
        assert abs(their_corn(logits, torch.tensor([0]), 2).item() - true) > 0.01 * true


def test_infinite_logits_with_the_right_answer():
    logits, labels = torch.tensor([[torch.inf, -torch.inf]]), torch.tensor([1])
    assert their_corn(logits, labels, 3).isnan()
    assert corn_loss(logits, labels, 3).item() == 0
    assert coral_loss(logits, labels, 3).item() == 0


def test_an_empty_batch():
    logits, labels = torch.zeros(0, 4), torch.zeros(0, dtype=torch.long)
    with pytest.raises(ZeroDivisionError):
        their_corn(logits, labels, 5)
    assert corn_loss(logits, labels, 5).item() == 0


@pytest.mark.parametrize("wrong", [-1.0, 5.0, 99.0, 2.5, float("nan")])
def test_wrong_labels_are_taken_silently_there_and_named_here(wrong):
    logits, labels = torch.zeros(2, 4), torch.tensor([1.0, wrong])
    assert their_corn(logits, labels, 5).isfinite()
    with pytest.raises(OrdinalError, match="off the scale"):
        corn_loss(logits, labels, 5)


def test_a_head_with_a_column_too_many():
    logits, labels = torch.full((2, 5), 9.0), torch.tensor([4, 4])
    assert their_corn(logits, labels, 5).isfinite()
    assert corn_label_from_logits(logits).tolist() == [5, 5]  # no rank of a scale of five
    with pytest.raises(OrdinalError, match="needs 4 outputs, not 5"):
        corn_loss(logits, labels, 5)


def test_a_sum_that_overflows_half_precision():
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(60_000, 9, generator=random).half()
    labels = torch.randint(0, 10, (60_000,), generator=random)
    assert their_corn(logits, labels, 10).isinf()
    assert corn_loss(logits, labels, 10).item() == pytest.approx(
        corn_loss(logits.double(), labels, 10).item(), rel=1e-5
    )


def test_levels_of_a_label_off_the_scale():
    assert len(label_to_levels(-1, 5)) == 5
    with pytest.raises(OrdinalError, match=r"\(-1\)"):
        levels([-1], 5)


def test_heads_put_out_what_theirs_do():
    from coral_pytorch.layers import CoralLayer

    features = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    theirs, ours = CoralLayer(3, 5), CoralHead(3, 5)
    assert torch.allclose(ours.bias, theirs.coral_bias)
    with torch.no_grad():
        ours.linear.weight.copy_(theirs.coral_weights.weight)
    assert torch.allclose(ours(features), theirs(features))
    assert CornHead(3, 5)(features).shape == (7, 4)
    assert reference.__version__ == "1.4.0"
