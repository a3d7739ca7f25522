"""The ranked probability score as a loss, from a softmax or from any head's exceedance probabilities."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from harness_ordinal.losses.checks import Batch, checked_batch
from harness_ordinal.losses.reducing import Reduction, reduced
from harness_ordinal.primitives import class_exceedance


def rps_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: Reduction = "mean",
    importance: Any = None,
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return sum over k of (G_k - 1[y > k])^2 of a softmax: the ranked probability score, EMD^2 (arXiv 1611.05916).

    Args:
        logits: of classes, shape (..., K).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        reduction: mean, sum or none.
        importance: weight of each threshold, shape (K-1,).
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        logits, labels, num_classes, num_classes, class_weights=class_weights, sample_weights=sample_weights
    )
    return _squared_steps(class_exceedance(batch.logits.softmax(-1)), batch, importance, reduction)


def squared_steps_loss(
    exceedance: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: Reduction = "mean",
    importance: Any = None,
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return the same score of exceedance probabilities, shape (..., K-1), of whichever head.

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        exceedance, labels, num_classes, num_classes - 1, class_weights=class_weights, sample_weights=sample_weights
    )
    return _squared_steps(batch.logits, batch, importance, reduction)


def _squared_steps(exceedance: Tensor, batch: Batch, importance: Any, reduction: Reduction) -> Tensor:
    """Return the reduced score."""
    from harness_ordinal.losses.checks import per_threshold

    weights = per_threshold(importance, exceedance)
    reached = batch.labels[:, None] > torch.arange(exceedance.shape[-1], device=batch.labels.device)
    terms = (exceedance - reached.to(exceedance.dtype)) ** 2
    return reduced((terms if weights is None else terms * weights).sum(-1), batch, reduction)
