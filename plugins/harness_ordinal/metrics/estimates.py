"""Figures with intervals, and differences between two systems on the same items with a test."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import Estimate
from harness.stats.means import bca
from harness_ordinal.errors import OrdinalError
from harness_ordinal.metrics.catalogue import METRICS
from harness_ordinal.metrics.core import OrdinalMetric, Predictions, Sums
from harness_ordinal.metrics.resampling import DRAWS, Units, dense, swap_counts, totals, units_for

#: Metrics that are shares of items.
SHARES = frozenset({"accuracy", "accuracy_within_1", "macro_recall", "inconsistent_share", "log_score_floored"})
#: Numbers that leave-one-out totals may hold at once; wider tables than this in all get percentile bounds.
JACKKNIFE, WIDEST = 4_000_000, 100_000_000


def estimated(
    predictions: Predictions,
    metrics: Sequence[OrdinalMetric] = tuple(METRICS.values()),
    *,
    draws: int = DRAWS,
    seed: int = 0,
    labels: Mapping[str, str] | None = None,
) -> tuple[Estimate, ...]:
    """Return every metric that the predictions allow, with a BCa bootstrap interval of 95 % over items or clusters.

    Args:
        predictions: of one system.
        metrics: which.
        draws: resamples; fewer where there are millions of items, and the method says how many.
        seed: of the draws.
        labels: the row of the report.
    """
    chosen = [metric for metric in metrics if metric.applies(predictions)] if len(predictions) else []
    if not chosen:
        return ()
    units = units_for(predictions, items=any(metric.distribution for metric in chosen))
    found = intervals([metric.sums(predictions) for metric in chosen], units, draws, seed)
    return tuple(
        Estimate(
            metric=metric.name,
            value=one.value,
            low=one.low,
            high=one.high,
            n=len(predictions),
            unit="share" if metric.name in SHARES else "value",
            method=one.method,
            note="" if one.value is not None else "undefined: no variation",
            labels=labels or {},
        )
        for metric, one in zip(chosen, found, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A figure with its bounds; None where it, or they, cannot be known."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""


def intervals(figures: Sequence[Sums], units: Units, draws: int = DRAWS, seed: int = 0) -> list[Bounded]:
    """Return the bounds of several figures of one sample, all from the same resamples."""
    import numpy as np

    made = units.affordable(draws)
    parts = [units.parts(sums) for sums in figures]
    drawn: list[list[Any]] = [[] for _ in figures]
    random = np.random.default_rng(seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        for counts in units.drawn(made, max(part.shape[1] for part in parts), random):
            for sums, part, kept in zip(figures, parts, drawn, strict=True):
                kept.append(sums.figure(totals(counts, part)))
        return [
            _bounded(sums, part, units, np.concatenate(kept))
            for sums, part, kept in zip(figures, parts, drawn, strict=True)
        ]


def _bounded(sums: Sums, parts: Any, units: Units, drawn: Any) -> Bounded:
    """Return a figure with the bounds that its resamples give."""
    import numpy as np

    whole = totals(units.times[None, :].astype(float), parts)
    value = float(sums.figure(whole)[0])
    if not math.isfinite(value):
        return Bounded(value=None)
    left_out = np.repeat(_left_out(sums.figure, whole, parts), units.times)
    low, high = _bounds(drawn, value, left_out)
    undefined = int(np.isnan(drawn).sum())
    kind = "BCa" if np.isfinite(left_out).all() else "percentile"
    method = f"{kind} bootstrap over {units.name}, {len(drawn):,} draws" + (
        f", {undefined:,} undefined" if undefined else ""
    )
    return Bounded(
        value=value, low=low, high=high, method=method if low is not None else f"no spread between {units.name}"
    )


def _left_out(figure: Callable[..., Any], *of: Any) -> Any:
    """Return the figure without one of each unit, shape (units,); nan where the table is too wide for it.

    Args:
        figure: takes as many totals as there are pairs in `of`.
        of: totals and parts, in turn.
    """
    import numpy as np

    wholes, parts = of[::2], of[1::2]
    units, width = parts[0].shape
    if units * width > WIDEST:
        return np.full(units, np.nan)
    step = max(1, JACKKNIFE // width)
    pieces = [
        figure(*(whole - dense(part[start : start + step]) for whole, part in zip(wholes, parts, strict=True)))
        for start in range(0, units, step)
    ]
    return np.concatenate(pieces)


def _bounds(drawn: Any, value: float, left_out: Any) -> tuple[float | None, float | None]:
    """Return BCa bounds; percentiles where leaving one out leaves nothing defined; None without spread."""
    import numpy as np

    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or np.ptp(drawn) == 0:
        return None, None
    if not np.isfinite(left_out).all():
        low, high = np.quantile(drawn, [0.025, 0.975])
        return min(float(low), value), max(float(high), value)
    return bca(drawn, value, left_out)


def compared(
    first: Predictions,
    second: Predictions,
    metrics: Sequence[OrdinalMetric] = tuple(METRICS.values()),
    *,
    draws: int = DRAWS,
    seed: int = 0,
    labels: Mapping[str, str] | None = None,
) -> tuple[Estimate, ...]:
    """Return first minus second for every metric that both allow: paired bootstrap interval and permutation test.

    The same items are drawn for both. Under the null hypothesis the two predictions of an item can change sides, so
    the p-value (two-sided, never 0) counts the swaps that differ as much.

    Raises:
        OrdinalError: the two are not on the same items.
    """
    import numpy as np

    same = len(first) == len(second) and np.array_equal(first.truth, second.truth)
    if not same or first.num_classes != second.num_classes or first.clusters != second.clusters:
        raise OrdinalError(f"two systems on different items ({len(first)} and {len(second)}): no paired difference")
    chosen = [one for one in metrics if one.applies(first) and one.applies(second)] if len(first) else []
    if not chosen:
        return ()
    units = units_for(first, second, items=any(metric.distribution for metric in chosen))
    both = _stacked(first, second)
    return tuple(_difference(metric, both, units, draws, seed, labels or {}) for metric in chosen)


def _stacked(first: Predictions, second: Predictions) -> Predictions:
    """Return both predictions as one sample, so that their sums have the same columns."""
    import numpy as np

    known = first.exceedance is not None and second.exceedance is not None
    return replace(
        first,
        truth=np.concatenate([first.truth, second.truth]),
        ranks=np.concatenate([first.ranks, second.ranks]),
        exceedance=np.concatenate([first.exceedance, second.exceedance]) if known else None,
        weights=np.concatenate([first.weights, second.weights]),
        clusters=(),
    )


def _difference(  # what an estimate is made of
    metric: OrdinalMetric, both: Predictions, units: Units, draws: int, seed: int, labels: Mapping[str, str]
) -> Estimate:
    """Return the difference of one metric."""
    import numpy as np

    sums, half = metric.sums(both), len(both) // 2
    ours, theirs = (units.join @ part for part in (sums.parts[:half], sums.parts[half:]))
    random = np.random.default_rng(seed)
    made = units.affordable(draws)
    times = units.times[None, :].astype(float)

    def difference(upper: Any, lower: Any) -> Any:
        return sums.figure(upper) - sums.figure(lower)

    with np.errstate(divide="ignore", invalid="ignore"):
        whole = totals(times, ours), totals(times, theirs)
        value = float(difference(*whole)[0])
        drawn, swapped = [], []
        for counts in units.drawn(made, 2 * ours.shape[1], random):
            drawn.append(difference(totals(counts, ours), totals(counts, theirs)))
            swaps = swap_counts(units, len(counts), random)
            moved = totals(swaps, ours) - totals(swaps, theirs)
            swapped.append(difference(whole[0] - moved, whole[1] + moved))
        left_out = _left_out(difference, whole[0], ours, whole[1], theirs)
    if not math.isfinite(value):
        note = "undefined for one of the two"
        return Estimate(metric=f"{metric.name} difference", value=None, n=half, note=note, labels=labels)
    low, high = _bounds(np.concatenate(drawn), value, np.repeat(left_out, units.times))
    as_far = int((np.abs(np.concatenate(swapped)) >= abs(value) - 1e-12).sum())  # rounding
    return Estimate(
        metric=f"{metric.name} difference",
        value=value,
        low=low,
        high=high,
        p=(as_far + 1) / (made + 1),
        n=half,
        unit="points" if metric.name in SHARES else "value",
        method=f"paired bootstrap and permutation over {units.name}, {made:,} draws",
        labels=labels,
    )
