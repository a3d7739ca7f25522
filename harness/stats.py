"""Intervals and paired tests: numbers in, numbers out.

Items are the unit everywhere: several draws of one item are averaged before they come here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

#: Two-sided 95 %.
Z95 = 1.959963984540054
#: Resamples of a bootstrap or a permutation test.
RESAMPLES = 10_000
#: Resamples made at once, so that memory stays bounded: this many numbers.
BLOCK = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value with its interval; the bounds are None where they cannot be known."""

    value: float
    low: float | None
    high: float | None
    method: str


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (Wilson 1927).

    >>> [round(x, 3) for x in wilson(9, 10)]
    [0.596, 0.982]
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n == 0:
        return 0.0, 1.0
    share, zz = hits / n, z * z
    middle = (share + zz / (2 * n)) / (1 + zz / n)
    half = z / (1 + zz / n) * math.sqrt(share * (1 - share) / n + zz / (4 * n * n))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def tango(gained: int, lost: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of the difference of paired proportions, (gained - lost) / n (Tango 1998).

    It keeps its coverage at small and zero counts, where Wald's does not.

    Args:
        gained: pairs that are 1 in the first and 0 in the second.
        lost: pairs that are 0 in the first and 1 in the second.
        n: all pairs.
        z: quantile of the normal distribution.

    >>> [round(x, 3) for x in tango(1, 7, 21)]  # Fagerland, Lydersen and Laake 2014, airway example
    [-0.517, -0.026]
    >>> tango(0, 0, 0)
    (-1.0, 1.0)
    """
    if n == 0:
        return -1.0, 1.0
    share = (gained - lost) / n

    def score(delta: float) -> float:
        a = 2 * n
        b = -gained - lost + (2 * n - gained + lost) * delta
        c = -lost * delta * (1 - delta)
        p21 = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = n * (2 * p21 + delta * (1 - delta))
        top = gained - lost - n * delta
        if variance <= 0:
            return 0.0 if top == 0 else math.copysign(math.inf, top)
        return top / math.sqrt(variance)

    low = _bisected(lambda delta: score(delta) - z, -1.0, share)
    high = _bisected(lambda delta: score(delta) + z, share, 1.0)
    return max(-1.0, min(low, share)), min(1.0, max(high, share))


def _bisected(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function crosses zero between two points."""
    for _ in range(100):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """Return the two-sided mid-p value of McNemar's exact test (Fagerland et al. 2013).

    >>> round(mcnemar_mid_p(1, 7), 4)  # the same example
    0.0391
    >>> mcnemar_mid_p(0, 0)
    1.0
    """
    n = gained + lost
    if n == 0:
        return 1.0
    few = min(gained, lost)
    tail = sum(math.comb(n, i) for i in range(few + 1)) * 2
    here = math.comb(n, few)
    total = 1 << n
    return min(1.0, (tail - here) / total) if gained != lost else 1.0 - here / (2 * total)


def rule_of_three(n: int) -> float:
    """Return the upper 95 % bound of a share of which no case was seen among n (Hanley and Lippman-Hand 1983).

    >>> rule_of_three(60)
    0.05
    """
    return min(1.0, 3.0 / n) if n else 1.0


def leave_one_out_floor(solved: Sequence[Sequence[bool]]) -> float | None:
    """Return what a fresh run keeps of a run's successes, estimated from several draws of each item.

    sum s(s - 1)/(m - 1) / sum s over items with m draws of which s solved (method of moments for
    E[p^2] / E[p]); items of one draw tell nothing and are left out. None where nothing can be said.

    >>> leave_one_out_floor([[True, True, False], [False, False, False], [True, True, True]])
    0.8
    """
    kept = total = 0.0
    for draws in solved:
        m, s = len(draws), sum(draws)
        if m > 1:
            kept += s * (s - 1) / (m - 1)
            total += s
    return kept / total if total else None


def clustered(values: Sequence[float], clusters: Sequence[str]) -> tuple[Any, Any]:
    """Return (sums, sizes) of the values by cluster, as arrays; an empty cluster name is its own cluster."""
    import numpy as np

    order: dict[object, int] = {}
    index = [order.setdefault(name or i, len(order)) for i, name in enumerate(clusters)]
    sums, sizes = np.zeros(len(order)), np.zeros(len(order))
    np.add.at(sums, index, values)
    np.add.at(sizes, index, 1.0)
    return sums, sizes


def _own(clusters: Sequence[str] | None) -> bool:
    """Whether every item is its own cluster."""
    named = [name for name in clusters or () if name]
    return len(set(named)) == len(named)


def _resampled(columns: Any, seed: int) -> Any:
    """Return the column sums, shape (RESAMPLES, columns), of rows drawn with replacement."""
    import numpy as np

    random = np.random.default_rng(seed)
    rows = len(columns)
    step = max(1, BLOCK // rows)
    parts = []
    for start in range(0, RESAMPLES, step):
        counts = random.multinomial(rows, np.full(rows, 1.0 / rows), size=min(step, RESAMPLES - start))
        parts.append(counts @ columns)
    return np.concatenate(parts)


def mean_interval(values: Sequence[float], clusters: Sequence[str] | None = None, *, seed: int = 0) -> Interval:
    """Return the mean with its BCa cluster bootstrap interval (Efron 1987; 10,000 resamples, seeded).

    Values that are all 0 or 1, each its own cluster, are a proportion and get Wilson's interval. Where
    every value is the same no resampling can tell the spread, and there are no bounds.

    Raises:
        ValueError: no values.
    """
    import numpy as np

    if not len(values):
        raise ValueError("the mean of no values")
    data = np.asarray(values, dtype=float)
    sums, sizes = clustered(values, clusters or [""] * len(values))
    mean = float(sums.sum() / sizes.sum())
    if np.isin(data, (0.0, 1.0)).all() and _own(clusters):
        low, high = wilson(int(data.sum()), len(data))
        return Interval(value=mean, low=low, high=high, method="Wilson")
    if len(sums) < 2 or np.ptp(data) == 0:  # noqa: PLR2004
        return Interval(value=mean, low=None, high=None, method="no spread between items")
    drawn = _resampled(np.column_stack([sums, sizes]), seed)
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    low, high = _bca(drawn[:, 0] / drawn[:, 1], mean, left_out)
    return Interval(value=mean, low=low, high=high, method="BCa bootstrap over items")


def _bca(resampled: Any, value: float, jackknife: Any) -> tuple[float, float]:
    """Return the bias-corrected and accelerated bounds from resampled and leave-one-out values."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    size = len(resampled)
    tied = np.isclose(resampled, value, rtol=1e-9, atol=1e-12)
    below = (np.sum((resampled < value) & ~tied) + 0.5 * np.sum(tied)) / size
    bias = ndtri(min(max(below, 0.5 / size), 1 - 0.5 / size))
    spread = jackknife.mean() - jackknife
    denominator = 6.0 * np.sum(spread**2) ** 1.5
    acceleration = float(np.sum(spread**3) / denominator) if denominator > 0 else 0.0
    z = np.array([-Z95, Z95])
    levels = ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(resampled, levels)
    return min(float(low), value), max(float(high), value)


def ratio_interval(
    above: Sequence[float], below: Sequence[float], clusters: Sequence[str] | None = None, *, seed: int = 0
) -> Interval | None:
    """Return mean(above) / mean(below) of paired values; the pair is resampled jointly, on the log ratio.

    None where the denominator is zero. No bounds where either mean is zero.
    """
    import numpy as np

    top, bottom = float(np.mean(above)), float(np.mean(below))
    if bottom == 0:
        return None
    groups = clusters or [""] * len(above)
    sums_above, _ = clustered(above, groups)
    sums_below, _ = clustered(below, groups)
    drawn = _resampled(np.column_stack([sums_above, sums_below]), seed)
    if top == 0 or np.any(drawn <= 0):
        return Interval(value=top / bottom, low=None, high=None, method="a resample has no successes")
    logs = np.log(drawn[:, 0]) - np.log(drawn[:, 1])
    if len(sums_above) < 2 or np.ptp(logs) < 1e-12:  # noqa: PLR2004
        return Interval(value=top / bottom, low=None, high=None, method="no spread between items")
    low, high = np.exp(np.quantile(logs, [0.025, 0.975]))
    value = top / bottom
    return Interval(
        value=value, low=min(float(low), value), high=max(float(high), value), method="bootstrap of the log ratio"
    )


def sign_flip_p(differences: Sequence[float], clusters: Sequence[str] | None = None, *, seed: int = 0) -> float:
    """Return the two-sided p-value that paired differences have mean zero, by flipping signs of whole clusters.

    Monte Carlo with 10,000 flips, the observed one counted in, so it is never 0 (Phipson and Smyth 2010).
    """
    import numpy as np

    sums, _ = clustered(differences, clusters or [""] * len(differences))
    sums = sums[sums != 0]
    if not len(sums):
        return 1.0
    random = np.random.default_rng(seed)
    observed = abs(float(sums.sum())) - 1e-9
    step = max(1, BLOCK // len(sums))
    as_far = 0
    for start in range(0, RESAMPLES, step):
        signs = random.integers(0, 2, size=(min(step, RESAMPLES - start), len(sums)), dtype=np.int8) * 2 - 1
        as_far += int(np.sum(np.abs(signs @ sums) >= observed))
    return (as_far + 1) / (RESAMPLES + 1)


def paired_difference(
    first: Sequence[float], second: Sequence[float], clusters: Sequence[str] | None = None, *, seed: int = 0
) -> tuple[Interval, float]:
    """Return mean(first - second) over paired items with its interval and p-value.

    One draw of each (every value 0 or 1) and no clusters: Tango's interval and McNemar's mid-p.
    Otherwise: BCa bootstrap over items, and the sign-flip permutation test.

    Raises:
        ValueError: no pairs.
    """
    if not len(first):
        raise ValueError("the difference of no pairs")
    single = all(value in (0.0, 1.0) for value in (*first, *second))
    differences = [a - b for a, b in zip(first, second, strict=True)]
    if single and _own(clusters):
        gained, lost = sum(bool(d > 0) for d in differences), sum(bool(d < 0) for d in differences)
        low, high = tango(gained, lost, len(differences))
        value = (gained - lost) / len(differences)
        return Interval(value=value, low=low, high=high, method="Tango, McNemar mid-p"), mcnemar_mid_p(gained, lost)
    interval = mean_interval(differences, clusters, seed=seed)
    return interval, sign_flip_p(differences, clusters, seed=seed)
