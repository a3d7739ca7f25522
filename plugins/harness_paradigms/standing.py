"""Where each member stands, in the terms that must stand beside every comparison of stages (method 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness import Estimate, Table
from harness.report import amount, interval_text
from harness_paradigms.lineage import Lineage
from harness_paradigms.runs import SOURCES, Runs
from harness_sustainscore import ALL, StoredRun

#: Column and metric; all of the smallest number of constraints.
COLUMNS = (
    ("accuracy", "base_accuracy"),
    ("floor", "floor"),
    ("placebo", "placebo"),
    ("raw", "sustain_raw"),
    ("adjusted", "sustain_adjusted"),
    ("D", "D"),
    ("D_spec", "D_spec"),
    ("compliance", "compliance"),
    ("q", "natural_compliance"),
    ("churn", "churn"),
    ("cut off", "truncated"),
)
#: With their interval; the others would make the table too wide.
WITH_INTERVAL = frozenset({"D", "D_spec"})


def standing_table(lineages: Iterable[Lineage], runs: Runs) -> Table:
    """Return one row for each member, run and task."""
    rows = []
    for lineage in lineages:
        for member in lineage.members:
            for source in SOURCES:
                run = runs.of(lineage.id, member, source)
                if run is not None:
                    head = (lineage.id, member.name, member.stage or "unknown", source)
                    rows += [(*head, *row) for row in standing_rows(run)]
    columns = ("lineage", "member", "stage", "constraints", "task", "n", *(name for name, _ in COLUMNS), "tokens")
    return Table(
        title="Where each member stands",
        columns=columns,
        rows=tuple(rows),
        notes=("each on its own successes: compare members in the tables of steps, not here",),
    )


def standing_rows(run: StoredRun) -> Iterator[tuple[str, ...]]:
    """Yield what a run says of each of its tasks: n, the columns, tokens of a constrained answer."""
    found = [told(one) for one in run.results["estimates"]]
    tokens = mean_tokens(run)
    for task in dict.fromkeys(row.task for row in run.rows):
        its = [one for one in found if one.labels.get("task") == task]
        counts = sorted(int(one.labels["k"]) for one in its if one.metric == "D_spec" and one.labels.get("k"))
        cells = {one.metric: one for one in reversed(its) if whole(one.labels, counts[0] if counts else 1)}
        n = cells["D_spec"].n if "D_spec" in cells else 0
        yield (task, f"{n:,}", *(shown(cells.get(metric), name) for name, metric in COLUMNS), tokens.get(task, "n/a"))


def told(one: Mapping[str, Any]) -> Estimate:
    """Return an estimate of results.json."""
    import msgspec

    return msgspec.convert(one, Estimate)


def whole(labels: Mapping[str, str], k: int) -> bool:
    """Whether an estimate stands for all items of a task, at so many constraints where it has a number."""
    splits = ("family", "type", "stratum")
    return labels.get("k", str(k)) == str(k) and all(labels.get(name, ALL) == ALL for name in splits)


def shown(one: Estimate | None, name: str) -> str:
    """Return a cell of the table."""
    if one is None:
        return "n/a"
    return interval_text(one) if name in WITH_INTERVAL else amount(one.value, one.unit)


def mean_tokens(run: StoredRun) -> dict[str, str]:
    """Return the mean length of a constrained answer by task, in tokens as the model counted them."""
    from harness.ledger import RECORDS, Records

    counts: dict[str, list[int]] = {}
    for record in Records(run.folder / RECORDS):
        for trial in record.arm("constrained"):
            used = [response.usage.completion_tokens for response in trial.responses]
            counts.setdefault(record.task, []).extend(one for one in used if one is not None)
    return {task: f"{sum(its) / len(its):.0f}" for task, its in counts.items() if its}
