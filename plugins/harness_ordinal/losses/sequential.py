"""CORN (Shi, Cao, Raschka, arXiv 2111.08851): the likelihood of the sequential model, with its three denominators."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor

from harness_ordinal.errors import OrdinalError
from harness_ordinal.losses.checks import Batch, checked_batch, per_threshold
from harness_ordinal.losses.logistic import logistic_loss, sign_table
from harness_ordinal.losses.reducing import positive, total_weight

#: The denominators: `pooled` the task examples of the batch (coral-pytorch from 1.3.0), `task_mean` each task's own
#: and then the number of tasks (the authors' FIREMAN scripts), `nll` the rows, which makes it -log p and comparable
#: with cross-entropy. `sum` and `none` (one number a row) have none.
CornReduction = Literal["pooled", "task_mean", "nll", "sum", "none"]


def corn_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: CornReduction = "pooled",
    importance: Any = None,
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return the CORN loss.

    Task k asks of the rows with y >= k whether y > k. The sum over all tasks and rows is -sum log P(y_i), so
    `pooled` times its number of task examples, and `nll` times the number of rows, are both the negative
    log-likelihood of the continuation-ratio model (also CONDOR's, arXiv 2110.07470).

    Args:
        logits: z_k = logit P(y > k | y > k-1), shape (..., K-1).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        reduction: which denominator.
        importance: weight of each task in the numerator, shape (K-1,).
        class_weights: weight of the rows of each rank, shape (K,); counts in the denominator.
        sample_weights: weight of each row, shape (...); counts in the denominator.

    Returns:
        A scalar in nats, or shape (...) for `none`; zero for an empty batch.

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        logits, labels, num_classes, num_classes - 1, class_weights=class_weights, sample_weights=sample_weights
    )
    weights = per_threshold(importance, batch.logits)
    signs = sign_table(num_classes, batch.logits.dtype, batch.logits.device, conditional=True)
    signs = signs.index_select(0, batch.labels)
    asked = signs.square()
    value = _reduced(logistic_loss(batch.logits * signs) * asked, asked, batch, weights, reduction)
    if finite(value):
        return value
    # An infinite logit of a question that is not asked times 0: leave those out first. Slower, and seldom.
    signed = torch.where(signs < 0, -batch.logits, batch.logits).masked_fill(asked == 0, -torch.inf)
    return _reduced(logistic_loss(signed), asked, batch, weights, reduction)


def finite(value: Tensor) -> bool:
    """Whether a loss is a number throughout; one transfer from the device."""
    return math.isfinite(value.item()) if value.ndim == 0 else bool(value.isfinite().all())


def _reduced(terms: Tensor, asked: Tensor, batch: Batch, importance: Tensor | None, reduction: CornReduction) -> Tensor:
    """Return the loss of terms, shape (B, K-1), of which those asked count."""
    if importance is not None:
        terms = terms * importance
    if batch.weights is not None:
        terms = terms * batch.weights[:, None]
    if reduction == "sum":
        return terms.sum()
    if reduction == "none":
        return terms.sum(-1).reshape(batch.shape)
    if reduction == "nll":
        return terms.sum() / total_weight(batch)
    if reduction == "pooled" and batch.weights is None:
        return terms.sum() / (asked.sum() if asked.shape[0] else 1)
    counted = asked if batch.weights is None else asked * batch.weights[:, None]
    if reduction == "pooled":
        return terms.sum() / positive(counted.sum())
    if reduction == "task_mean":
        return (terms.sum(0) / positive(counted.sum(0))).mean()
    raise OrdinalError(f"reduction {reduction!r} is unknown; use pooled, task_mean, nll, sum or none")
