"""Paired tests: the same items under two conditions, one draw of each (Tango, McNemar) or several (signs flipped)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from harness.stats.clusters import BLOCK, RESAMPLES, ROUNDING, clustered
from harness.stats.shares import Z95

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.stats.clusters import Array, Clusters

#: The exact distribution of flipped signs is worked out where the sums are multiples of 1 / this at the finest.
FINEST = 5_040
#: and take so many values at the most; beyond it, signs are drawn.
WIDEST = 8_000_000


def tango_score(gained: int, lost: int, n: int, delta: float) -> float:
    """Return the score statistic that the difference of paired proportions, (gained - lost) / n, is delta (Tango 1998).

    Standard normal if it is so. Infinite where the data exclude delta.
    """
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * delta
    c = -lost * delta * (1 - delta)
    p21 = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n * (2 * p21 + delta * (1 - delta))
    top = gained - lost - n * delta
    if variance <= 0:
        return 0.0 if top == 0 else math.copysign(math.inf, top)
    return top / math.sqrt(variance)


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
    low = _bisected(lambda delta: tango_score(gained, lost, n, delta) - z, -1.0, share)
    high = _bisected(lambda delta: tango_score(gained, lost, n, delta) + z, share, 1.0)
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


def sign_flip_p(differences: Sequence[float] | Array, clusters: Clusters = None, *, seed: int = 0) -> float:
    """Return the two-sided mid-p value that paired differences have mean zero, by flipping signs of whole clusters.

    Exact where the sums are multiples of a common fraction, as means of draws are: all 2^n flips, by way of their
    characteristic function. Otherwise Monte Carlo with 10,000 flips, the observed one counted in, so it is never 0
    (Phipson and Smyth 2010). Half the probability of the observed value counts (mid-p, Lancaster 1961), so that
    differences of one draw each give McNemar's mid-p: of the exact and the mid-p version that one comes nearer to its
    level and hardly passes it (Fagerland, Lydersen and Laake 2013; `benchmarks/coverage.py --attainable`). Where only a
    handful of items differ no version comes near: the flips of five have sums of chance 1/16 and more only.

    >>> round(sign_flip_p([1, -1, -1, -1, -1, -1, -1, -1]), 4)
    0.0391
    """
    import numpy as np

    sums = clustered(clusters, differences)[:, 0]
    sums = sums[np.abs(sums) > ROUNDING]
    if not len(sums):
        return 1.0
    sizes, counts = np.unique(np.round(np.abs(sums), 10), return_counts=True)
    unit = _common_denominator(sizes.tolist())
    if unit is not None:
        steps = np.rint(sizes * unit).astype(np.int64)
        if int(steps @ counts) <= WIDEST:
            return _exact_flip_p(steps, counts, round(abs(float(sums.sum())) * unit))
    return _drawn_flip_p(sums, seed)


def _common_denominator(sizes: Sequence[float]) -> int | None:
    """Return the least number that makes all sizes whole; None where there is none up to FINEST."""
    unit = 1
    for size in sizes:
        part = Fraction(size).limit_denominator(FINEST)
        if abs(float(part) - size) > ROUNDING:
            return None
        unit = math.lcm(unit, part.denominator)
        if unit > FINEST:
            return None
    return unit


def attainable_levels(differences: Sequence[float] | Array) -> list[tuple[float, float, float]]:
    """Return what a test by flipped signs can tell of these differences: the levels that it can have, and no others.

    Returns:
        For each absolute sum that flips lead to, from the largest on: the chance of it or a larger one, which is the
        level of a test that rejects from there on; the mid-p of it; the sum. Empty where no item differs, or where
        the differences are no multiples of a common fraction.

    >>> [(level, p) for level, p, _ in attainable_levels([1, -1, 1, 0])]
    [(0.25, 0.125), (1.0, 0.625)]
    """
    import numpy as np

    sizes, counts = np.unique(np.round(np.abs(np.asarray(differences, dtype=float)), 10), return_counts=True)
    sizes, counts = sizes[sizes > ROUNDING], counts[sizes > ROUNDING]
    unit = _common_denominator(sizes.tolist())
    if unit is None or not len(sizes):
        return []
    steps = np.rint(sizes * unit).astype(np.int64)
    total = int(steps @ counts)
    chance = _flip_chances(steps, counts)
    found, beyond = [], 0.0
    for at in range(total, (total - 1) // 2, -1):
        here = float(chance[at]) * (2 if 2 * at != total else 1)
        if here > 0:
            beyond += here
            found.append((min(1.0, beyond), min(1.0, beyond - here / 2), (2 * at - total) / unit))
    return found


def _exact_flip_p(steps: NDArray[np.int64], counts: NDArray[np.int64], observed: int) -> float:
    """Return the mid-p of a sum of `counts[j]` terms +-`steps[j]`."""
    total = int(steps @ counts)
    chance = _flip_chances(steps, counts)
    at = (observed + total) // 2
    p = 2.0 * float(chance[at + 1 :].sum()) + float(chance[at]) if observed else 1.0 - float(chance[at]) / 2
    least = 2.0 ** -min(int(counts.sum()), 1000)  # half the chance of the furthest sum, on both sides
    return min(1.0, max(p, least))


def _flip_chances(steps: NDArray[np.int64], counts: NDArray[np.int64]) -> Array:
    """Return the chance of each value of a sum of `counts[j]` terms +-`steps[j]`, by its characteristic function.

    Half of (sum + total) is a sum of steps times binomials, on 0 ... total.
    """
    import numpy as np
    from scipy.fft import next_fast_len

    total = int(steps @ counts)
    size = next_fast_len(total + 1, real=True)
    angles = 2 * np.pi * np.arange(size // 2 + 1) / size
    transform = np.ones(len(angles), dtype=complex)
    for step, count in zip(steps, counts, strict=True):
        transform *= ((1 + np.exp(-1j * angles * step)) / 2) ** int(count)
    return np.clip(np.fft.irfft(transform, n=size)[: total + 1], 0.0, None)


def _drawn_flip_p(sums: Array, seed: int) -> float:
    """Return the mid-p from drawn signs."""
    import numpy as np

    random = np.random.default_rng(seed)
    observed = abs(float(sums.sum()))
    slack = 1e-9 * max(1.0, observed)
    step = max(1, BLOCK // len(sums))
    further = tied = 0
    for start in range(0, RESAMPLES, step):
        shape = (min(step, RESAMPLES - start), len(sums))
        flipped = np.abs((random.integers(0, 2, size=shape, dtype=np.int8) * 2.0 - 1.0) @ sums)
        further += int(np.sum(flipped > observed + slack))
        tied += int(np.sum(np.abs(flipped - observed) <= slack))
    return (further + (tied + 1) / 2) / (RESAMPLES + 1)
