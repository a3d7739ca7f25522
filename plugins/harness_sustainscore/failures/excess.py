"""How much of each class of failure the constraint adds: the same rules in every arm, and the difference (method 6).

    excess = share of constrained draws that fail so - share of repeated draws that do (of placebo draws, where asking
    again tells nothing)
    excess_spec = the same against the placebo

over the items whose selection sample is solved. The classes exclude each other, so over all of them excess sums to D
and excess_spec to D_spec. Shares of the constrained failures alone would mislead: the controls fail too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Record, Task, Trial
from harness.stats import mean_interval
from harness_sustainscore.arms import BASE, CONSTRAINED, PLACEBO, REPEAT
from harness_sustainscore.cell import AGAINST_PLACEBO, difference, estimate
from harness_sustainscore.estimators import task_groups
from harness_sustainscore.failures.case import KINDS
from harness_sustainscore.failures.diagnosis import primary
from harness_sustainscore.failures.failed import failed
from harness_sustainscore.multiplicity import adjusted
from harness_sustainscore.rows import Arms, by_arm, judged_draws, texts

#: Shares of draws, by class of failure.
Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCell:
    """How the draws of one item failed at one number of constraints; None where an arm was not asked."""

    k: int
    constrained: Shares
    placebo: Shares | None
    repeat: Shares | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """What is kept of a record whose selection sample is solved."""

    task: str
    domain: str
    cluster: str
    #: Whether every repeated answer is the base answer word for word; None where it was not asked again.
    echoed: bool | None
    cells: tuple[FailureCell, ...]


def failure_row(record: Record, task: Task) -> FailureRow | None:
    """Keep of a record how its draws failed; None where its selection sample is not solved or was not asked again."""
    arms = by_arm(record.trials)
    base = arms.get((BASE, 0), ())
    if not base or not base[0].score.solved or record.source != base[0].draw:
        return None
    repeats, said = arms.get((REPEAT, 0), ()), texts(base[0])
    return FailureRow(
        task=record.task,
        domain=task.domain,
        cluster=f"{record.task}/{record.cluster}" if record.cluster else record.doc,
        echoed=all(texts(again) == said for again in repeats) if repeats else None,
        cells=tuple(failure_cells(record, task, arms)),
    )


def failure_cells(record: Record, task: Task, arms: Arms) -> Iterator[FailureCell]:
    """Yield the cell of each number of constraints; a draw that one arm lacks is left out of all (method 3.5)."""
    repeats = arms.get((REPEAT, 0), ())
    for k in sorted(k for arm, k in arms if arm == CONSTRAINED):
        treated, idle = arms[CONSTRAINED, k], arms.get((PLACEBO, k), ())
        whole = judged_draws(treated, idle, repeats)

        def shares(trials: Sequence[Trial], k: int = k, whole: frozenset[int] = whole) -> Shares | None:
            return kinds(record, task, trials, k, whole) if trials else None

        found = shares(treated)
        if whole and found is not None:
            yield FailureCell(k=k, constrained=found, placebo=shares(idle), repeat=shares(repeats))


def kinds(record: Record, task: Task, trials: Sequence[Trial], k: int, whole: frozenset[int]) -> Shares:
    """Return the shares of draws that fail, by class; classes without a failure are left out."""
    counted = [trial for trial in trials if trial.draw in whole]
    seen = Counter(primary(failed(record, task, one, k).failure) for one in counted if one.score.solved is not True)
    return {kind: count / len(counted) for kind, count in seen.items()}


def excess_estimates(rows: Sequence[FailureRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return the excess of each class of failure, for each task and domain and each number of constraints."""
    return adjusted([found for labels, members in task_groups(rows) for found in group_estimates(members, labels)])


def group_estimates(rows: Sequence[FailureRow], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the estimates of one task or domain."""
    again = any(row.echoed is False for row in rows)
    for k in sorted({cell.k for row in rows for cell in row.cells}):
        items = [(row.cluster, cell) for row in rows for cell in row.cells if cell.k == k]
        for kind in KINDS:
            if any(kind in (arm or ()) for _, cell in items for arm in (cell.constrained, cell.placebo, cell.repeat)):
                yield from kind_estimates(items, kind, {**labels, "k": str(k), "class": kind}, again=again)


def kind_estimates(
    items: Sequence[tuple[str, FailureCell]], kind: str, labels: Mapping[str, str], *, again: bool
) -> Iterator[Estimate]:
    """Yield how often one class of failure occurs under constraints and without, and the difference.

    Args:
        items: the cluster and the cell of each item.
        kind: the class.
        labels: of the estimates.
        again: whether asking the same prompt again tells anything; if not, the placebo is the only null.
    """
    idle = [(cluster, cell.constrained, cell.placebo) for cluster, cell in items if cell.placebo is not None]
    repeated = [(cluster, cell.constrained, cell.repeat) for cluster, cell in items if cell.repeat is not None]
    null, note = (repeated, "") if again else (idle, AGAINST_PLACEBO)
    clusters = [cluster for cluster, _ in items]
    treated = mean_interval([cell.constrained.get(kind, 0.0) for _, cell in items], clusters)
    yield estimate("failed", treated, len(items), "share", labels)
    if null:
        yield from against("excess", null, kind, labels, note)
    if again and idle:
        yield from against("excess_spec", idle, kind, labels)


def against(
    metric: str, pairs: Sequence[tuple[str, Shares, Shares]], kind: str, labels: Mapping[str, str], note: str = ""
) -> Iterator[Estimate]:
    """Yield how often a class occurs in a control, and how much more often it does under constraints."""
    clusters = [cluster for cluster, _, _ in pairs]
    treated, idle = ([shares.get(kind, 0.0) for shares in column] for column in list(zip(*pairs, strict=True))[1:])
    name = "failed_null" if metric == "excess" else "failed_placebo"
    yield estimate(name, mean_interval(idle, clusters), len(pairs), "share", labels, note=note)
    yield difference(metric, treated, idle, clusters, labels, note=note)
