"""Conformal sets of ranks on top of any distribution: contiguous, and right for a share 1 - alpha of new items.

The nonconformity of rank y is its ranked probability score, sum over k of (G_k - 1[y > k])^2 (arXiv 2606.24959). Going
up one rank changes it by 1 - 2 G_y, which never falls, so the score is convex in y and every set is a stretch around
the median. Coverage is at least 1 - alpha whatever the head is worth, as long as the items for calibration and the new
ones come from one distribution (split conformal prediction, Vovk et al. 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness_ordinal.errors import OrdinalError

#: How far an exceedance may rise by rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What calibration found: the largest score that a set still admits."""

    threshold: float
    alpha: float
    #: Items for calibration.
    items: int

    def sets(self, exceedance: Any) -> tuple[Any, Any]:
        """Return the lowest and the highest rank of each item's set, shape (n,) each.

        A set is never empty: where even the best rank scores above the threshold, it is that rank.

        Raises:
            OrdinalError: thresholds out of order; sort them first.
        """
        import numpy as np

        scores = rank_scores(exceedance)
        inside = (scores <= self.threshold) | (scores == scores.min(axis=1, keepdims=True))
        return inside.argmax(axis=1), scores.shape[1] - 1 - np.flip(inside, axis=1).argmax(axis=1)


def rank_scores(exceedance: Any) -> Any:
    """Return the ranked probability score of every rank, shape (n, K).

    Args:
        exceedance: G_k, shape (n, K-1), non-increasing.

    Raises:
        OrdinalError: a wrong shape, or thresholds out of order.

    >>> import numpy as np
    >>> rank_scores(np.array([[0.9, 0.2]])).round(2).tolist()
    [[0.85, 0.05, 0.65]]
    """
    import numpy as np

    above = np.asarray(exceedance, dtype=float)
    if above.ndim != 2 or not above.shape[1]:  # noqa: PLR2004  # items by thresholds
        raise OrdinalError(f"exceedance of shape {above.shape}: items by thresholds are needed, shape (n, K-1)")
    if (np.diff(above, axis=1) > ROUNDING).any():
        raise OrdinalError("exceedance out of order: sets would have holes; put it in order first (`repaired`)")
    start = (above**2).sum(axis=1, keepdims=True)
    return start + np.concatenate([np.zeros_like(start), np.cumsum(1 - 2 * above, axis=1)], axis=1)


def calibrated(exceedance: Any, labels: Any, alpha: float = 0.1) -> Calibrated:
    """Return the threshold from items with known ranks, none of which the head was trained on.

    The ceil((n + 1)(1 - alpha))-th smallest score; infinite, and every set whole, where there are too few items.

    Args:
        exceedance: shape (n, K-1), non-increasing.
        labels: ranks 0 .. K-1, shape (n,).
        alpha: the share of new items whose rank the set may miss.

    Raises:
        OrdinalError: alpha outside (0, 1), labels off the scale, thresholds out of order.
    """
    import numpy as np

    from harness_ordinal.metrics.core import checked_ranks

    if not 0 < alpha < 1:
        raise OrdinalError(f"alpha {alpha!r}: must be between 0 and 1")
    scores = rank_scores(exceedance)
    truth = checked_ranks(labels, scores.shape[1], "labels", whole=True).astype(int)
    if len(truth) != len(scores):
        raise OrdinalError(f"{len(truth)} labels for {len(scores)} items")
    own = np.sort(scores[np.arange(len(truth)), truth])
    place = int(np.ceil((len(own) + 1) * (1 - alpha)))
    threshold = float(own[place - 1]) if 0 < place <= len(own) else float("inf")
    return Calibrated(threshold=threshold, alpha=alpha, items=len(own))
