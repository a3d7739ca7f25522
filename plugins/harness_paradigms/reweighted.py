"""Own successes of two members, re-weighted to one distribution of difficulty (method 8, second set).

The better member has the harder items among its successes, so its score falls for free. The difficulty of an item is
p0, the share of its *other* base answers that are right: the selection sample is left out, or it would select twice.
Within a bin of p0 the members are compared; bins are weighted alike for both, by the mean of their shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness import Estimate
from harness_sustainscore import SustainRow, items_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Bounds of p0 between hard, middling and easy items.
EDGES = (0.5, 0.9)
RESAMPLES = 2_000
#: Resamples that must be known for an interval.
ENOUGH = 0.9
NO_DRAWS = "one base answer an item: its difficulty is not known"
NO_BINS = "no bin of difficulty has successes of both"


def reweighted_difference(
    before: Sequence[SustainRow], after: Sequence[SustainRow], labels: Mapping[str, str], *, seed: int = 0
) -> Estimate:
    """Return D_spec of the later member less that of the earlier, with a percentile bootstrap over documents.

    Documents that both were asked are resampled together. None where a member has one base answer an item, or no bin
    has successes of both.
    """
    import numpy as np

    def told(value: float | None, note: str, low: float | None = None, high: float | None = None) -> Estimate:
        return Estimate(
            metric="difference_own",
            value=value,
            low=low,
            high=high,
            n=len(clusters),
            unit="points",
            method="own successes in bins of p0 (0.5, 0.9), weighted alike; percentile bootstrap over documents",
            note=note,
            labels=dict(labels),
        )

    sides = [binned(before), binned(after)]
    clusters = sorted({cluster for side in sides for cluster, _, _ in side})
    if any(len(row.base) < 2 for row in (*before, *after)):  # noqa: PLR2004
        return told(None, NO_DRAWS)
    place = {cluster: number for number, cluster in enumerate(clusters)}
    sums = np.zeros((2, len(EDGES) + 1, len(clusters), 2))
    for member, side in enumerate(sides):
        for cluster, level, drop in side:
            sums[member, level, place[cluster]] += (drop, 1.0)
    whole = weighted(sums.sum(axis=2)[None])[0]
    if np.isnan(whole):
        return told(None, NO_BINS)
    random = np.random.default_rng(seed)
    counts = random.multinomial(len(clusters), np.full(len(clusters), 1 / len(clusters)), size=RESAMPLES)
    drawn = weighted(np.einsum("rc,mbcx->rmbx", counts.astype(float), sums))
    known = drawn[~np.isnan(drawn)]
    if len(known) < ENOUGH * RESAMPLES or np.ptp(known) == 0:
        return told(float(whole), "too few successes in common bins to resample")
    low, high = (float(bound) for bound in np.quantile(known, [0.025, 0.975]))
    return told(float(whole), "", min(low, float(whole)), max(high, float(whole)))


def binned(rows: Sequence[SustainRow]) -> list[tuple[str, int, float]]:
    """Return cluster, bin of p0 and drop of each item that was solved, at one constraint.

    Of a base of one answer nothing is known; such rows are turned away before.
    """
    drops = {key[1]: item for key, item in items_of(rows).items() if key[2] == 1}
    found = []
    for row in rows:
        if row.doc in drops and len(row.base) > 1:
            others = row.base[1:]
            p0 = sum(others) / len(others)
            found.append((drops[row.doc].cluster, sum(p0 >= edge for edge in EDGES), drops[row.doc].drop))
    return found


def weighted(sums: NDArray[np.float64]) -> Any:
    """Return the weighted difference of each resample; nan where no bin has items of both members.

    Args:
        sums: drops and counts, shape (resamples, members, bins, 2).
    """
    import numpy as np

    drops, counts = sums[..., 0], sums[..., 1]
    both = (counts > 0).all(axis=1)
    totals = counts.sum(axis=2, keepdims=True)
    weights = np.where(both, (counts / np.where(totals > 0, totals, 1)).mean(axis=1), 0.0)
    means = drops / np.where(counts > 0, counts, 1)
    mass = weights.sum(axis=1)
    change = (weights * (means[:, 1] - means[:, 0])).sum(axis=1)
    return np.where(mass > 0, change / np.where(mass > 0, mass, 1), np.nan)
