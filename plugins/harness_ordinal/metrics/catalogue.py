"""All metrics by name."""

from __future__ import annotations

from collections.abc import Mapping

from harness import UnknownName
from harness_ordinal.metrics.core import OrdinalMetric
from harness_ordinal.metrics.means import MEANS
from harness_ordinal.metrics.tables import TABLES

METRICS: Mapping[str, OrdinalMetric] = {metric.name: metric for metric in (*MEANS, *TABLES)}


def metric_named(name: str) -> OrdinalMetric:
    """Return a metric.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in METRICS:
        raise UnknownName.among("ordinal metric", name, METRICS)
    return METRICS[name]
