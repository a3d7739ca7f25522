"""Metrics that are means over items or over classes: errors, accuracies, proper scores, inversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness_ordinal.metrics.core import OrdinalMetric, Predictions, Sums
from harness_ordinal.primitives import class_probabilities

#: Probabilities below this are raised to it in the log score, and the rows are counted.
FLOOR = 1e-12
#: An exceedance probability above its predecessor by more than this is an inversion (the CORAL authors' tolerance).
TOLERANCE = 1e-5
#: Equal-width bins of a threshold's reliability curve.
BINS = 10


def _ratio(totals: Any) -> Any:
    """Return the second column over the first."""
    return totals[:, 1] / totals[:, 0]


def _mean_of(item: Callable[[Predictions], Any], root: bool = False) -> Callable[[Predictions], Sums]:  # noqa: FBT001, FBT002  # RMSE alone
    """Return the sums of a mean over items."""

    def sums(predictions: Predictions) -> Sums:
        import numpy as np

        parts = np.column_stack([np.ones(len(predictions)), item(predictions)])
        return Sums(parts=parts, figure=(lambda totals: np.sqrt(_ratio(totals))) if root else _ratio)

    return sums


def _error(predictions: Predictions) -> Any:
    """Return prediction minus truth, in ranks."""
    return predictions.ranks - predictions.truth


def _by_class(item: Callable[[Predictions], Any], join: str) -> Callable[[Predictions], Sums]:
    """Return the sums of a mean (or maximum) over the classes present of means within them."""

    def sums(predictions: Predictions) -> Sums:
        import numpy as np
        from scipy import sparse

        size, items = predictions.num_classes, len(predictions)
        values = np.column_stack([np.ones(items), np.asarray(item(predictions), dtype=float)])
        places = np.column_stack([predictions.truth, size + predictions.truth])
        pointers = np.arange(items + 1) * 2
        parts = sparse.csr_array((values.ravel(), places.ravel(), pointers), shape=(items, 2 * size))

        def figure(totals: Any) -> Any:
            present = totals[:, :size] > 0
            within = np.where(present, totals[:, size:] / np.where(present, totals[:, :size], 1.0), np.nan)
            if join == "max":
                return np.where(present, within, -np.inf).max(axis=1)
            return np.where(present, within, 0.0).sum(axis=1) / present.sum(axis=1)

        return Sums(parts=parts, figure=figure)

    return sums


def squared_steps(predictions: Predictions) -> Any:
    """Return the ranked probability score of each item: sum over k of (G_k - 1[y > k])^2 (Epstein 1969)."""
    import numpy as np

    reached = predictions.truth[:, None] > np.arange(predictions.num_classes - 1)
    return ((predictions.exceedance - reached) ** 2).sum(axis=1)


def truth_probability(predictions: Predictions) -> Any:
    """Return the probability given to the true rank of each item; negative where thresholds are out of order."""
    import numpy as np

    return class_probabilities(predictions.exceedance)[np.arange(len(predictions)), predictions.truth]  # type: ignore[index]


def _surprise(predictions: Predictions) -> Any:
    """Return -log p of the truth in nats, floored."""
    import numpy as np

    return -np.log(np.maximum(truth_probability(predictions), FLOOR))


def rises(predictions: Predictions) -> Any:
    """Return G_{k+1} - G_k, shape (n, K-2)."""
    import numpy as np

    above = predictions.exceedance
    assert above is not None
    return np.diff(above, axis=1)


def _threshold_ece(predictions: Predictions) -> Sums:
    """Return the sums of the threshold-wise expected calibration error."""
    import numpy as np
    from scipy import sparse

    size, thresholds = len(predictions), predictions.num_classes - 1
    above = predictions.exceedance
    assert above is not None
    bins = np.minimum((above * BINS).astype(int), BINS - 1)
    gaps = above - (predictions.truth[:, None] > np.arange(thresholds))
    columns = 1 + np.arange(thresholds) * BINS + bins
    rows = np.repeat(np.arange(size), thresholds)
    binned = sparse.csr_array((gaps.ravel(), (rows, columns.ravel())), shape=(size, 1 + thresholds * BINS))
    counted = sparse.csr_array((np.ones(size), (np.arange(size), np.zeros(size, dtype=int))), shape=binned.shape)
    return Sums(
        parts=sparse.csr_array(binned + counted),
        figure=lambda totals: np.abs(totals[:, 1:]).sum(axis=1) / (totals[:, 0] * thresholds),
    )


def _threshold_ece_direct(predictions: Predictions) -> float:
    """Return the threshold-wise expected calibration error itself, one threshold after the other."""
    import numpy as np

    above, weights = predictions.exceedance, predictions.weights
    assert above is not None
    total = 0.0
    for threshold in range(predictions.num_classes - 1):
        forecast = above[:, threshold]
        place = np.minimum((forecast * BINS).astype(int), BINS - 1)
        gaps = (forecast - (predictions.truth > threshold)) * weights
        total += float(np.abs(np.bincount(place, weights=gaps, minlength=BINS)).sum())
    return total / (float(weights.sum()) * (predictions.num_classes - 1)) if weights.any() else float("nan")


MEANS = (
    OrdinalMetric(
        name="mae",
        summary="mean |predicted - true rank|; takes ranks as equally spaced",
        better="lower",
        sums=_mean_of(lambda p: abs(_error(p))),
    ),
    OrdinalMetric(
        name="rmse",
        summary="root of the mean squared rank error",
        better="lower",
        sums=_mean_of(lambda p: _error(p) ** 2, root=True),
    ),
    OrdinalMetric(
        name="accuracy",
        summary="share of items at their rank",
        better="higher",
        whole=True,
        sums=_mean_of(lambda p: _error(p) == 0),
    ),
    OrdinalMetric(
        name="accuracy_within_1",
        summary="share of items at most one rank away",
        better="higher",
        sums=_mean_of(lambda p: abs(_error(p)) <= 1),
    ),
    OrdinalMetric(
        name="macro_mae",
        summary="mean over the true ranks present of their MAE (Baccianella et al. 2009)",
        better="lower",
        sums=_by_class(lambda p: abs(_error(p)), "mean"),
    ),
    OrdinalMetric(
        name="max_class_mae",
        summary="largest MAE of a true rank",
        better="lower",
        sums=_by_class(lambda p: abs(_error(p)), "max"),
    ),
    OrdinalMetric(
        name="macro_recall",
        summary="mean over the true ranks present of their recall",
        better="higher",
        whole=True,
        sums=_by_class(lambda p: _error(p) == 0, "mean"),
    ),
    OrdinalMetric(
        name="rps",
        summary="ranked probability score, summed over K-1 thresholds",
        better="lower",
        distribution=True,
        sums=_mean_of(squared_steps),
    ),
    OrdinalMetric(
        name="rps_normalized",
        summary="ranked probability score over K-1",
        better="lower",
        distribution=True,
        sums=_mean_of(lambda p: squared_steps(p) / (p.num_classes - 1)),
    ),
    OrdinalMetric(
        name="log_score",
        summary=f"mean -log p(true rank) in nats, p floored at {FLOOR:g}",
        better="lower",
        distribution=True,
        sums=_mean_of(_surprise),
    ),
    OrdinalMetric(
        name="log_score_floored",
        summary=f"share of items whose true rank had p < {FLOOR:g}",
        better="lower",
        distribution=True,
        sums=_mean_of(lambda p: truth_probability(p) < FLOOR),
    ),
    OrdinalMetric(
        name="threshold_ece",
        summary=f"expected calibration error of G_k, {BINS} bins, mean over thresholds",
        better="lower",
        distribution=True,
        sums=_threshold_ece,
        direct=_threshold_ece_direct,
    ),
    OrdinalMetric(
        name="inconsistent_share",
        summary=f"share of items with a G_k+1 > G_k + {TOLERANCE:g}",
        better="lower",
        distribution=True,
        sums=_mean_of(lambda p: (rises(p) > TOLERANCE).any(axis=1)),
    ),
    OrdinalMetric(
        name="inconsistent_count",
        summary=f"mean number of k with G_k+1 > G_k + {TOLERANCE:g}",
        better="lower",
        distribution=True,
        sums=_mean_of(lambda p: (rises(p) > TOLERANCE).sum(axis=1)),
    ),
    OrdinalMetric(
        name="inconsistent_magnitude",
        summary="mean over items of the sum of G_k+1 - G_k where positive",
        better="lower",
        distribution=True,
        sums=_mean_of(lambda p: rises(p).clip(min=0).sum(axis=1)),
    ),
)
