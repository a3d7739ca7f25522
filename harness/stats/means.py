"""Means over items and their ratios, with intervals: BCa cluster bootstrap, and what replaces it where few differ.

A bootstrap resamples the spread that it sees. Where only a handful of items differ it sees too little: with five of 350
the BCa interval covers 87 % and not 95, with sixty of 120 still 94. There a share gets Wilson's interval at its
effective sample size, and a difference Student's t with one more item that differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.stats.clusters import RESAMPLES, ROUNDING, clustered, resampled
from harness.stats.shares import Z95, Interval, rule_of_three, wilson

if TYPE_CHECKING:
    from harness.stats.clusters import Array, Clusters

#: Fewer clusters than this that differ are few: no bootstrap.
FEW = 100
#: Two-sided levels of 95 %.
TAILS = (0.025, 0.975)


def mean_interval(
    values: Sequence[float] | Array, clusters: Clusters = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Return the mean of shares with its 95 % interval.

    BCa cluster bootstrap (Efron 1987; 10,000 resamples, seeded). Values that are all 0 or 1, each its own cluster, are
    a proportion and get Wilson's interval; shares of which few differ from the rest get it at the effective sample
    size, share (1 - share) / variance of the mean (Korn and Graubard 1998), as if one more differed. Values that are
    all the same, neither 0 nor 1, tell nothing of their spread: no bounds.

    Args:
        values: one for each item, from 0 to 1; draws of an item averaged before.
        clusters: of the items; None: each its own.
        seed: of the resamples.
        resamples: how many; none: Wilson's interval at the effective sample size.

    Raises:
        ValueError: no values.
    """
    import numpy as np

    data = np.asarray(values, dtype=float)
    if not len(data):
        raise ValueError("the mean of no values")
    rows = clustered(clusters, data)
    mean = float(data.mean())
    if len(rows) == len(data) and np.isin(data, (0.0, 1.0)).all():
        low, high = wilson(int(data.sum()), len(data))
        return Interval(value=mean, low=low, high=high, method="Wilson")
    if len(rows) < 2 or (np.ptp(data) < ROUNDING and 0 < mean < 1):  # noqa: PLR2004
        return Interval(value=mean, low=None, high=None, method="no spread between items")
    off = _off_the_mode(rows)
    if not resamples or np.count_nonzero(off[:, 0]) < FEW:
        low, high = _effective_wilson(off, mean)
        return Interval(value=mean, low=low, high=high, method="Wilson at the effective sample size")
    low, high = mean_bca(rows, seed=seed, resamples=resamples)
    return Interval(value=mean, low=low, high=high, method="BCa bootstrap over items")


def difference_interval(
    differences: Sequence[float] | Array, clusters: Clusters = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Return the mean of paired differences with its 95 % interval.

    BCa cluster bootstrap; where few clusters differ, Student's t with one more that differs as much as those do; where
    none does, the rule of three: no more than 3 / n of them can differ.

    Raises:
        ValueError: no differences.
    """
    import numpy as np

    data = np.asarray(differences, dtype=float)
    if not len(data):
        raise ValueError("the difference of no pairs")
    rows = clustered(clusters, data)
    mean = float(data.mean())
    if len(rows) < 2:  # noqa: PLR2004
        return Interval(value=mean, low=None, high=None, method="no spread between items")
    differ = int(np.sum(np.abs(rows[:, 0]) > ROUNDING))
    if not differ:
        bound = rule_of_three(len(rows))
        return Interval(value=mean, low=-bound, high=bound, method="rule of three")
    if differ < FEW:
        half = student(len(rows)) * careful_error(rows)
        return Interval(value=mean, low=mean - half, high=mean + half, method="t over items, one more that differs")
    low, high = mean_bca(rows, seed=seed, resamples=resamples)
    return Interval(value=mean, low=low, high=high, method="BCa bootstrap over items")


def ratio_interval(
    above: Sequence[float] | Array,
    below: Sequence[float] | Array,
    clusters: Clusters = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Interval | None:
    """Return mean(above) / mean(below) of paired values; the pair is resampled jointly, BCa on the log ratio.

    Where few items differ between the two: Student's t of the linearised log ratio, as for differences. None where
    the denominator is zero. No bounds where either mean is zero, or too near it to resample.
    """
    import numpy as np

    first, second = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    top, bottom = float(first.mean()), float(second.mean())
    if bottom == 0:
        return None
    value = top / bottom
    rows = clustered(clusters, first, second)
    if top == 0 or len(rows) < 2:  # noqa: PLR2004
        return Interval(value=value, low=None, high=None, method="a mean of zero has no log ratio")
    linear = np.column_stack([rows[:, 0] / top - rows[:, 1] / bottom, rows[:, 2]])
    differ = int(np.sum(np.abs(rows[:, 0] - rows[:, 1]) > ROUNDING))
    if not differ:
        bound = rule_of_three(len(rows)) / bottom
        return Interval(value=value, low=max(0.0, value - bound), high=value + bound, method="rule of three")
    if np.ptp(linear[:, 0]) < ROUNDING:
        return Interval(value=value, low=None, high=None, method="no spread between items")
    if differ < FEW:
        low, high = np.log(value) + np.array([-1, 1]) * student(len(rows)) * careful_error(linear)
    else:
        drawn = resampled(rows, seed, resamples)
        if np.any(drawn[:, :2] <= 0):
            return Interval(value=value, low=None, high=None, method="a resample has no successes")
        left = rows.sum(axis=0) - rows
        logs, jackknife = (np.log(part[:, 0]) - np.log(part[:, 1]) for part in (drawn, left))
        low, high = bca(logs, float(np.log(value)), jackknife)
    low, high = float(np.exp(low)), float(np.exp(high))
    method = "t of the log ratio, one more that differs" if differ < FEW else "BCa bootstrap of the log ratio"
    return Interval(value=value, low=min(low, value), high=max(high, value), method=method)


def standard_error(differences: Sequence[float] | Array, clusters: Clusters = None) -> float | None:
    """Return the standard error of the mean of paired differences, as if one more differed; None of fewer than two.

    >>> round(standard_error([0.0, 0.0, 0.5, -0.5]) or 0, 3)
    0.25
    """
    import numpy as np

    rows = clustered(clusters, np.asarray(differences, dtype=float))
    return careful_error(rows) if len(rows) > 1 else None


def mean_bca(rows: Array, *, seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Return the BCa bounds of a mean from (sum, size) by cluster."""
    drawn = resampled(rows, seed, resamples)
    left = rows.sum(axis=0) - rows
    mean = float(rows[:, 0].sum() / rows[:, 1].sum())
    return bca(drawn[:, 0] / drawn[:, 1], mean, left[:, 0] / left[:, 1])


def bca(resamples: Array, value: float, jackknife: Array) -> tuple[float, float]:
    """Return the bias-corrected and accelerated 95 % bounds (Efron 1987) from resampled and leave-one-out values."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    size = len(resamples)
    tied = np.isclose(resamples, value, rtol=1e-9, atol=1e-12)
    below = (np.sum((resamples < value) & ~tied) + 0.5 * np.sum(tied)) / size
    bias = ndtri(min(max(below, 0.5 / size), 1 - 0.5 / size))
    spread = jackknife.mean() - jackknife
    denominator = 6.0 * np.sum(spread**2) ** 1.5
    acceleration = float(np.sum(spread**3) / denominator) if denominator > 0 else 0.0
    z = np.array([-Z95, Z95])
    low, high = np.quantile(resamples, ndtr(bias + (bias + z) / (1 - acceleration * (bias + z))))
    return min(float(low), value), max(float(high), value)


def careful_error(rows: Array) -> float:
    """Return the standard error of a mean from (sum, size) by cluster, as if one more of them differed.

    Linearised; that one adds the mean square of those that differ, as one more event adds one to a count.
    """
    import numpy as np

    squares = rows[:, 0] ** 2
    differ = int(np.sum(squares > ROUNDING**2))
    more = squares.sum() / differ if differ else 1.0
    mean = rows[:, 0].sum() / rows[:, 1].sum()
    spread = float(np.sum((rows[:, 0] - mean * rows[:, 1]) ** 2))
    return float(np.sqrt((spread + more) * len(rows) / (len(rows) - 1)) / rows[:, 1].sum())


def student(clusters: int, tail: float = TAILS[1]) -> float:
    """Return a quantile of Student's t with one degree of freedom less than there are clusters."""
    from scipy.special import stdtrit

    return float(stdtrit(clusters - 1, tail))


def _off_the_mode(rows: Array) -> Array:
    """Return (sum, size) by cluster, the sums counted from the mean that most clusters have."""
    import numpy as np

    means, counts = np.unique(np.round(rows[:, 0] / rows[:, 1], 10), return_counts=True)
    off = rows[:, 0] - means[counts.argmax()] * rows[:, 1]
    return np.column_stack([np.where(np.abs(off) > ROUNDING, off, 0.0), rows[:, 1]])


def _effective_wilson(off: Array, mean: float) -> tuple[float, float]:
    """Return Wilson's interval at the effective sample size; of a share that is 0 or 1, at the number of clusters."""
    size = float(len(off)) if mean in {0.0, 1.0} else mean * (1 - mean) / careful_error(off) ** 2
    return wilson(mean * size, size, student(len(off)))
