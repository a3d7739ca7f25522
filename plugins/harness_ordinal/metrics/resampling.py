"""Draws of a bootstrap and of a permutation test, as matrix products over units: items, distinct items or clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness_ordinal.metrics.core import Predictions, Sums

#: Draws asked for.
DRAWS = 10_000
#: Numbers that one block of draws may hold.
BLOCK = 4_000_000
#: Unit draws in all; beyond it fewer draws are made, and the method says how many.
BUDGET = 1_000_000_000
#: Whole numbers below this are taken as they are.
SMALL = 1 << 20
#: No fewer draws than this.
LEAST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What is drawn with replacement."""

    #: Sparse, shape (units, n): from items to units; a row of it is one draw of the unit.
    join: Any
    #: How often each unit is there, shape (units,).
    times: Any
    #: "items" or "clusters", for the method.
    name: str

    @property
    def size(self) -> int:
        """How many units one draw of the sample holds."""
        return int(self.times.sum())

    def parts(self, sums: Sums) -> Any:
        """Return what each unit adds to the totals, shape (units, c), dense or sparse."""
        return self.join @ sums.parts

    def affordable(self, draws: int) -> int:
        """Return how many draws are made of those asked for."""
        return max(min(draws, LEAST), min(draws, BUDGET // max(1, len(self.times))))

    def drawn(self, draws: int, width: int, random: Any) -> Iterator[Any]:
        """Yield blocks of how often each unit is drawn, shape (block, units).

        Neither a block nor its totals, `width` wide, fill the memory.
        """
        step = max(1, BLOCK // max(1, len(self.times), width))
        for start in range(0, draws, step):
            yield bootstrap_counts(self, min(step, draws - start), random)


def units_of(weights: Any, clusters: Sequence[str], same: Sequence[Any] | None) -> Units:
    """Return the units of a sample.

    Args:
        weights: frequency weight of each item, shape (n,).
        clusters: one name an item; empty, or none of two items: every item is its own, and drawing is cheap.
        same: columns, shape (n,), by which items that are equal count as one unit drawn several times, which makes
            drawing cheap; None where items must be told apart.
    """
    import numpy as np
    from scipy import sparse

    items = len(weights)
    rows = np.arange(items)
    if len(set(clusters)) < len(clusters):
        _, place = np.unique(np.asarray(clusters), return_inverse=True)
        join = sparse.csr_array((weights, (place, rows)), shape=(int(place.max(initial=-1)) + 1, items))
        return Units(join=join, times=np.ones(join.shape[0], dtype=np.int64), name="clusters")
    if same is None:
        return Units(join=sparse.csr_array((weights, (rows, rows))), times=np.ones(items, dtype=np.int64), name="items")
    _, first, times = np.unique(_codes([*same, weights]), return_index=True, return_counts=True)
    units = len(first)
    join = sparse.csr_array((weights[first], (np.arange(units), first)), shape=(units, items))
    return Units(join=join, times=times, name="items")


def _codes(columns: Sequence[Any]) -> Any:
    """Return one whole number for each row, equal where the rows are, shape (n,).

    Sorting one column of numbers is many times as fast as sorting rows.
    """
    import numpy as np

    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values = np.asarray(column)
        small = values.astype(np.int64)
        if not (len(values) and (small == values).all() and small.min() >= 0 and small.max() < SMALL):
            small = np.unique(values, return_inverse=True)[1].astype(np.int64)
        size = int(small.max(initial=0)) + 1
        if int(codes.max(initial=0)) > np.iinfo(np.int64).max // (2 * size):
            codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
        codes = codes * size + small
    return codes


def units_for(predictions: Predictions, *others: Predictions, items: bool) -> Units:
    """Return the units of predictions on the same items; `items` where no two may count as one."""
    same = None if items else [predictions.truth, predictions.ranks, *(other.ranks for other in others)]
    return units_of(predictions.weights, predictions.clusters, same)


def bootstrap_counts(units: Units, draws: int, random: Any) -> Any:
    """Return how often each unit is drawn, shape (draws, units)."""
    import numpy as np

    kinds = len(units.times)
    if (units.times != 1).any():
        return random.multinomial(units.size, units.times / units.size, size=draws).astype(float)
    drawn = random.integers(0, kinds, size=(draws, kinds)) + np.arange(draws)[:, None] * kinds
    return np.bincount(drawn.ravel(), minlength=draws * kinds).reshape(draws, kinds).astype(float)


def swap_counts(units: Units, draws: int, random: Any) -> Any:
    """Return how many of each unit change sides between two systems, shape (draws, units); each does with 1/2."""
    return random.binomial(units.times, 0.5, size=(draws, len(units.times))).astype(float)


def totals(counts: Any, parts: Any) -> Any:
    """Return the totals of draws, shape (draws, c), dense."""
    import numpy as np

    return np.asarray(counts @ parts)


def dense(parts: Any) -> Any:
    """Return parts as a dense array."""
    return parts.toarray() if hasattr(parts, "toarray") else parts
