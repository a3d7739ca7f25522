"""Two conditions on the same items: their difference, its test against none, and its test against one that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.stats.clusters import RESAMPLES, ROUNDING, clustered
from harness.stats.means import careful_error, difference_interval
from harness.stats.pairs import mcnemar_mid_p, sign_flip_p, tango, tango_score
from harness.stats.shares import Interval, rule_of_three

if TYPE_CHECKING:
    from harness.stats.clusters import Array, Clusters

#: An effect below this is none worth naming (method 3.5): 2 points.
MARGIN = 0.02


def paired_difference(
    first: Sequence[float] | Array,
    second: Sequence[float] | Array,
    clusters: Clusters = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Interval, float]:
    """Return mean(first - second) over paired items with its 95 % interval and p-value.

    One draw of each (every value 0 or 1) and no clusters: Tango's interval and McNemar's mid-p. Otherwise:
    `difference_interval`, and the sign-flip permutation test. Shares differ by no more than one, whatever Student's t
    of two items says.

    >>> paired_difference([1.0, 0.5], [0.5, 0.5])[0].high
    1.0

    Raises:
        ValueError: no pairs.
    """
    counts = single_draws(first, second, clusters)
    differences = _differences(first, second)
    if not len(differences):
        raise ValueError("the difference of no pairs")
    if counts is not None:
        gained, lost, n = counts
        low, high = tango(gained, lost, n)
        interval = Interval(value=(gained - lost) / n, low=low, high=high, method="Tango, McNemar mid-p")
        return interval, mcnemar_mid_p(gained, lost)
    interval = difference_interval(differences, clusters, seed=seed, resamples=resamples)
    if interval.low is not None and interval.high is not None and are_shares(first) and are_shares(second):
        interval = replace(interval, low=max(interval.low, -1.0), high=min(interval.high, 1.0))
    return interval, sign_flip_p(differences, clusters, seed=seed)


def are_shares(values: Sequence[float] | Array) -> bool:
    """Whether all values lie between 0 and 1."""
    import numpy as np

    data = np.asarray(values, dtype=float)
    return bool(data.min() >= 0.0 and data.max() <= 1.0)


def equivalence_p(
    first: Sequence[float] | Array, second: Sequence[float] | Array, clusters: Clusters = None, margin: float = MARGIN
) -> float | None:
    """Return the p-value that mean(first - second) is at least the margin, on either side (TOST, Schuirmann 1987).

    Small: the effect is shown to be smaller than the margin. Equal to asking whether the 90 % interval lies within
    it. One draw of each and no clusters: Tango's score; otherwise Student's t over items with one more that
    differs, and the rule of three, 1 - (1 - margin)^n, where none does. None for fewer than two items.

    >>> round(equivalence_p([1.0] * 500, [1.0] * 499 + [0.0]), 4) < 0.01
    True
    """
    import numpy as np
    from scipy.special import ndtr, stdtr

    counts = single_draws(first, second, clusters)
    if counts is not None:
        if counts[2] < 2:  # noqa: PLR2004
            return None
        return float(max(ndtr(tango_score(*counts, margin)), ndtr(-tango_score(*counts, -margin))))
    rows = clustered(clusters, _differences(first, second))
    if len(rows) < 2:  # noqa: PLR2004
        return None
    if not np.any(np.abs(rows[:, 0]) > ROUNDING):
        return float((1 - margin) ** len(rows))
    mean, error = float(rows[:, 0].sum() / rows[:, 1].sum()), careful_error(rows)
    return float(max(stdtr(len(rows) - 1, (side * mean - margin) / error) for side in (1, -1)))


def no_difference_bound(clusters: int) -> str:
    """Return what can be said where no item differs.

    >>> no_difference_bound(60)
    'no item differs: a change of more than 5.0% is excluded (rule of three)'
    """
    return f"no item differs: a change of more than {rule_of_three(clusters):.1%} is excluded (rule of three)"


def single_draws(
    first: Sequence[float] | Array, second: Sequence[float] | Array, clusters: Clusters
) -> tuple[int, int, int] | None:
    """Return (gained, lost, pairs) where every value is 0 or 1 and every item its own cluster; None otherwise."""
    import numpy as np

    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not (np.isin(a, (0.0, 1.0)).all() and np.isin(b, (0.0, 1.0)).all()) or len(clustered(clusters, a)) < len(a):
        return None
    return int(np.sum(a > b)), int(np.sum(a < b)), len(a)


def _differences(first: Sequence[float] | Array, second: Sequence[float] | Array) -> Array:
    """Return first - second.

    Raises:
        ValueError: not as many of one as of the other.
    """
    import numpy as np

    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values paired with {len(b)}")
    return np.asarray(a - b, dtype=float)
