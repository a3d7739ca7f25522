"""The building block of every threshold loss: the logistic loss of a logit against yes or no, safe at both ends."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812  # torch's own name for it
from torch import Tensor, inf, where

#: softplus is the identity beyond this, where log1p(exp(-x)) is below the spacing of float64.
LINEAR_FROM = 40.0


def logistic_loss(logits: Tensor, targets: Tensor, asked: Tensor | None = None) -> Tensor:
    """Return softplus(-z) where the target is true, softplus(z) where it is false, 0 where nothing was asked.

    The same as log(1 + exp(z)) - t z, without its cancellation at the low tail and without inf - inf at the ends.
    """
    signed = where(targets, -logits, logits)
    if asked is not None:
        signed = signed.masked_fill(~asked, -inf)  # before the softplus, so that no gradient comes back either
    return F.softplus(signed, threshold=LINEAR_FROM)
