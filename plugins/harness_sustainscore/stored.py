"""A finished run as its folder tells of it, read for a further analysis: results, and the rows of the estimators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from harness import HarnessError, Json, Record, Task
from harness.ledger import RECORDS, Records, read_results
from harness.parallel import in_order
from harness.recorded import recorded_tasks
from harness_sustainscore.rows import SustainRow, sustain_row


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run of the evaluation `sustainscore` that has ended."""

    folder: Path
    results: Mapping[str, Json]
    rows: tuple[SustainRow, ...]

    @property
    def model(self) -> str:
        """The model in a few words: its name, else its backend."""
        identity = self.results["model"]
        return str(identity.get("name") or identity.get("backend"))


def stored_run(folder: Path) -> StoredRun:
    """Read a run.

    Raises:
        HarnessError: it is no finished run, or one of another evaluation.
    """
    results = read_results(folder)
    name = results["evaluation"]["name"]
    if name != "sustainscore":
        raise HarnessError(f"run {folder}: of the evaluation {name!r}; this reads runs of sustainscore")
    tasks = recorded_tasks(results["tasks"])
    parts = Records(folder / RECORDS).parts()
    return StoredRun(folder=folder, results=results, rows=tuple(chain(*in_order(partial(rows_of, tasks), parts))))


def rows_of(tasks: Mapping[str, Task], records: Iterable[Record]) -> list[SustainRow]:
    """Return what the estimators keep of records."""
    rows = (sustain_row(record, tasks[record.task]) for record in records)
    return [row for row in rows if row is not None]
