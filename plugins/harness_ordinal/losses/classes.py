"""Losses on class logits: cross-entropy, distance-weighted, soft labels."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from harness_ordinal.errors import OrdinalError
from harness_ordinal.losses.checks import checked_batch
from harness_ordinal.losses.reducing import Reduction, reduced
from harness_ordinal.primitives import class_log_probabilities


def ce_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: Reduction = "mean",
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return -log softmax(z)_y.

    Args:
        logits: of classes, shape (..., K).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        reduction: mean, sum or none.
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        logits, labels, num_classes, num_classes, class_weights=class_weights, sample_weights=sample_weights
    )
    chosen = class_log_probabilities(batch.logits).gather(1, batch.labels[:, None])[:, 0]
    return reduced(-chosen, batch, reduction)


def cdw_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    power: float = 1.0,
    reduction: Reduction = "mean",
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return -sum over j of |y - j|^power log(1 - p_j): CDW-CE (Polat et al. 2022), OLL (Castagnos et al. 2022).

    The true class has weight 0, and the score is not proper: it pushes mass away from far ranks and no more.

    Args:
        logits: of classes, shape (..., K).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        power: the papers' alpha.
        reduction: mean, sum or none.
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Raises:
        OrdinalError: wrong shapes, labels or weights, a power that is not positive, an unknown reduction.
    """
    if not power > 0:
        raise OrdinalError(f"power {power!r}: must be positive, or the true rank is pushed away too")
    batch = checked_batch(
        logits, labels, num_classes, num_classes, class_weights=class_weights, sample_weights=sample_weights
    )
    away = distances(batch.labels, num_classes).to(batch.logits.dtype)
    missed = log_complement(batch.logits)
    terms = torch.where(away > 0, missed, torch.zeros_like(missed)) * away**power
    return reduced(-terms.sum(-1), batch, reduction)


def log_complement(logits: Tensor) -> Tensor:
    """Return log(1 - softmax(z)_j), shape (..., K), exact where p_j is near 1.

    There 1 - p_j is the sum of the others; every other class has p_j <= 1/2, where log1p is exact.
    """
    logs = class_log_probabilities(logits)
    first = logits.argmax(-1, keepdim=True)
    largest = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, first, True)  # noqa: FBT003  # torch's signature
    others = logs.masked_fill(largest, -torch.inf).logsumexp(-1, keepdim=True)
    small = torch.where(largest, torch.zeros_like(logs), logs.exp())  # keeps an infinite slope out of the gradient
    return torch.where(largest, others, torch.log1p(-small))


def sord_loss(  # noqa: PLR0913  # one for each choice of the method
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    scale: float = 1.0,
    distance: Literal["absolute", "squared"] = "absolute",
    reduction: Reduction = "mean",
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return the cross-entropy against soft labels q_j, proportional to exp(-scale phi(j, y)) (Diaz, Marathe 2019).

    The distribution learnt is blurred on purpose: its log score and calibration are not those of the data.

    Args:
        logits: of classes, shape (..., K).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        scale: sharpness of the soft labels.
        distance: phi, |j - y| or its square.
        reduction: mean, sum or none.
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown distance or reduction.
    """
    if distance not in ("absolute", "squared"):
        raise OrdinalError(f"distance {distance!r} is unknown; use absolute or squared")
    batch = checked_batch(
        logits, labels, num_classes, num_classes, class_weights=class_weights, sample_weights=sample_weights
    )
    away = distances(batch.labels, num_classes).to(batch.logits.dtype)
    soft = (-scale * (away if distance == "absolute" else away**2)).softmax(-1)
    return reduced(-(soft * class_log_probabilities(batch.logits)).sum(-1), batch, reduction)


def distances(labels: Tensor, num_classes: int) -> Tensor:
    """Return |y - j|, shape (B, K)."""
    return (labels[:, None] - torch.arange(num_classes, device=labels.device)).abs()
