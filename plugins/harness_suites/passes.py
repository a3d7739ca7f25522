"""pass@k of code tasks, from the answers that a run draws of each document: `--base-draws 10`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import Estimate, Record, Task
from harness.stats import mean_interval, pass_at_k

#: The numbers of answers that are reported, as far as there are as many.
COUNTS = (1, 2, 5, 10, 20, 50, 100)
DOMAIN = "code"

#: The task of a document, its answers, and the right ones among them.
Row = tuple[str, int, int]


def row(record: Record, task: Task) -> Row | None:
    """Keep how many of the answers to a code problem pass; None where one could not be judged."""
    if (task.spec.domain or task.domain) != DOMAIN:
        return None
    verdicts = [trial.score.solved for trial in record.arm("base")]
    if not verdicts or None in verdicts:
        return None
    return record.task, len(verdicts), sum(bool(verdict) for verdict in verdicts)


def estimate(rows: Sequence[Row], tasks: Mapping[str, Task]) -> Iterator[Estimate]:
    """Yield pass@k of each task: the mean over its problems of the unbiased estimate (arXiv 2107.03374)."""
    for name in tasks:
        counts = [(drawn, right) for task, drawn, right in rows if task == name]
        for k in COUNTS:
            values = [pass_at_k(drawn, right, k) for drawn, right in counts if drawn >= k]
            if len(values) < len(counts) or max((drawn for drawn, _ in counts), default=1) == 1:
                continue  # of one answer each it would be the solve rate once more
            interval = mean_interval(values)
            yield Estimate(
                metric=f"pass@{k}",
                value=interval.value,
                low=interval.low,
                high=interval.high,
                n=len(values),
                unit="share",
                method=f"unbiased estimate (Chen et al. 2021), mean over problems; {interval.method}",
                labels={"task": name},
            )
