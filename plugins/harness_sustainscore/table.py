"""Rows as columns: every item at one number of constraints, ready to be split and counted without a loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from harness_sustainscore.natural import Observed, TypeCompliance, natural_of, weakest
from harness_sustainscore.rows import Cell, SustainRow, Tally
from harness_sustainscore.sharing import distinct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

NAN = float("nan")
#: For each arm: share of solved draws, the same by the lenient grade, share of draws ended by the limit, and share of
#: solved draws where a missing one counts as wrong.
VIEWS = ("", "_lenient", "_truncated", "_missing_wrong")
ARM_COLUMNS = tuple(f"{arm}{view}" for arm in ("constrained", "placebo", "repeat") for view in VIEWS)
#: Draws of the constrained arm by compliance and correctness, as shares; and shares right among those that complied or
#: did not.
OUTCOMES = ("comply_correct", "comply_wrong", "violate_correct", "violate_wrong")
NUMBERS = (*ARM_COLUMNS, *OUTCOMES, "right_complied", "right_violated", "draws", "missing")
WORDS = ("family", "type")

Pooled = Mapping[tuple[str, str], TypeCompliance]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Items in rows. A number that was not asked for or has no draw left is NaN."""

    columns: Mapping[str, Column]
    words: Mapping[str, NDArray[Any]]
    #: Position of each item among the rows.
    items: NDArray[np.int64]
    #: Cluster of each item, as a whole number.
    clusters: NDArray[np.int64]
    #: Whether the selection sample is solved.
    selected: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.clusters)

    def __getitem__(self, column: str) -> Column:
        """Return a column of numbers."""
        return self.columns[column]

    def where(self, chosen: NDArray[np.bool_]) -> Table:
        """Return the chosen items."""
        if chosen.all():
            return self
        return Table(
            columns={name: column[chosen] for name, column in self.columns.items()},
            words={name: column[chosen] for name, column in self.words.items()},
            items=self.items[chosen],
            clusters=self.clusters[chosen],
            selected=self.selected[chosen],
        )

    def known(self, *columns: str) -> Table:
        """Return the items of which all of these columns are known."""
        import numpy as np

        unknown = np.isnan(np.column_stack([self[name] for name in columns]))
        return self.where(np.asarray(~unknown.any(axis=1), dtype=bool))

    def asked(self, column: str) -> bool:
        """Whether the column is known of any item."""
        import numpy as np

        return bool(len(self)) and not bool(np.isnan(self[column]).all())


def tables(rows: Sequence[SustainRow], pooled: Pooled) -> dict[int, Table]:
    """Return the table of each number of constraints, smallest first."""
    import numpy as np

    owners: dict[int, list[int]] = {}
    cells: dict[int, list[Cell]] = {}
    for index, row in enumerate(rows):
        for cell in row.cells:
            owners.setdefault(cell.k, []).append(index)
            cells.setdefault(cell.k, []).append(cell)
    _, codes = np.unique([row.cluster for row in rows], return_inverse=True)
    selected = np.array([row.selected for row in rows], dtype=bool)
    natural = cache(partial(natural_of, pooled))
    found = {}
    for k in sorted(cells):
        owned = np.array(owners[k], dtype=np.int64)
        q, strata = natural_columns([rows[index].observed for index in owners[k]], k, natural)
        columns, words = cell_columns(cells[k])
        found[k] = Table(
            columns={**columns, "q": q},
            words={**words, "stratum": strata},
            items=owned,
            clusters=codes[owned].astype(np.int64),
            selected=selected[owned],
        )
    return found


def natural_columns(
    items: Sequence[tuple[Observed, ...]], k: int, natural: Callable[[Observed], tuple[float | None, str]]
) -> tuple[Column, NDArray[Any]]:
    """Return the natural compliance and the stratum of items at k constraints."""
    import numpy as np

    different, places = distinct(items)
    found = [weakest([natural(one) for one in members[:k]]) for members in different]
    q = np.array([NAN if q is None else q for q, _ in found], dtype=float)
    return q[places], np.array([stratum for _, stratum in found], dtype=object)[places]


def cell_columns(cells: Sequence[Cell]) -> tuple[dict[str, Column], dict[str, NDArray[Any]]]:
    """Return the numbers of cells and what they share in words, by column."""
    import numpy as np

    different, places = distinct(cells)
    numbers = np.array([cell_numbers(cell) for cell in different], dtype=float).T
    columns = {name: column[places] for name, column in zip(NUMBERS, numbers, strict=True)}
    words = {word: np.array([getattr(cell, word) for cell in different], dtype=object)[places] for word in WORDS}
    return columns, words


def cell_numbers(cell: Cell) -> tuple[float, ...]:
    """Return the numbers of a cell in the order of NUMBERS."""
    arms = (cell.constrained, cell.placebo, cell.repeat)
    treated, idle, again = map(tally_shares, arms)
    missing = max(0 if arm is None else arm.asked - arm.draws for arm in arms)
    return (*treated, *idle, *again, *outcome_shares(cell.outcomes), float(cell.constrained.draws), float(missing))


def tally_shares(tally: Tally | None) -> tuple[float, float, float, float]:
    """Return an arm's shares in the order of VIEWS."""
    if tally is None:
        return NAN, NAN, NAN, NAN
    wrong = tally.kept / tally.asked
    if not tally.draws:
        return NAN, NAN, NAN, wrong
    lenient = NAN if tally.lenient is None else tally.lenient / tally.draws
    return tally.solved / tally.draws, lenient, tally.truncated / tally.draws, wrong


def outcome_shares(outcomes: tuple[int, int, int, int] | None) -> tuple[float, ...]:
    """Return the shares of OUTCOMES, and of right draws among the compliant and among the others."""
    if outcomes is None:
        return (NAN,) * 6
    right, wrong, right_against, wrong_against = outcomes
    total = sum(outcomes)
    return (
        *(count / total for count in outcomes),
        right / (right + wrong) if right + wrong else NAN,
        right_against / (right_against + wrong_against) if right_against + wrong_against else NAN,
    )
