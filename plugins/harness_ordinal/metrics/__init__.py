"""Ordinal metrics as objects over a whole corpus, since kappa and rank correlations have no value for one item."""

from harness_ordinal.metrics.catalogue import METRICS, metric_named
from harness_ordinal.metrics.core import OrdinalMetric, Predictions, Sums, predictions_of

__all__ = ["METRICS", "OrdinalMetric", "Predictions", "Sums", "metric_named", "predictions_of"]
