"""CORAL (arXiv 1901.07884) and OR-NN (Niu et al. 2016): K-1 yes/no questions, each over all rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from harness_ordinal.losses.checks import checked_batch, checked_labels, per_threshold
from harness_ordinal.losses.logistic import logistic_loss, mean_logistic_loss, sign_table, yes_table
from harness_ordinal.losses.reducing import Reduction, reduced


def levels(labels: Any, num_classes: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the extended binary labels 1[y > k], shape (..., K-1), on the labels' device.

    Raises:
        OrdinalError: a label off the scale.

    >>> levels([0, 2], 4).tolist()
    [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    """
    ranks = checked_labels(torch.as_tensor(labels), num_classes)
    rows = yes_table(num_classes, dtype, ranks.device).index_select(0, ranks.reshape(-1))
    return rows.reshape(*ranks.shape, num_classes - 1)


def coral_loss(
    logits: Tensor,
    labels: Any,
    num_classes: int,
    *,
    reduction: Reduction = "mean",
    importance: Any = None,
    class_weights: Any = None,
    sample_weights: Any = None,
) -> Tensor:
    """Return the all-threshold logistic loss: the sum over k of BCE(z_k, 1[y > k]), averaged over rows.

    With a linear backbone the loss of Rennie and Srebro (2005), `mord.LogisticAT`. The K-1 tasks count as
    independent, so this is a composite likelihood and its class probabilities lean to the extremes.

    Args:
        logits: z_k = logit P(y > k), shape (..., K-1).
        labels: ranks 0 .. K-1, shape (...).
        num_classes: K.
        reduction: mean, sum or none.
        importance: weight of each threshold (the paper's lambda), shape (K-1,).
        class_weights: weight of the rows of each rank, shape (K,).
        sample_weights: weight of each row, shape (...).

    Returns:
        A scalar in nats, or shape (...) for `none`; zero for an empty batch.

    Raises:
        OrdinalError: wrong shapes, labels or weights, an unknown reduction.
    """
    batch = checked_batch(
        logits, labels, num_classes, num_classes - 1, class_weights=class_weights, sample_weights=sample_weights
    )
    if reduction == "mean" and importance is None and batch.weights is None and batch.labels.shape[0]:
        return mean_logistic_loss(batch.logits, batch.labels, num_classes)
    weights = per_threshold(importance, batch.logits)
    signs = sign_table(num_classes, batch.logits.dtype, batch.logits.device, conditional=False)
    terms = logistic_loss(batch.logits * signs.index_select(0, batch.labels))
    if weights is not None:
        terms = terms * weights
    return reduced(terms.sum(-1), batch, reduction)


#: OR-NN asks the same questions with weights for each; its two logits and a softmax are one logit, their difference.
ornn_loss = coral_loss
