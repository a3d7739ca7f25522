"""What one number cannot tell: confusion, errors and recalls by class, reliability of each threshold, the PIT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness_ordinal.errors import OrdinalError
from harness_ordinal.metrics.core import Predictions
from harness_ordinal.metrics.means import BINS


def confusion(predictions: Predictions) -> Any:
    """Return weights by true (rows) and predicted rank (columns), shape (K, K).

    Raises:
        OrdinalError: predictions that are not whole ranks.
    """
    import numpy as np

    if not predictions.whole:
        raise OrdinalError("a confusion matrix needs whole ranks; decode by argmax, median or rounded_mean")
    size = predictions.num_classes
    cells = predictions.truth * size + predictions.ranks.astype(int)
    return np.bincount(cells, weights=predictions.weights, minlength=size * size).reshape(size, size)


def class_recalls(predictions: Predictions) -> tuple[float | None, ...]:
    """Return the share of each true rank that is predicted; None for a rank that is absent."""
    table = confusion(predictions)
    return tuple(float(row[rank] / row.sum()) if row.sum() else None for rank, row in enumerate(table))


def class_maes(predictions: Predictions) -> tuple[float | None, ...]:
    """Return the mean absolute error of each true rank; None for a rank that is absent."""
    import numpy as np

    size = predictions.num_classes
    weights = np.bincount(predictions.truth, weights=predictions.weights, minlength=size)
    errors = abs(predictions.ranks - predictions.truth) * predictions.weights
    sums = np.bincount(predictions.truth, weights=errors, minlength=size)
    return tuple(float(total / weight) if weight else None for total, weight in zip(sums, weights, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin of a reliability curve."""

    threshold: int
    low: float
    high: float
    weight: float
    #: Mean of G_k in the bin, and the share of its items above the threshold.
    forecast: float
    observed: float


def reliability(predictions: Predictions, bins: int = BINS) -> tuple[Bin, ...]:
    """Return the reliability curve of every threshold; bins without items are left out.

    Raises:
        OrdinalError: there is no distribution.
    """
    import numpy as np

    above = _exceedance(predictions)
    found = []
    for threshold in range(above.shape[1]):
        forecast = above[:, threshold]
        place = np.minimum((forecast * bins).astype(int), bins - 1)
        weights = np.bincount(place, weights=predictions.weights, minlength=bins)
        forecasts = np.bincount(place, weights=predictions.weights * forecast, minlength=bins)
        hits = np.bincount(place, weights=predictions.weights * (predictions.truth > threshold), minlength=bins)
        found += [
            Bin(
                threshold=threshold,
                low=number / bins,
                high=(number + 1) / bins,
                weight=float(weights[number]),
                forecast=float(forecasts[number] / weights[number]),
                observed=float(hits[number] / weights[number]),
            )
            for number in range(bins)
            if weights[number]
        ]
    return tuple(found)


def pit_histogram(predictions: Predictions, bins: int = BINS) -> Any:
    """Return the non-randomised PIT histogram, shape (bins,), mean 1 (Czado, Gneiting and Held 2009).

    Flat where the distribution is calibrated, a valley where it is too narrow, a hill where it is too wide.

    Raises:
        OrdinalError: there is no distribution, or thresholds are out of order.
    """
    import numpy as np

    above = _exceedance(predictions)
    if (np.diff(above, axis=1) > 1e-9).any():  # noqa: PLR2004  # rounding
        raise OrdinalError("the PIT needs a distribution; repair thresholds that are out of order first")
    items = np.arange(len(predictions))
    below = np.column_stack([np.zeros(len(predictions)), 1 - above, np.ones(len(predictions))])
    low, high = below[items, predictions.truth][:, None], below[items, predictions.truth + 1][:, None]
    edges = np.linspace(0, 1, bins + 1)[None, :]
    width = np.where(high > low, high - low, 1.0)
    reached = np.where(high > low, np.clip((edges - low) / width, 0, 1), (edges >= high).astype(float))
    curve = np.average(reached, axis=0, weights=predictions.weights)
    return np.diff(curve) * bins


def _exceedance(predictions: Predictions) -> Any:
    """Return the distribution."""
    if predictions.exceedance is None:
        raise OrdinalError("calibration needs a distribution: give exceedance probabilities")
    return predictions.exceedance
