"""One row a judgement, as people keep them: item, rater, rating; what is no rating is an abstention, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import HarnessError
from harness_ordinal.ratings.scale import Scale
from harness_ordinal.tables import Columns, column, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """What each rater said of each item, as numbers: ranks where there is a scale."""

    items: tuple[str, ...]
    raters: tuple[str, ...]
    #: Shape (items, raters), nan where there is no rating.
    values: Any
    #: Rows without a rating, by rater: asked, and said nothing that is one.
    abstained: Mapping[str, int]
    #: Unit of resampling of each item.
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Which columns hold what."""

    item: str = "item"
    rater: str = "rater"
    rating: str = "rating"
    #: Empty: every item is its own.
    cluster: str = ""


def judgements_of(
    columns: Columns, names: Names, scale: Scale | None, path: str, *, nearest: bool = False
) -> Judgements:
    """Return the judgements in a table.

    Args:
        columns: of the table.
        names: which columns hold what.
        scale: its ordered labels; None: ratings are numbers on no known scale.
        path: for errors.
        nearest: whether a number between two labels of a scale of numbers counts as the nearer, a half as the higher.

    Raises:
        HarnessError: a column that is not there, a rating off the scale, two ratings of one item by one rater.
    """
    import numpy as np

    told = [column(columns, name, path) for name in (names.item, names.rater, names.rating)]
    items = tuple(dict.fromkeys(str(item) for item in told[0]))
    raters = tuple(dict.fromkeys(str(rater) for rater in told[1]))
    values = np.full((len(items), len(raters)), np.nan)
    row_of, place_of = ({name: place for place, name in enumerate(found)} for found in (items, raters))
    abstained = dict.fromkeys(raters, 0)
    for line, (item, rater, rating) in enumerate(zip(*told, strict=True), start=1):
        value = rank(
            rating, scale, f"{path!r}, row {line} ({names.item} {item}, {names.rater} {rater})", nearest=nearest
        )
        if value is None:
            abstained[str(rater)] += 1
            continue
        place = row_of[str(item)], place_of[str(rater)]
        if not np.isnan(values[place]):
            raise HarnessError(
                f"{path!r}, row {line}: {names.rater} {rater!r} rates {names.item} {item!r} twice; one rating each"
            )
        values[place] = value
    clusters = column(columns, names.cluster, path) if names.cluster else ()
    cluster_of = dict(zip(map(str, told[0]), map(str, clusters), strict=False))
    return Judgements(
        items=items,
        raters=raters,
        values=values,
        abstained=abstained,
        clusters=tuple(cluster_of[item] for item in items) if clusters else (),
    )


def rank(rating: Any, scale: Scale | None, whose: str, *, nearest: bool) -> float | None:
    """Return a rating as a number: its rank where there is a scale; None for an abstention: nothing, or words.

    Raises:
        HarnessError: a number that is not on the scale.
    """
    if rating is None or isinstance(rating, bool):
        return None
    value = number(rating)
    if scale is None:
        return value
    found = scale.rank(str(rating))
    if found is not None:
        return float(found)
    if value is None:
        return None
    if nearest and (close := nearest_rank(value, scale)) is not None:
        return float(close)
    raise HarnessError(
        f"{whose}: rating {rating!r} is none of {', '.join(scale.labels)}; mend --scale, or give --nearest for means"
    )


def nearest_rank(value: float, scale: Scale) -> int | None:
    """Return the rank nearest a number, the higher of two; None off a scale of numbers.

    >>> scale = Scale(labels=("1", "2", "3"))
    >>> nearest_rank(1.5, scale), nearest_rank(2.9, scale), nearest_rank(4.0, scale)
    (1, 2, None)
    """
    labels = [number(label) for label in scale.labels]
    known = [label for label in labels if label is not None]
    if len(known) < len(labels) or not known[0] <= value <= known[-1]:
        return None
    return min(range(len(known)), key=lambda place: (abs(known[place] - value), -place))


def subset(judgements: Judgements, raters: Sequence[str]) -> Any:
    """Return the ratings of some raters, shape (items, raters)."""
    return judgements.values[:, [judgements.raters.index(rater) for rater in raters]]
