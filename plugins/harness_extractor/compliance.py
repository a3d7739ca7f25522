"""Compliance with constraints that a model wrote: what a rule checks and what a judge says, never in one number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Record, Task

#: By whom a verdict is given, as a report names it.
RULE, JUDGE = "rule", "judge model"
ARM = "constrained"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRow:
    """The verdicts on the written constraints of one document, in the arm that was asked for them."""

    task: str
    cluster: str
    #: By whom they were given -> whether each was met; None: not judged.
    verdicts: Mapping[str, tuple[bool | None, ...]]


def written_row(record: Record, _: Task) -> WrittenRow | None:
    """Keep of a record the verdicts on constraints that a model wrote; nothing where there are none."""
    found: dict[str, list[bool | None]] = {}
    for trial in record.arm(ARM):
        for constraint, verdict in zip(record.constraints[: trial.k], trial.verdicts, strict=False):
            if constraint.origin:
                found.setdefault(JUDGE if constraint.judged else RULE, []).append(verdict.met)
    if not found:
        return None
    return WrittenRow(task=record.task, cluster=record.cluster, verdicts={by: tuple(met) for by, met in found.items()})


def written_estimates(rows: Sequence[WrittenRow], _: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return the compliance of each task by rule and by judge; the document is the unit."""
    for task in dict.fromkeys(row.task for row in rows):
        for by in (RULE, JUDGE):
            mine = [row for row in rows if row.task == task and by in row.verdicts]
            if mine:
                yield from compliance(mine, by, {"task": task, "checked by": by})


def compliance(rows: Sequence[WrittenRow], by: str, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the compliance by one kind of check, and how many answers it could not be told of."""
    from harness.stats import mean_interval

    told = [(row.cluster, [met for met in row.verdicts[by] if met is not None]) for row in rows]
    known = [(cluster, met) for cluster, met in told if met]
    unknown = sum(met is None for row in rows for met in row.verdicts[by])
    if known:
        found = mean_interval([sum(met) / len(met) for _, met in known], [cluster for cluster, _ in known])
        yield Estimate(
            metric="written_compliance",
            value=found.value,
            low=found.low,
            high=found.high,
            n=len(known),
            unit="share",
            method=found.method,
            labels=labels,
        )
    else:
        yield Estimate(
            metric="written_compliance", value=None, n=0, unit="share", note="nothing was judged", labels=labels
        )
    yield Estimate(metric="not_judged", value=unknown, n=len(rows), unit="count", labels=labels)
