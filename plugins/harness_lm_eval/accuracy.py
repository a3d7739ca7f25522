"""Plain accuracy: every document asked once as its task asks it, and the task's own figures over all of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from harness import Doc, Estimate, Evaluation, Metric, NoOptions, Record, Score, Task
from harness_lm_eval.aggregate import Z, results_from
from harness_lm_eval.columns import Scores
from harness_lm_eval.outline import Branch, group_results
from harness_lm_eval.task import LmEvalTask

#: The only arm.
ARM = "plain"

#: The task of a document, and its score.
Row = tuple[str, Score]


async def evaluate(doc: Doc, bench: Any, options: NoOptions) -> Record:  # noqa: ARG001  # the contract's three
    """Ask what the task asks, and keep what it says of the answers."""
    trial = await bench.asked(doc, ARM)
    if not trial.score.values and trial.score.solved is None:
        return bench.record(doc, trials=(trial,), marks=("unscored",), why=trial.score.note or "no grade")  # type: ignore[no-any-return]
    return bench.record(doc, trials=(trial,), marks=("solved",) if trial.score.solved else ())  # type: ignore[no-any-return]


def row(record: Record, task: Task) -> Row | None:
    """Take the task and the score of a record."""
    trials = record.arm(ARM)
    return (task.name, trials[0].score) if trials else None


class ByTask:
    """The scores of each task."""

    def __init__(self) -> None:
        self.tasks: defaultdict[str, Scores] = defaultdict(Scores)

    def append(self, row: Row) -> None:
        """Add a score to those of its task."""
        name, score = row
        self.tasks[name].append(score)


def estimate(scores: ByTask, tasks: Mapping[str, Task]) -> Iterator[Estimate]:
    """Yield each task's figures, then those of the groups that were asked for as a whole."""
    results = {}
    for name, task in tasks.items():
        found = task.aggregate(scores.tasks[name])
        yield from found
        if isinstance(task, LmEvalTask):
            results[task.called] = results_from(task, found)
    for group in whole_groups(tasks):
        for figures in group_results(group, results).values():
            yield from group_estimates(figures)


def whole_groups(tasks: Mapping[str, Task]) -> list[Branch]:
    """Return the groups that were asked for and of which every task is here."""
    groups = {group.name: group for task in tasks.values() if isinstance(task, LmEvalTask) for group in task.groups}
    return [group for group in groups.values() if all(leaf.name in tasks for leaf in group.leaves())]


def group_estimates(figures: Mapping[str, Any]) -> Iterator[Estimate]:
    """Yield lm-eval's figures of one group; none where it aggregates nothing."""
    for key, value in figures.items():
        metric, _, pipeline = key.partition(",")
        if not pipeline or metric.endswith("_stderr"):
            continue
        error = figures.get(f"{metric}_stderr,{pipeline}")
        spread = None if error in (None, "N/A") or value is None or math.isnan(error) else float(error)
        yield Estimate(
            metric=key,
            value=None if value is None else float(value),
            low=None if spread is None else float(value) - Z * spread,
            high=None if spread is None else float(value) + Z * spread,
            n=int(figures.get("sample_count", {}).get(key, 0)),
            unit="value",
            stderr=spread,
            method="lm-eval's aggregation over the group",
            labels={"group": str(figures["name"])},
        )


ACCURACY = Evaluation(
    name="accuracy",
    summary="Each document asked once, as its task asks it: the numbers of lm-eval.",
    evaluate=evaluate,
    funnel=("unscored", "cut", "solved"),
)

FIGURES: Metric[Row] = Metric(
    name="accuracy",
    summary="Each task's own figures, and those of groups, as lm-eval computes them.",
    evaluation="accuracy",
    row=row,
    kept=ByTask,
    estimate=estimate,
)
