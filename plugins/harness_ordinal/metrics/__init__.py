"""Ordinal metrics as objects over a whole corpus, since kappa and rank correlations have no value for one item."""

from harness_ordinal.metrics.catalogue import METRICS, metric_named
from harness_ordinal.metrics.core import OrdinalMetric, Predictions, Sums, predictions_of
from harness_ordinal.metrics.estimates import compared, estimated
from harness_ordinal.metrics.raters import Ratings, agreement, ratings_of

__all__ = [
    "METRICS",
    "OrdinalMetric",
    "Predictions",
    "Ratings",
    "Sums",
    "agreement",
    "compared",
    "estimated",
    "metric_named",
    "predictions_of",
    "ratings_of",
]
