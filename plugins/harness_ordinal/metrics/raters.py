"""Agreement of raters who judge the same items, some of them missing: Krippendorff's alpha, Gwet's AC2, ICC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness import Estimate
from harness_ordinal.errors import OrdinalError
from harness_ordinal.metrics.core import Sums
from harness_ordinal.metrics.estimates import intervals
from harness_ordinal.metrics.resampling import DRAWS, units_of

#: How far apart two ratings are.
Distance = Literal["ordinal", "interval", "nominal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What several raters said of the same items."""

    #: Ranks 0 .. K-1, shape (items, raters), float64; nan where a rater said nothing.
    values: Any
    num_classes: int
    clusters: tuple[str, ...] = ()

    @property
    def counts(self) -> Any:
        """How many raters gave each rank to each item, shape (items, K)."""
        import numpy as np

        return (self.values[:, :, None] == np.arange(self.num_classes)).sum(axis=1).astype(float)


def ratings_of(values: Any, num_classes: int, *, clusters: Sequence[str] = ()) -> Ratings:
    """Return checked ratings.

    Args:
        values: ranks 0 .. K-1, shape (items, raters); nan where a rater said nothing.
        num_classes: K, of the scale and not of the sample.
        clusters: one name for each item.

    Raises:
        OrdinalError: a wrong shape, fewer than two raters, a value off the scale.
    """
    import numpy as np

    array = np.asarray(values, dtype=float)
    if array.ndim != 2 or array.shape[1] < 2:  # noqa: PLR2004  # agreement takes two
        raise OrdinalError(f"ratings of shape {array.shape}: items by raters are needed, two raters or more")
    given = array[~np.isnan(array)]
    wrong = given[(given < 0) | (given > num_classes - 1) | (given != np.round(given))]
    if len(wrong):
        raise OrdinalError(f"{len(wrong)} ratings are off the scale 0 .. {num_classes - 1} ({wrong[0]:g})")
    if clusters and len(clusters) != len(array):
        raise OrdinalError(f"{len(clusters)} clusters for {len(array)} items")
    return Ratings(values=array, num_classes=num_classes, clusters=tuple(map(str, clusters)))


def alpha_sums(ratings: Ratings, distance: Distance = "ordinal") -> Sums:
    """Return the sums of Krippendorff's alpha: what coincides within each item of two ratings or more (2011)."""
    import numpy as np

    counts, size = ratings.counts, ratings.num_classes
    raters = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(size)
    coincident = pairs / np.maximum(raters - 1, 1)[:, None, None]
    coincident[raters < 2] = 0.0  # noqa: PLR2004  # a lone rating pairs with nothing

    def figure(totals: Any) -> Any:
        table = totals.reshape(-1, size, size)
        margin = table.sum(axis=2)
        apart = _squared_distance(margin, distance)
        observed = (table * apart).sum(axis=(1, 2))
        expected = (margin[:, :, None] * margin[:, None, :] * apart).sum(axis=(1, 2)) / (margin.sum(axis=1) - 1)
        return np.where(expected > 0, 1 - observed / expected, np.nan)

    return Sums(parts=coincident.reshape(len(counts), -1), figure=figure)


def _squared_distance(margin: Any, distance: Distance) -> Any:
    """Return the squared distance of every two ranks, shape (d, K, K) or (1, K, K)."""
    import numpy as np

    size = margin.shape[1]
    ranks = np.arange(size)
    if distance == "nominal":
        return (1.0 - np.eye(size))[None]
    if distance == "interval":
        return ((ranks[:, None] - ranks[None, :]) ** 2.0)[None]
    middle = np.cumsum(margin, axis=1) - margin / 2  # ranks from c to k, both by half
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def ac2_sums(ratings: Ratings, weights: Literal["ordinal", "quadratic", "linear", "identity"] = "ordinal") -> Sums:
    """Return the sums of Gwet's AC2 (Gwet 2014, ch. 4): agreement over items of two raters or more, chance over all."""
    import numpy as np

    counts, size = ratings.counts, ratings.num_classes
    likeness = _likeness(size, weights)
    raters = counts.sum(axis=1)
    rated, paired = raters > 0, raters > 1
    agreeing = (counts * (counts @ likeness - 1)).sum(axis=1) / np.where(paired, raters * (raters - 1), 1)
    shares = counts / np.where(rated, raters, 1)[:, None]
    parts = np.column_stack([paired, np.where(paired, agreeing, 0.0), rated, shares])

    def figure(totals: Any) -> Any:
        observed = totals[:, 1] / totals[:, 0]
        share = totals[:, 3:] / totals[:, 2:3]
        chance = likeness.sum() / (size * (size - 1)) * (share * (1 - share)).sum(axis=1)
        return (observed - chance) / (1 - chance)

    return Sums(parts=parts.astype(float), figure=figure)


def _likeness(size: int, weights: str) -> Any:
    """Return how much each two ranks agree, shape (K, K), 1 on the diagonal."""
    import numpy as np

    away = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :]).astype(float)
    if weights == "identity":
        return np.eye(size)
    if weights == "linear":
        return 1 - away / (size - 1)
    if weights == "quadratic":
        return 1 - (away / (size - 1)) ** 2
    steps = (away + 1) * away / 2  # pairs of ranks within the stretch
    return 1 - steps / steps.max()


def icc_sums(ratings: Ratings, *, agreement: bool = True) -> Sums:
    """Return the sums of a single-rater intraclass correlation over items that every rater judged.

    Two-way model: absolute agreement, ICC(A,1), counts a rater's level as disagreement; consistency, ICC(C,1), does
    not (McGraw and Wong 1996).
    """
    import numpy as np

    complete = ~np.isnan(ratings.values).any(axis=1)
    values = np.where(complete[:, None], np.nan_to_num(ratings.values), 0.0)
    raters = values.shape[1]
    means = values.mean(axis=1)
    parts = np.column_stack([complete, means, means**2, (values**2).sum(axis=1), values])

    def figure(totals: Any) -> Any:
        items = totals[:, 0]
        grand = totals[:, 1] / items
        between_items = raters * (totals[:, 2] - items * grand**2)
        between_raters = (totals[:, 4:] ** 2).sum(axis=1) / items - items * raters * grand**2
        rest = totals[:, 3] - items * raters * grand**2 - between_items - between_raters
        row = between_items / (items - 1)
        error = rest / ((items - 1) * (raters - 1))
        column = between_raters / (raters - 1)
        level = raters * (column - error) / items if agreement else 0.0
        spread = row + (raters - 1) * error + level
        return np.where((items > 1) & (spread > 1e-12), (row - error) / spread, np.nan)  # noqa: PLR2004  # rounding

    return Sums(parts=parts.astype(float), figure=figure)


#: Agreement figures by name.
AGREEMENT: Mapping[str, Callable[[Ratings], Sums]] = {
    "krippendorff_alpha": alpha_sums,
    "krippendorff_alpha_interval": lambda ratings: alpha_sums(ratings, "interval"),
    "krippendorff_alpha_nominal": lambda ratings: alpha_sums(ratings, "nominal"),
    "gwet_ac2": ac2_sums,
    "gwet_ac2_quadratic": lambda ratings: ac2_sums(ratings, "quadratic"),
    "icc_agreement": icc_sums,
    "icc_consistency": lambda ratings: icc_sums(ratings, agreement=False),
}


def agreement(
    ratings: Ratings,
    names: Sequence[str] = tuple(AGREEMENT),
    *,
    draws: int = DRAWS,
    seed: int = 0,
    labels: Mapping[str, str] | None = None,
) -> tuple[Estimate, ...]:
    """Return agreement figures with bootstrap intervals of 95 % over items or clusters.

    Raises:
        OrdinalError: an unknown figure.
    """
    import numpy as np

    unknown = [name for name in names if name not in AGREEMENT]
    if unknown:
        raise OrdinalError(f"agreement figure {unknown[0]!r} is unknown; use {', '.join(AGREEMENT)}")
    items = len(ratings.values)
    if not items:
        return ()
    columns = np.nan_to_num(ratings.values, nan=-1.0)
    units = units_of(np.ones(items), ratings.clusters, [*columns.T])
    found = intervals([AGREEMENT[name](ratings) for name in names], units, draws, seed)
    complete = int((~np.isnan(ratings.values)).all(axis=1).sum())
    return tuple(
        Estimate(
            metric=name,
            value=one.value,
            low=one.low,
            high=one.high,
            n=complete if name.startswith("icc") else items,
            method=one.method,
            note="" if one.value is not None else "undefined: no variation, or too few items",
            labels=labels or {},
        )
        for name, one in zip(names, found, strict=True)
    )
