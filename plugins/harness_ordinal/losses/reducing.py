"""From a loss for each item to one number: weighted mean, sum, or none."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from harness_ordinal.errors import OrdinalError
from harness_ordinal.losses.checks import Batch

#: `mean` divides by the sum of the weights, so that a weight of two is the item twice.
Reduction = Literal["mean", "sum", "none"]


def reduced(items: Tensor, batch: Batch, reduction: Reduction) -> Tensor:
    """Return the reduced loss of items, shape (B,); zero with zero gradient for an empty batch.

    Raises:
        OrdinalError: an unknown reduction.
    """
    weighted = items if batch.weights is None else items * batch.weights
    if reduction == "none":
        return weighted.reshape(batch.shape)
    if reduction == "sum":
        return weighted.sum()
    if reduction == "mean":
        return weighted.sum() / total_weight(batch)
    raise OrdinalError(f"reduction {reduction!r} is unknown; use mean, sum or none")


def total_weight(batch: Batch) -> Tensor | int:
    """Return the sum of the weights of a batch; 1 where there is nothing to divide."""
    if batch.weights is None:
        return max(1, batch.labels.shape[0])
    return positive(batch.weights.sum())


def positive(denominator: Tensor) -> Tensor:
    """Return a denominator, 1 in place of 0."""
    return denominator.masked_fill(denominator == 0, 1)
