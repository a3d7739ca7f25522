"""Ordinal metrics that a task file names, with bootstrap intervals: rows of the report of plain accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Json, Metric, Record, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is kept of a record: the items of its ordinal metrics, by "metric,filter"."""

    task: str
    cluster: str
    items: Mapping[str, Json]


def row(record: Record, task: Task) -> Row | None:
    """Keep the ordinal items of a record; None where its task names no such metric."""
    from harness_ordinal.task_metrics import metric_of

    trials = record.arm("plain")
    values = trials[0].score.values if trials else {}
    items = {key: value for key, value in values.items() if isinstance(value, list) and metric_of(key)}
    return Row(task=task.name, cluster=record.cluster or record.doc, items=items) if items else None


def estimate(rows: Sequence[Row], tasks: Mapping[str, Task]) -> Iterator[Estimate]:
    """Yield each ordinal metric of each task with its interval over documents or clusters."""
    from harness_ordinal.metrics.estimates import estimated
    from harness_ordinal.task_metrics import metric_of, of_items

    for name in tasks:
        own = [one for one in rows if one.task == name]
        for key in dict.fromkeys(key for one in own for key in one.items):
            metric, held = metric_of(key), [one for one in own if key in one.items]
            predictions = of_items([one.items[key] for one in held], [one.cluster for one in held])
            if predictions is not None and metric is not None:
                pipeline = key.rpartition(",")[2]
                yield from estimated(predictions, [metric], labels={"task": name, "filter": pipeline})


TASK_FIGURES: Metric[Row] = Metric(
    name="ordinal",
    summary="ordinal metrics that task files name (qwk, mae, rps ...), with bootstrap intervals",
    evaluation="accuracy",
    row=row,
    estimate=estimate,
)
