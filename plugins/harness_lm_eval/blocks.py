"""The rows of a split some at a time: reading one costs ten times what it costs among its neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Rows read together; few, since a row may hold a picture.
SIZE = 32


class Blocks:
    """A `datasets.Dataset` whose rows are read block by block, for whoever goes through them in order."""

    __slots__ = ("_block", "_dataset")

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        #: Where the rows read last begin, and the rows: one value, for a reader in another thread changes it.
        self._block: tuple[int, list[dict[str, Any]]] = (0, [])

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: int) -> Mapping[str, Any]:
        place = range(len(self))[index]
        start, rows = self._block
        if not start <= place < start + len(rows):
            start = place - place % SIZE
            columns = self._dataset[start : start + SIZE]
            names = list(columns)
            rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
            self._block = start, rows
        return rows[place - start]


def in_blocks(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return rows as they are best gone through."""
    import datasets

    return Blocks(rows) if isinstance(rows, datasets.Dataset) and rows.column_names else rows  # type: ignore[return-value]
