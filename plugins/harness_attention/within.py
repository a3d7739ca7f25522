"""Success minus failure within items whose answers went both ways (method 7.3).

An item is one prompt: a document in one arm at one number of constraints. Its answers differ in nothing but the draw,
so difficulty, length of the span and its position cancel. All tests are two-sided: elsewhere more attention to a
constraint went with *right* answers (arXiv 2309.15098, 2505.11423), so that no sign is taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import Estimate
from harness.stats import RESAMPLES, Interval, max_t, mean_interval
from harness.stats.clusters import ROUNDING, clustered, resampled
from harness.stats.means import mean_bca, student
from harness_attention.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness_attention.quantities import Array

Value = Callable[[Measured], Any]

#: Fewer items with both outcomes than this leave an effect of d_z = 0.4 unseen more often than one time in five.
ENOUGH = 60
#: Fewer tell nothing.
FEWEST = 2
#: Fewer clusters resampled show too little of their spread: Student's t for a mean, no interval for d_z.
RESAMPLED, STANDARDISED = 20, 5
#: With more places than this, none gets an interval: a thousand of them help nobody.
MOST_INTERVALS = 80
TOO_FEW = "fewer than two items have right and wrong answers to one prompt: draw more answers (--option draws=8)"
FEW = f"fewer than {ENOUGH} items with both outcomes: d_z = 0.4 is missed more often than one time in five"
METHOD = "items with both outcomes; signs of clusters flipped, two-sided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The answers to one prompt that went both ways."""

    cluster: str
    task: str
    #: Answers that are right, and that are wrong.
    right: tuple[Measured, ...]
    wrong: tuple[Measured, ...]


def mixed_items(trials: Iterable[Measured], value: Value) -> list[Item]:
    """Return the items with both outcomes among the answers of which the value is known, somewhere at least."""
    import numpy as np

    groups: dict[tuple[str, str, int, str], list[Measured]] = {}
    for one in trials:
        if np.isfinite(value(one)).any():
            groups.setdefault((one.doc, one.arm, one.k, one.position), []).append(one)
    items = [
        Item(
            cluster=members[0].cluster,
            task=members[0].task,
            right=tuple(one for one in members if one.solved),
            wrong=tuple(one for one in members if not one.solved),
        )
        for members in groups.values()
    ]
    return [item for item in items if item.right and item.wrong]


def item_means(items: Sequence[Item], value: Value) -> tuple[Array, Array]:
    """Return the mean value of right and of wrong answers by item, shape (items, ...) each.

    A short answer has no word in some tenth: what is not known there is left out of the mean.
    """
    import warnings

    import numpy as np

    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # nothing known at all
        right = np.array([np.nanmean([value(one) for one in item.right], axis=0) for item in items])
        wrong = np.array([np.nanmean([value(one) for one in item.wrong], axis=0) for item in items])
    return right, wrong


def interval_of(values: Array, clusters: Sequence[str], seed: int) -> Interval:
    """Return a mean over items with its 95 % interval: BCa cluster bootstrap, Student's t where there are few."""
    import numpy as np

    rows = clustered(clusters, values)
    mean = float(values.mean())
    if len(rows) < FEWEST:
        return Interval(value=mean, low=None, high=None, method="no spread between items")
    if len(rows) >= RESAMPLED and np.ptp(values) > 0:
        low, high = mean_bca(rows, seed=seed)
        return Interval(value=mean, low=low, high=high, method="BCa cluster bootstrap")
    apart = rows[:, 0] - mean * rows[:, 1]
    error = float(np.sqrt((apart**2).sum() * len(rows) / (len(rows) - 1))) / len(values)
    half = student(len(rows)) * error
    return Interval(value=mean, low=mean - half, high=mean + half, method="Student's t over clusters")


def contrast(trials: Iterable[Measured], value: Value, labels: Mapping[str, str], seed: int) -> Iterator[Estimate]:
    """Yield the difference of one number: levels, difference, d_z and AUC, with intervals by clusters.

    Args:
        trials: of one arm.
        value: a number of each.
        labels: of the estimates.
        seed: of resamples and flips.
    """
    import numpy as np

    items = mixed_items(trials, value)
    n = len(items)
    if n < FEWEST:
        for metric in ("right", "wrong", "difference", "d_z", "auc"):
            yield Estimate(metric=metric, value=None, n=n, note=TOO_FEW, labels=labels)
        return
    right, wrong = item_means(items, value)
    clusters = [item.cluster for item in items]
    differences = right - wrong
    for metric, level in (("right", right), ("wrong", wrong)):
        yield Estimate(metric=metric, value=float(level.mean()), n=n, labels=labels)
    interval = interval_of(differences, clusters, seed)
    p = max_t(differences[:, None], clusters, seed=seed)[0]
    yield Estimate(
        metric="difference",
        value=interval.value,
        low=interval.low,
        high=interval.high,
        p=float(p[0]),
        n=n,
        method=f"{METHOD}; {interval.method}",
        note="" if n >= ENOUGH else FEW,
        labels=labels,
    )
    yield standardised(differences, clusters, labels, seed)
    yield separation(items, value, np.array(clusters), labels, seed)


def standardised(differences: Array, clusters: Sequence[str], labels: Mapping[str, str], seed: int) -> Estimate:
    """Return d_z, the mean difference over its standard deviation, with percentiles of a cluster bootstrap."""
    import numpy as np

    rows = clustered(clusters, differences, differences**2)
    value = d_z_of(differences)
    low = high = None
    if value is not None and len(rows) >= STANDARDISED:
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = ratio_to_spread(resampled(rows, seed, RESAMPLES))
        low, high = map(float, np.percentile(drawn[np.isfinite(drawn)], [2.5, 97.5]))
    return Estimate(
        metric="d_z",
        value=value,
        low=low,
        high=high,
        n=len(differences),
        method="cluster bootstrap, percentiles",
        labels=labels,
    )


def d_z_of(differences: Array) -> float | None:
    """Return the mean of differences over their standard deviation; None where they do not differ among themselves."""
    if len(differences) < FEWEST:
        return None
    deviation, mean = float(differences.std(ddof=1)), float(differences.mean())
    return mean / deviation if deviation > ROUNDING * max(1.0, abs(mean)) else None


def ratio_to_spread(sums: Array) -> Array:
    """Return mean over standard deviation from rows of (sum, sum of squares, count)."""
    import numpy as np

    total, squares, count = sums.T
    mean = total / count
    variance = np.maximum(squares / count - mean**2, 0) * count / np.maximum(count - 1, 1)
    return np.asarray(mean / np.sqrt(variance))


def separation(items: Sequence[Item], value: Value, clusters: Any, labels: Mapping[str, str], seed: int) -> Estimate:
    """Return the AUC: how often a right answer has the larger value of a right and a wrong one to one prompt."""
    import numpy as np

    shares = []
    for item in items:
        right = np.array([value(one) for one in item.right])
        wrong = np.array([value(one) for one in item.wrong])
        above = right[:, None] - wrong[None, :]
        shares.append(float(np.mean((above > 0) + 0.5 * (above == 0))))
    interval = mean_interval(shares, list(clusters), seed=seed)
    return Estimate(
        metric="auc",
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=len(items),
        method=interval.method,
        labels=labels,
    )


def places(
    trials: Iterable[Measured], value: Value, named: Callable[[int], Mapping[str, str]], what: str, seed: int
) -> Iterator[Estimate]:
    """Yield difference and d_z at many places at once, p-values adjusted by max-T over them.

    Args:
        trials: of one arm.
        value: a row of numbers of each, one for each place.
        named: the labels of a place by its number.
        what: the places in a word: "heads".
        seed: of the flips.
    """
    items = mixed_items(trials, value)
    if len(items) < FEWEST:
        return
    right, wrong = item_means(items, value)
    clusters = [item.cluster for item in items]
    alone, adjusted = max_t(right - wrong, clusters, seed=seed)
    count = right.shape[1]
    for place in range(count):
        tests = (float(alone[place]), float(adjusted[place]), f"max-T over {count} {what}")
        side = (right[:, place], wrong[:, place])
        yield from place_estimates(side, clusters, tests, named(place), seed if count <= MOST_INTERVALS else None)


def place_estimates(
    levels: tuple[Array, Array],
    clusters: Sequence[str],
    tests: tuple[float, float, str],
    labels: Mapping[str, str],
    seed: int | None,
) -> Iterator[Estimate]:
    """Yield the estimates of one place.

    Args:
        levels: of right and of wrong answers, shape (items,) each; not a number where one is not known.
        clusters: of the items.
        tests: the p-value, the adjusted one, and how that was adjusted.
        labels: of the place.
        seed: of the intervals; None: there are none.
    """
    import numpy as np

    known = np.isfinite(levels[0] - levels[1])
    n = int(known.sum())
    if not n:
        return
    kept = [name for name, there in zip(clusters, known, strict=True) if there]
    right, wrong = (level[known] for level in levels)

    def spread(values: Array) -> tuple[float | None, float | None]:
        if seed is None:
            return None, None
        interval = interval_of(values, kept, seed)
        return interval.low, interval.high

    low, high = spread(right - wrong)
    yield Estimate(
        metric="difference",
        value=float((right - wrong).mean()),
        low=low,
        high=high,
        p=tests[0],
        p_adjusted=tests[1],
        adjustment=tests[2],
        n=n,
        method=METHOD,
        labels=labels,
    )
    yield Estimate(metric="d_z", value=d_z_of(right - wrong), n=n, labels=labels)
    for metric, level in (("right", right), ("wrong", wrong)):
        low, high = spread(level)
        yield Estimate(metric=metric, value=float(level.mean()), low=low, high=high, n=n, labels=labels)


def against_placebo(
    constrained: Sequence[Measured], placebo: Sequence[Measured], value: Value, labels: Mapping[str, str], seed: int
) -> Estimate:
    """Return the difference in the constrained arm less that in the placebo arm; documents are resampled together.

    The items of the two arms need not be the same: a document counts in each arm in which its answers went both ways.
    """
    import numpy as np

    rows: dict[str, Array] = {}
    counts = []
    for side, trials in enumerate((constrained, placebo)):
        items = mixed_items(trials, value)
        counts.append(len(items))
        if len(items) < FEWEST:
            return Estimate(metric="difference", value=None, n=len(items), note=TOO_FEW, labels=labels)
        right, wrong = item_means(items, value)
        for item, difference in zip(items, right - wrong, strict=True):
            row = rows.setdefault(item.cluster, np.zeros(4))
            row[2 * side : 2 * side + 2] += float(difference), 1.0
    table = np.array(list(rows.values()))

    def apart(sums: Array) -> Array:
        return np.asarray(sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3])

    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = apart(resampled(table, seed, RESAMPLES))
    drawn = drawn[np.isfinite(drawn)]
    enough = len(table) >= STANDARDISED and len(drawn)
    low, high = np.percentile(drawn, [2.5, 97.5]) if enough else (None, None)
    return Estimate(
        metric="difference",
        value=float(apart(table.sum(axis=0)[None])[0]),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        n=min(counts),
        method=f"cluster bootstrap, percentiles; {counts[0]} constrained and {counts[1]} placebo items",
        labels=labels,
    )
