"""The building block of every threshold loss: the logistic loss of a logit against yes or no, safe at both ends."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own name for it
from torch import Tensor

#: softplus is the identity beyond this, where log1p(exp(-x)) is below the spacing of float64.
LINEAR_FROM = 40.0


@functools.lru_cache(maxsize=64)
def yes_table(num_classes: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return 1[y > k] for every rank and threshold, shape (K, K-1).

    To pick rows from a table is several times as fast as to compare, since there the inner axis is short.
    """
    with torch.inference_mode(mode=False):  # a tensor of inference could not be kept for a later gradient
        ranks = torch.arange(num_classes, device=device)
        return (ranks[:, None] > ranks[:-1]).to(dtype)


@functools.lru_cache(maxsize=64)
def sign_table(num_classes: int, dtype: torch.dtype, device: torch.device, *, conditional: bool) -> Tensor:
    """Return -1 for yes and 1 for no, shape (K, K-1), so that the loss is softplus(sign x logit).

    Args:
        num_classes: K.
        dtype: of the logits.
        device: of the logits.
        conditional: 0 where a rank does not reach the threshold, so that the sequential model does not ask it.
    """
    with torch.inference_mode(mode=False):
        ranks = torch.arange(num_classes, device=device)
        signs = 1 - 2 * yes_table(num_classes, dtype, device)
        return signs.masked_fill(ranks[:, None] < ranks[:-1], 0.0) if conditional else signs


def mean_logistic_loss(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Return the sum over thresholds of the logistic loss of z_k against 1[y > k], averaged over rows; not of no row.

    Signs of size 1/B and a softplus of sharpness B divide each term by B, so that one sum is all: a division is a step
    forward and one back, and a tensor more, which a small batch feels.

    Args:
        logits: shape (B, K-1).
        labels: int64 ranks, shape (B,).
        num_classes: K.
    """
    rows = labels.shape[0]
    signs = scaled_table(num_classes, rows, logits.dtype, logits.device).index_select(0, labels)
    return F.softplus(logits * signs, rows, LINEAR_FROM).sum()


@functools.lru_cache(maxsize=64)
def scaled_table(num_classes: int, rows: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the signs of `sign_table`, divided by the number of rows."""
    with torch.inference_mode(mode=False):
        return sign_table(num_classes, dtype, device, conditional=False) / rows


def logistic_loss(signed: Tensor) -> Tensor:
    """Return log(1 + exp(s)) of logits whose sign is that of the wrong answer.

    Over the textbook form t log p + (1 - t) log(1 - p) it has no cancellation at the low tail and no inf - inf at the
    ends.
    """
    return F.softplus(signed, 1.0, LINEAR_FROM)
