"""Folds without leakage: what belongs together is tested together, and every fold holds every rank if it can."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence


def groups_of(*keys: Sequence[Hashable | None]) -> list[int]:
    """Return a group number for each item: items that share any key are in one group; None is shared by nobody.

    >>> groups_of(["a", "a", None, None], ["x", "y", "y", "z"])
    [0, 0, 0, 1]
    """
    size = len(keys[0])
    parent = list(range(size))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for column in keys:
        first: dict[Hashable, int] = {}
        for item, key in enumerate(column):
            if key is not None:
                parent[root(item)] = root(first.setdefault(key, item))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(item), len(numbers)) for item in range(size)]


def folds_of(groups: Sequence[int], labels: Sequence[int], number: int, seed: int = 0) -> list[int]:
    """Return the fold of each item, 0 .. number-1; a group is whole in one, and ranks are dealt out evenly.

    Groups are taken in an order drawn by the seed, rank by rank of their first item, and dealt to the fold that has
    the fewest items.
    """
    members: dict[int, list[int]] = {}
    for item, group in enumerate(groups):
        members.setdefault(group, []).append(item)

    def drawn(group: int) -> bytes:
        return hashlib.sha256(f"{seed}:{group}".encode()).digest()

    order = sorted(members, key=lambda group: (labels[members[group][0]], drawn(group)))
    sizes = [0] * number
    fold = [0] * len(groups)
    for group in order:
        place = min(range(number), key=lambda one: (sizes[one], one))
        sizes[place] += len(members[group])
        for item in members[group]:
            fold[item] = place
    return fold
