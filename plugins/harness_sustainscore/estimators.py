"""The estimators: raw SustainScore, its floor and placebo, and the interference that is left.

Definitions of method 3.3: item i, draws averaged within the item first. Z control, Q placebo, T treatment,
over S, the items whose selection sample (base draw 0) is solved; the same S in every arm, so that
regression to the mean cancels in differences.

    SS_raw = mean_S T        R0 = mean_S Z        RP = mean_S Q
    D = R0 - SS_raw          D_spec = RP - SS_raw          SS_adj = SS_raw / R0
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness import Estimate, Record, Task, Trial
from harness.stats import Interval, leave_one_out_floor, mean_interval, paired_difference, ratio_interval, rule_of_three
from harness_sustainscore.evaluation import BASE, CONSTRAINED, PLACEBO, REPEAT

#: The estimates of one cell of the report, in the order of its columns.
METRICS = ("sustain_raw", "floor", "placebo", "sustain_adjusted", "D", "D_spec", "compliance")
NOTHING_SOLVED = "nothing solved and constrained: nothing can be sustained"
#: What stands in place of a floor that asking again cannot show.
NO_FLOOR = "not asked: greedy decoding on a deterministic engine gives the same answer again; read D_spec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One item at one number of constraints: share of solved draws in each arm; None where an arm is missing."""

    k: int
    family: str
    constrained: float
    placebo: float
    repeat: float | None
    complied: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SustainRow:
    """What the estimators keep of a record."""

    task: str
    domain: str
    doc: str
    #: Its cluster, or itself; of its own task.
    cluster: str
    #: Solved or not, by base draw; the first is the selection sample.
    base: tuple[bool, ...]
    cells: tuple[Cell, ...] = field(default=())


def sustain_row(record: Record, task: Task) -> SustainRow | None:
    """Keep of a record what the estimators need; None where its base answer could not be judged."""
    base = record.arm(BASE)
    solved = [trial.score.solved for trial in base]
    if not solved or solved[0] is None:
        return None
    known = tuple(bool(one) for one in solved if one is not None)
    return SustainRow(
        task=record.task,
        domain=task.domain,
        doc=record.doc,
        cluster=f"{record.task}/{record.cluster}" if record.cluster else record.doc,
        base=known,
        cells=tuple(cells(record)),
    )


def cells(record: Record) -> Iterator[Cell]:
    """Yield the cell of each number of constraints; none where an arm lost an answer: it is missing in all arms."""
    repeats = record.arm(REPEAT)
    repeat = share(repeats) if repeats else None
    if repeats and repeat is None:
        return
    for k in sorted({trial.k for trial in record.arm(CONSTRAINED)}):
        treated = record.arm(CONSTRAINED, k)
        constrained, placebo = share(treated), share(record.arm(PLACEBO, k))
        if constrained is not None and placebo is not None:
            families = {constraint.family for constraint in record.constraints[:k]}
            family = families.pop() if len(families) == 1 else "mixed"
            yield Cell(
                k=k,
                family=family,
                constrained=constrained,
                placebo=placebo,
                repeat=repeat,
                complied=compliance(treated, k),
            )


def share(trials: Sequence[Trial]) -> float | None:
    """Return the share of solved draws; None where there is none or one could not be judged."""
    solved = [trial.score.solved for trial in trials]
    if not solved or any(one is None for one in solved):
        return None
    return sum(map(bool, solved)) / len(solved)


def compliance(trials: Sequence[Trial], k: int) -> float | None:
    """Return the share of draws that meet all k constraints; None where none could be judged."""
    met = [[verdict.met for verdict in trial.verdicts[:k]] for trial in trials]
    judged = [all(one) for one in met if None not in one]
    return sum(judged) / len(judged) if judged else None


def sustain_estimates(rows: Sequence[SustainRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return the estimates of every cell of the report: each task, each domain, each k, each family."""
    for labels, members in task_groups(rows):
        yield from base_estimates(members, labels)
        for more, found in cell_groups(members):
            yield from cell_estimates(found, {**labels, **more})


def task_groups(rows: Sequence[SustainRow]) -> Iterator[tuple[dict[str, str], list[SustainRow]]]:
    """Yield the rows of each task, then of its domain where that holds several; domains are never pooled."""
    for domain in dict.fromkeys(row.domain for row in rows):
        inside = [row for row in rows if row.domain == domain]
        tasks = list(dict.fromkeys(row.task for row in inside))
        for task in tasks:
            yield {"task": task, "domain": domain}, [row for row in inside if row.task == task]
        if len(tasks) > 1:
            yield {"task": "all", "domain": domain}, inside


def cell_groups(rows: Sequence[SustainRow]) -> Iterator[tuple[dict[str, str], list[tuple[SustainRow, Cell]]]]:
    """Yield the cells of each number of constraints, then of its families where there are several."""
    pairs = [(row, cell) for row in rows if row.base[0] for cell in row.cells]
    sizes = sorted({cell.k for _, cell in pairs})
    if not pairs:
        yield {"k": "", "family": "all"}, []
    for k in sizes:
        same = [pair for pair in pairs if pair[1].k == k]
        yield {"k": str(k), "family": "all"}, same
        families = sorted({cell.family for _, cell in same})
        for family in families if len(families) > 1 else ():
            yield {"k": str(k), "family": family}, [pair for pair in same if pair[1].family == family]


def base_estimates(rows: Sequence[SustainRow], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield what the base arm alone says: accuracy, and the floor estimated from its further draws."""
    clusters = [row.cluster for row in rows]
    accuracy = mean_interval([sum(row.base) / len(row.base) for row in rows], clusters)
    yield estimate("base_accuracy", accuracy, len(rows), "share", labels)
    floor = leave_one_out_floor([row.base for row in rows])
    if floor is not None:
        note = "from the base arm alone (method 3.3); a check on floor"
        yield Estimate(
            metric="floor_loo", value=floor, n=len(rows), unit="share", method="leave one out", note=note, labels=labels
        )


def cell_estimates(pairs: Sequence[tuple[SustainRow, Cell]], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield all estimates of one cell of the report, in the order of METRICS."""
    n = len(pairs)
    if not n:
        for metric in METRICS:
            yield Estimate(metric=metric, value=None, n=0, note=NOTHING_SOLVED, labels=labels)
        return
    clusters = [row.cluster for row, _ in pairs]
    kept = [cell.constrained for _, cell in pairs]
    idle = [cell.placebo for _, cell in pairs]
    again = [cell.repeat for _, cell in pairs if cell.repeat is not None]
    judged = [(row.cluster, cell.complied) for row, cell in pairs if cell.complied is not None]
    found = [
        estimate("sustain_raw", mean_interval(kept, clusters), n, "share", labels),
        estimate("placebo", mean_interval(idle, clusters), n, "share", labels),
        difference("D_spec", idle, kept, clusters, labels),
        *floor_estimates(again, kept, clusters, labels),
    ]
    if judged:
        groups, complied = zip(*judged, strict=True)
        found.append(estimate("compliance", mean_interval(complied, groups), len(judged), "share", labels))
    yield from sorted(found, key=lambda one: METRICS.index(one.metric))


def floor_estimates(
    again: Sequence[float], kept: Sequence[float], clusters: Sequence[str], labels: Mapping[str, str]
) -> Iterator[Estimate]:
    """Yield what needs the repeat arm; None with the reason where it was not asked."""
    n = len(kept)
    if len(again) < n:
        note = NO_FLOOR if not again else f"asked of {len(again)} of {n} items only: greedy and drawn tasks are mixed"
        for metric in ("floor", "sustain_adjusted", "D"):
            yield Estimate(metric=metric, value=None, n=n, note=note, labels=labels)
        return
    yield estimate("floor", mean_interval(again, clusters), n, "share", labels)
    yield difference("D", again, kept, clusters, labels)
    ratio = ratio_interval(kept, again, clusters)
    if ratio is None:
        yield Estimate(
            metric="sustain_adjusted", value=None, n=n, unit="ratio", note="the floor is zero", labels=labels
        )
    else:
        yield estimate("sustain_adjusted", ratio, n, "ratio", labels)


def estimate(metric: str, interval: Interval, n: int, unit: str, labels: Mapping[str, str]) -> Estimate:
    """Return an interval as an estimate."""
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=n,
        unit=unit,
        method=interval.method,
        labels=labels,
    )


def difference(
    metric: str, first: Sequence[float], second: Sequence[float], clusters: Sequence[str], labels: Mapping[str, str]
) -> Estimate:
    """Return the mean of first - second over paired items as an estimate, with the rule of three where none differ."""
    interval, p = paired_difference(first, second, clusters)
    same = all(a == b for a, b in zip(first, second, strict=True))
    units = len(set(clusters))
    bound = f"no item differs: a change of more than {rule_of_three(units):.1%} is excluded (rule of three)"
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        p=p,
        n=len(first),
        unit="points",
        method=interval.method,
        note=bound if same else "",
        labels=labels,
    )
