"""Which rows train, choose and test; and what a split leaks: rows on both sides, equal inputs with unequal labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import TaskError
from harness_ordinal.data.dataset import Dataset

PARTS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Row numbers of each part."""

    train: Any
    valid: Any
    test: Any

    def part(self, name: str) -> Any:
        """Return the rows of a part."""
        return {"train": self.train, "valid": self.valid, "test": self.test}[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaks:
    """What a split lets through; all of it raises or blurs a test score."""

    #: Test rows whose input and label also stand in train or valid.
    duplicates: int
    #: Test rows whose input stands in train or valid with another label.
    contradictions: int
    #: Rows of the whole data set whose input occurs again with another label.
    contradictory_rows: int


def split_of(parts: Mapping[str, Sequence[int]], rows: int, source: str) -> Split:
    """Return a split from lists of row numbers.

    Raises:
        TaskError: a row in two parts, a row that is not there, an empty part.
    """
    import numpy as np

    arrays = {name: np.array(sorted(parts.get(name, ())), dtype=np.int64) for name in PARTS}
    together = np.concatenate(list(arrays.values()))
    for name, array in arrays.items():
        if not len(array):
            raise TaskError(f"{source}: no rows in {name}")
    if len(np.unique(together)) != len(together):
        raise TaskError(f"{source}: {len(together) - len(np.unique(together))} rows stand in two parts")
    if together.min() < 0 or together.max() >= rows:
        raise TaskError(f"{source}: row {int(together.max())} of a table of {rows}")
    return Split(train=arrays["train"], valid=arrays["valid"], test=arrays["test"])


def stratified(dataset: Dataset, *, seed: int, test: float = 0.2, valid: float = 0.1) -> Split:
    """Return a random split with the shares of every rank kept, and equal inputs kept on one side.

    Args:
        dataset: the rows.
        seed: of the shuffle.
        test: share of the rows.
        valid: share of the rows.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    groups: dict[Any, list[int]] = defaultdict(list)
    for row, key in enumerate(dataset.keys()):
        groups[key].append(row)
    by_rank: dict[int, list[list[int]]] = defaultdict(list)
    for members in groups.values():
        by_rank[int(dataset.ranks[members[0]])].append(members)
    parts: dict[str, list[int]] = {name: [] for name in PARTS}
    for rank in sorted(by_rank):
        own = by_rank[rank]
        order = random.permutation(len(own))
        size = sum(map(len, own))
        taken = 0
        for place in order:
            where = "test" if taken < test * size else "valid" if taken < (test + valid) * size else "train"
            parts[where] += own[place]
            taken += len(own[place])
    return split_of(parts, len(dataset), f"{dataset.name}, seed {seed}")


def leaks_of(dataset: Dataset, split: Split) -> Leaks:
    """Return what a split lets through."""
    labels: dict[Any, set[int]] = defaultdict(set)
    seen: dict[Any, set[int]] = defaultdict(set)
    keys = list(dataset.keys())
    ranks = [int(rank) for rank in dataset.ranks]
    for key, rank in zip(keys, ranks, strict=True):
        labels[key].add(rank)
    for row in (*split.train, *split.valid):
        seen[keys[row]].add(ranks[row])
    return Leaks(
        duplicates=sum(ranks[row] in seen.get(keys[row], ()) for row in split.test),
        contradictions=sum(bool(seen.get(keys[row], set()) - {ranks[row]}) for row in split.test),
        contradictory_rows=sum(len(labels[key]) > 1 for key in keys),
    )
