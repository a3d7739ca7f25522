"""Tables in files: csv, tab-separated, JSON lines and parquet as columns by name; a cell without a value is None."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness import HarnessError

Columns = Mapping[str, Sequence[Any]]

#: What reads a file, by its ending.
ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")


def columns_of(path: str) -> Columns:
    """Return the columns of a file.

    Raises:
        HarnessError: no such file, another form, no rows.
    """
    file = Path(path).expanduser()
    if file.suffix not in ENDINGS:
        raise HarnessError(f"{path!r}: a table is a file that ends with {', '.join(ENDINGS)}")
    if not file.is_file():
        raise HarnessError(f"there is no file {path!r}")
    try:
        found = read(file)
    except (OSError, ValueError, csv.Error, msgspec.MsgspecError) as error:
        raise HarnessError(f"{path!r} cannot be read: {' '.join(str(error).split())}") from error
    if not found or not len(next(iter(found.values()))):
        raise HarnessError(f"{path!r} has no rows")
    return found


def read(file: Path) -> Columns:
    """Return the columns of a file that is there."""
    if file.suffix == ".parquet":
        import pyarrow.parquet

        return {str(name): values for name, values in pyarrow.parquet.read_table(file).to_pydict().items()}
    if file.suffix == ".jsonl":
        rows = [
            msgspec.json.decode(line, type=dict[str, Any]) for line in file.read_bytes().splitlines() if line.strip()
        ]
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}
    with file.open(newline="", encoding="utf-8-sig") as lines:
        table = csv.DictReader(lines, delimiter="\t" if file.suffix == ".tsv" else ",")
        rows = list(table)
        for number, row in enumerate(rows, start=1):
            if table.restkey in row:
                raise ValueError(f"row {number} has more cells than the first line has names: quote cells with commas")
        return {
            name: [row[name] if row[name] not in ("", None) else None for row in rows]
            for name in table.fieldnames or ()
        }


def column(columns: Columns, name: str, path: str) -> Sequence[Any]:
    """Return one column.

    Raises:
        HarnessError: there is none of this name.
    """
    if name not in columns:
        raise HarnessError(f"{path!r} has no column {name!r}, only {', '.join(columns)}")
    return columns[name]


def number(value: Any) -> float | None:
    """Return a cell as a number; None where it is empty or no number.

    >>> number("4"), number(" "), number(True), number("abstain")
    (4.0, None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if found == found and abs(found) != float("inf") else None  # noqa: PLR0124  # not a number is unequal
