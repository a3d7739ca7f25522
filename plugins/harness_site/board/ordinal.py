"""The ordinal board: what ratings and heads are worth, a line for each run, task and way of rating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate
from harness.report.words import UNKNOWN
from harness_site.board.submission import Submission

#: Metrics of ordered labels in the order of their columns, with whether less is better.
METRICS: Mapping[str, bool] = {
    "qwk": False,
    "mae": True,
    "macro_mae": True,
    "rmse": True,
    "accuracy": False,
    "accuracy_within_1": False,
    "spearman": False,
    "kendall_tau_b": False,
    "rps": True,
    "log_score": True,
    "threshold_ece": True,
}
#: A line with fewer of them is none of ordered labels: accuracy alone is reported of other tasks too.
FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalLine:
    """One way of rating one task in one run."""

    submission: Submission
    task: str
    #: Elicitation, decoding, head, layer: whatever the labels say beside the task, by name.
    way: Mapping[str, str]
    cell: Mapping[str, Estimate]

    @property
    def way_text(self) -> str:
        """The way in words."""
        return ", ".join(f"{name} {value}" for name, value in self.way.items()) or UNKNOWN

    def value(self, metric: str) -> float | None:
        """Return the value of a metric; None where it is not known."""
        return self.cell[metric].value if metric in self.cell else None


def ordinal_lines(submissions: Sequence[Submission]) -> list[OrdinalLine]:
    """Return the lines of ordered labels, the best agreement first within each task."""
    found = []
    for submission in submissions:
        cells: dict[tuple[tuple[str, str], ...], dict[str, Estimate]] = {}
        for one in submission.estimates:
            if one.metric in METRICS and "task" in one.labels:
                cells.setdefault(tuple(one.labels.items()), {})[one.metric] = one
        for labels, cell in cells.items():
            if len(cell) >= FEWEST and any(one.value is not None for one in cell.values()):
                way = {name: value for name, value in labels if name != "task" and value}
                found.append(OrdinalLine(submission=submission, task=dict(labels)["task"], way=way, cell=cell))
    return sorted(found, key=best_first)


def best_first(line: OrdinalLine) -> tuple[str, float, float, str]:
    """Return what sorts lines: task, agreement, error, then the name."""
    qwk, mae = line.value("qwk"), line.value("mae")
    return (
        line.task,
        float("inf") if qwk is None else -qwk,
        float("inf") if mae is None else mae,
        f"{line.submission.name} {line.way_text}",
    )


def metrics_of(lines: Sequence[OrdinalLine]) -> tuple[str, ...]:
    """Return the metrics that some line knows, in the order of their columns."""
    return tuple(name for name in METRICS if any(line.value(name) is not None for line in lines))
