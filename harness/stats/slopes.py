"""A straight line through the differences of items: against a covariate of the item, and against the dose it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.stats.clusters import ROUNDING, codes_of
from harness.stats.means import student
from harness.stats.shares import Interval

if TYPE_CHECKING:
    from harness.stats.clusters import Array, Clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A slope with its 95 % interval and the two-sided p-value that it is zero."""

    interval: Interval
    p: float | None


def covariate_slope(x: Sequence[float] | Array, y: Sequence[float] | Array, clusters: Clusters = None) -> Slope | None:
    """Return the least-squares slope of y on x over items, with cluster-robust errors.

    Sandwich variance with the factor G/(G-1) * (n-1)/(n-2) and Student's t with G - 1 degrees of freedom (Liang and
    Zeger 1986; Cameron and Miller 2015), G clusters. None for fewer than three items or clusters, or where x does not
    vary.
    """
    import numpy as np
    from scipy.special import stdtr

    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    n = len(first)
    codes = codes_of(clusters, n)
    groups = int(codes.max()) + 1 if n else 0
    if groups < 3 or np.ptp(first) < ROUNDING:  # noqa: PLR2004
        return None
    centred = first - first.mean()
    squares = float(centred @ centred)
    slope = float(centred @ second) / squares
    left = second - second.mean() - slope * centred
    scores = np.bincount(codes, weights=centred * left, minlength=groups)
    error = float(np.sqrt(groups / (groups - 1) * (n - 1) / (n - 2) * float(scores @ scores))) / squares
    method = "least squares over items, cluster-robust t"
    if error < ROUNDING:
        return Slope(interval=Interval(value=slope, low=None, high=None, method="no spread about the line"), p=None)
    half = student(groups) * error
    p = 2 * float(stdtr(groups - 1, -abs(slope) / error))
    return Slope(interval=Interval(value=slope, low=slope - half, high=slope + half, method=method), p=p)


def item_slopes(x: Sequence[float], y: Array) -> Array:
    """Return the least-squares slope of each item's values on x.

    Args:
        x: doses, the same for all items; at least two different ones.
        y: shape (items, doses).

    >>> import numpy as np
    >>> item_slopes([1.0, 2.0, 3.0], np.array([[0.0, 1.0, 2.0], [3.0, 3.0, 3.0]])).tolist()
    [1.0, 0.0]
    """
    import numpy as np

    centred = np.asarray(x, dtype=float) - np.mean(x)
    return np.asarray(y @ centred / float(centred @ centred), dtype=float)
