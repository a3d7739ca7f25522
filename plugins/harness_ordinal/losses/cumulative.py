"""CLM: the likelihood of the proportional-odds model (McCullagh 1980)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from harness_ordinal.losses.checks import checked_batch
from harness_ordinal.losses.reducing import Reduction, reduced
from harness_ordinal.primitives import cumulative_log_probabilities


def clm_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: Reduction = "mean",
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return -log p_y with p_j = sigmoid(z_{j-1}) - sigmoid(z_j).

    Args:
        logits: z_k = logit P(y > k), decreasing in k, shape (..., K-1); see `CumulativeLinkHead`.
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        reduction: mean, sum or none.
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Returns:
        A scalar in nats, or shape (...) for `none`; nan where thresholds are out of order, which is no distribution.

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        logits, labels, num_classes, num_classes - 1, class_weights=class_weights, sample_weights=sample_weights
    )
    chosen = cumulative_log_probabilities(batch.logits).gather(1, batch.labels[:, None])[:, 0]
    return reduced(-chosen, batch, reduction)
