"""How much of each class of failure the constraint adds: the same rules in every arm, and the difference (method 6).

    excess = share of constrained draws that fail so - share of repeated draws that do (of placebo draws, where asking
    again tells nothing)
    excess_spec = the same against the placebo

over the items whose selection sample is solved. The classes exclude each other, so over all of them excess sums to D
and excess_spec to D_spec. Shares of the constrained failures alone would mislead: the controls fail too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness import Estimate, Record, Task, Trial
from harness.stats import mean_interval
from harness.stats.clusters import codes_of
from harness_sustainscore.arms import BASE, CONSTRAINED, PLACEBO, REPEAT
from harness_sustainscore.cell import AGAINST_PLACEBO, difference, estimate
from harness_sustainscore.estimators import task_groups
from harness_sustainscore.failures.case import KINDS
from harness_sustainscore.failures.diagnosis import primary
from harness_sustainscore.failures.failed import Beside, beside_of, failure_of
from harness_sustainscore.multiplicity import adjusted
from harness_sustainscore.rows import Arms, by_arm, judged_draws, texts
from harness_sustainscore.sharing import distinct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.stats.clusters import Array

#: Shares of draws, by class of failure.
Shares = Mapping[str, float]
#: What most arms of most items show.
NONE: Shares = {}
ARMS = ("constrained", "placebo", "repeat")
COLUMN = {kind: at for at, kind in enumerate(KINDS)}


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
        cluster=record.unit,
        echoed=all(texts(again) == said for again in repeats) if repeats else None,
        cells=tuple(failure_cells(record, task, arms)),
    )


def failure_cells(record: Record, task: Task, arms: Arms) -> Iterator[FailureCell]:
    """Yield the cell of each number of constraints; a draw that one arm lacks is left out of all (method 3.5)."""
    repeats, beside = arms.get((REPEAT, 0), ()), beside_of(record, task)
    for k in sorted(k for arm, k in arms if arm == CONSTRAINED):
        treated, idle = arms[CONSTRAINED, k], arms.get((PLACEBO, k), ())
        whole = judged_draws(treated, idle, repeats)

        def shares(trials: Sequence[Trial], k: int = k, whole: frozenset[int] = whole) -> Shares | None:
            return kinds(beside, trials, k, whole) if trials else None

        found = shares(treated)
        if whole and found is not None:
            yield FailureCell(k=k, constrained=found, placebo=shares(idle), repeat=shares(repeats))


def kinds(beside: Beside, trials: Sequence[Trial], k: int, whole: frozenset[int]) -> Shares:
    """Return the shares of draws that fail, by class; classes without a failure are left out."""
    counted = [trial for trial in trials if trial.draw in whole]
    seen: dict[str, int] = {}
    for trial in counted:
        if trial.score.solved is not True:
            kind = primary(failure_of(beside, trial, k))
            seen[kind] = seen.get(kind, 0) + 1
    return divided(tuple(seen.items()), len(counted)) if seen else NONE


@lru_cache(maxsize=65_536)  # few draws fail in the same few ways, and a large run has many rows
def divided(counts: tuple[tuple[str, int], ...], draws: int) -> Shares:
    """Return counts as shares; the same ones again for the same counts."""
    return {kind: count / draws for kind, count in counts}


def excess_estimates(rows: Sequence[FailureRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return the excess of each class of failure, for each task and domain and each number of constraints."""
    return adjusted([found for labels, members in task_groups(rows) for found in group_estimates(members, labels)])


def group_estimates(rows: Sequence[FailureRow], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the estimates of one task or domain."""
    again = any(row.echoed is False for row in rows)
    for k in sorted({cell.k for row in rows for cell in row.cells}):
        cells = [(row.cluster, cell) for row in rows for cell in row.cells if cell.k == k]
        arms = {arm: shares_of(cells, arm) for arm in ARMS}
        for at, kind in enumerate(KINDS):
            if any(arm.shares[:, at].any() for arm in arms.values()):
                yield from kind_estimates(arms, at, {**labels, "k": str(k), "class": kind}, again=again)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmShares:
    """How the items that were asked in an arm failed there, and how the same ones failed under constraints."""

    #: Shape (items, classes), shares of draws.
    shares: Array
    treated: Array
    #: Cluster of each item, as a whole number.
    clusters: NDArray[np.int64]


def shares_of(cells: Sequence[tuple[str, FailureCell]], arm: str) -> ArmShares:
    """Return the shares of one arm as columns, from cells at one number of constraints, each with its cluster."""
    asked = [(cluster, cell, shares) for cluster, cell in cells if (shares := getattr(cell, arm)) is not None]
    return ArmShares(
        shares=columns([shares for _, _, shares in asked]),
        treated=columns([cell.constrained for _, cell, _ in asked]),
        clusters=codes_of([cluster for cluster, _, _ in asked], len(asked)),
    )


def columns(items: Sequence[Shares]) -> Array:
    """Return the shares of items, shape (items, classes)."""
    import numpy as np

    different, places = distinct(items)
    found = np.zeros((len(different), len(KINDS)))
    for at, shares in enumerate(different):
        for kind, share in shares.items():
            found[at, COLUMN[kind]] = share
    return found[np.array(places, dtype=np.int64)]


def kind_estimates(
    arms: Mapping[str, ArmShares], at: int, labels: Mapping[str, str], *, again: bool
) -> Iterator[Estimate]:
    """Yield how often one class of failure occurs under constraints and without, and the difference.

    Args:
        arms: by name.
        at: the column of the class.
        labels: of the estimates.
        again: whether asking the same prompt again tells anything; if not, the placebo is the only null.
    """
    treated, idle, repeated = (arms[arm] for arm in ARMS)
    null, note = (repeated, "") if again else (idle, AGAINST_PLACEBO)
    values = treated.shares[:, at]
    yield estimate("failed", mean_interval(values, treated.clusters), len(values), "share", labels)
    if len(null.shares):
        yield from against("excess", null, at, labels, note)
    if again and len(idle.shares):
        yield from against("excess_spec", idle, at, labels)


def against(metric: str, control: ArmShares, at: int, labels: Mapping[str, str], note: str = "") -> Iterator[Estimate]:
    """Yield how often a class occurs in a control, and how much more often it does under constraints."""
    treated, idle = control.treated[:, at], control.shares[:, at]
    name = "failed_null" if metric == "excess" else "failed_placebo"
    yield estimate(name, mean_interval(idle, control.clusters), len(idle), "share", labels, note=note)
    yield difference(metric, treated, idle, control.clusters, labels, note=note)
