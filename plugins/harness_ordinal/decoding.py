"""One number from a distribution over ranks: a choice of its own, named in every row of a report.

Each rule is the best for one loss: argmax for 0/1, median for absolute, mean for squared, a quantile for pinball error.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from harness_ordinal.errors import OrdinalError
from harness_ordinal.namespace import floating, namespace_of
from harness_ordinal.primitives import class_probabilities

Array = TypeVar("Array")

#: The rules by name; `quantile` takes a level, as in `quantile:0.9`.
DECODINGS = ("argmax", "median", "mean", "rounded_mean", "quantile")

#: A quantile rule with its level.
QUANTILE = re.compile(r"quantile:(0?\.\d+|0|1(?:\.0+)?)")


def argmax_rank(exceedance: Array) -> Array:
    """Return the most probable rank, the lowest of equals; shape (...), integers."""
    return namespace_of(exceedance).argmax(class_probabilities(exceedance), -1)  # type: ignore[no-any-return]


def quantile_rank(exceedance: Array, level: float) -> Array:
    """Return the number of thresholds with G_k > 1 - level: the lowest rank r with P(y <= r) >= level.

    Counting tolerates thresholds out of order, as OR-NN's rule does.

    Raises:
        OrdinalError: a level outside [0, 1].

    >>> import numpy as np
    >>> quantile_rank(np.array([0.9, 0.4, 0.2]), 0.75).tolist()
    2
    """
    if not 0 <= level <= 1:
        raise OrdinalError(f"quantile level {level!r}: must be between 0 and 1")
    return (floating(exceedance) > 1 - level).sum(-1)  # type: ignore[no-any-return]


def median_rank(exceedance: Array) -> Array:
    """Return the median rank: the number of thresholds with G_k > 1/2, the rule of CORN, CORAL and OR-NN."""
    return quantile_rank(exceedance, 0.5)


def mean_rank(exceedance: Array) -> Array:
    """Return the expected rank, the sum of the G_k; shape (...), not rounded."""
    return floating(exceedance).sum(-1)  # type: ignore[no-any-return]


def rounded_mean_rank(exceedance: Array) -> Array:
    """Return the rank nearest the expected one, where a whole one is required."""
    return namespace_of(exceedance).round(mean_rank(exceedance))  # type: ignore[no-any-return]


def decoded(exceedance: Array, rule: str) -> Array:
    """Return ranks, shape (...), by a rule's name.

    Args:
        exceedance: G_k, shape (..., K-1).
        rule: argmax, median, mean, rounded_mean, or quantile:LEVEL.

    Raises:
        OrdinalError: an unknown rule.

    >>> import numpy as np
    >>> [decoded(np.array([[0.75, 0.5]]), rule).tolist() for rule in ("median", "mean", "quantile:0.2")]
    [[1], [1.25], [0]]
    """
    rules: dict[str, Any] = {
        "argmax": argmax_rank,
        "median": median_rank,
        "mean": mean_rank,
        "rounded_mean": rounded_mean_rank,
    }
    if rule in rules:
        return rules[rule](exceedance)  # type: ignore[no-any-return]
    if found := QUANTILE.fullmatch(rule):
        return quantile_rank(exceedance, float(found[1]))
    raise OrdinalError(
        f"decoding {rule!r} is unknown; use {', '.join(DECODINGS[:-1])} or quantile:LEVEL (quantile:0.9)"
    )
