"""From rows to the estimates of a report: for each task and domain, each number of constraints, whole and split.

A cell is whole, or split by one of family, type (at one constraint) and stratum of natural compliance; a split is
given where it has more than one value. Domains are never pooled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from harness import Estimate, Task
from harness.stats import leave_one_out_floor, mean_interval, ratio_interval
from harness_sustainscore.arms import TRANSPLANTED
from harness_sustainscore.cell import (
    ECHOED,
    METRICS,
    NO_FLOOR,
    NOTHING_SOLVED,
    Labels,
    cell_estimates,
    difference,
    estimate,
    unknown,
)
from harness_sustainscore.multiplicity import adjusted
from harness_sustainscore.natural import STRATA, UNKNOWN, natural_compliance
from harness_sustainscore.rows import ALL, SustainRow, sustain_row
from harness_sustainscore.scale import natural_slope, scale_estimates
from harness_sustainscore.table import Pooled, Table, tables

__all__ = ["METRICS", "NO_FLOOR", "SustainRow", "sustain_estimates", "sustain_row"]

WHOLE = {"family": ALL, "type": ALL, "stratum": ALL}
STRICT = next(iter(STRATA))
NO_STRICT = "no item got a constraint of the strict stratum: there is no primary test"
#: Items asked again that suffice to say that a model repeats itself.
ENOUGH = 10


class OfTask(Protocol):
    """What is kept of a record, and says of which task it is."""

    @property
    def task(self) -> str:
        """Its name."""

    @property
    def domain(self) -> str:
        """Its domain."""


Row = TypeVar("Row", bound=OfTask)


def sustain_estimates(rows: Sequence[SustainRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return the estimates of every cell of the report, with their p-values adjusted."""
    pooled = natural_compliance(one for row in rows for one in row.observed)
    return adjusted(
        [found for labels, members in task_groups(rows) for found in group_estimates(members, labels, pooled)]
    )


def task_groups(rows: Sequence[Row]) -> Iterator[tuple[dict[str, str], list[Row]]]:
    """Yield the rows of each task, then of its domain where that holds several; domains are never pooled."""
    domains: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        domains.setdefault(row.domain, {}).setdefault(row.task, []).append(row)
    for domain, tasks in domains.items():
        for task, members in tasks.items():
            yield {"task": task, "domain": domain}, members
        if len(tasks) > 1:
            yield {"task": ALL, "domain": domain}, [row for members in tasks.values() for row in members]


def group_estimates(rows: Sequence[SustainRow], labels: Labels, pooled: Pooled) -> Iterator[Estimate]:
    """Yield the estimates of one task or domain."""
    yield from base_estimates(rows, labels)
    found = tables(rows, pooled)
    no_floor = floor_is_degenerate(rows)
    if not found:
        yield from unknown({**labels, "k": "", **WHOLE}, NOTHING_SOLVED)
    for k, table in found.items():
        for split, part in cell_groups(k, table):
            named = {**labels, "k": str(k), **WHOLE, **split}
            if len(part):
                yield from cell_estimates(part, named, no_floor)
            else:
                yield Estimate(metric="D_spec", value=None, n=0, note=NO_STRICT, labels=named)
    if found:
        yield from scale_estimates(found, labels)
    if 1 in found:
        yield from natural_slope(found[1], {**labels, "k": "1"})
    yield from further_estimates(rows, {**labels, "k": "1", **WHOLE})
    yield from missing_estimates(rows, labels)


def cell_groups(k: int, table: Table) -> Iterator[tuple[dict[str, str], Table]]:
    """Yield the cell of all items, then its splits; the strict stratum at one constraint always, for it is primary."""
    yield {}, table
    for split in ("family", "type", "stratum"):
        words = table.words[split]
        values = sorted(set(words.tolist()))
        if (split == "type" and k > 1) or values == [UNKNOWN]:
            continue
        primary = split == "stratum" and k == 1
        if len(values) > 1 or primary:
            named = [STRICT, *(one for one in values if one != STRICT)] if primary else values
            for value in named:
                yield {split: value}, table.where(words == value)


def floor_is_degenerate(rows: Sequence[SustainRow]) -> str:
    """Return why asking again tells nothing here; empty if it does (trap 5: a floor of 1.0 read as no noise)."""
    gone_on = [row for row in rows if row.cells]
    echoed = [row.echoed for row in gone_on if row.echoed is not None]
    controlled = any(cell.placebo is not None for row in gone_on for cell in row.cells)
    if gone_on and not echoed and controlled and all(len(row.base) == 1 for row in gone_on):
        return NO_FLOOR
    repeats_itself = len(echoed) >= ENOUGH and all(echoed) and any(row.moved for row in gone_on)
    return ECHOED if repeats_itself else ""


def base_estimates(rows: Sequence[SustainRow], labels: Labels) -> Iterator[Estimate]:
    """Yield what the base arm alone says: accuracy, and the floor estimated from its further draws."""
    accuracy = mean_interval([sum(row.base) / len(row.base) for row in rows], [row.cluster for row in rows])
    yield estimate("base_accuracy", accuracy, len(rows), "share", labels)
    drawn = [row for row in rows if len(row.base) > 1]
    floor = leave_one_out_floor([row.base for row in drawn])
    if floor is not None:
        most = max(len(row.base) for row in drawn)
        solved = [sum(row.base) / most for row in drawn]
        kept = [share * (sum(row.base) - 1) / (len(row.base) - 1) for share, row in zip(solved, drawn, strict=True)]
        found = ratio_interval(kept, solved, [row.cluster for row in drawn])
        assert found is not None  # something is solved
        found = replace(found, value=floor, high=None if found.high is None else min(1.0, found.high))
        note = "from the base arm alone (method 3.3); a check on floor"
        yield estimate("floor_loo", found, len(drawn), "share", labels, note=note)


def further_estimates(rows: Sequence[SustainRow], labels: Labels) -> Iterator[Estimate]:
    """Yield how the arms that only a part of the items is asked in stand to placebo and constrained, on those items."""
    for arm in dict.fromkeys(name for row in rows for name in row.further):
        asked = [(row.cluster, row.further[arm]) for row in rows if row.selected and arm in row.further]
        known = [(cluster, found) for cluster, found in asked if found.arm.draws]
        if not known:
            continue
        clusters = [cluster for cluster, _ in known]
        shares = [[part.solved / part.draws for part in (one.arm, one.placebo, one.constrained)] for _, one in known]
        here, idle, treated = zip(*shares, strict=True)
        yield estimate(arm, mean_interval(here, clusters), len(known), "share", labels)
        yield difference(f"D_{arm}", idle, here, clusters, labels, note=f"placebo - {arm}, on the items asked in both")
        if arm == TRANSPLANTED:
            note = "transplanted - constrained: what it costs that the rule is the answer's own"
            yield difference("own_words", here, treated, clusters, labels, note=note)


def missing_estimates(rows: Sequence[SustainRow], labels: Labels) -> Iterator[Estimate]:
    """Yield how many answers are missing in each arm that lacks any."""
    counts: dict[str, int] = {}
    for row in rows:
        for arm, count in row.missing.items():
            counts[arm] = counts.get(arm, 0) + count
    for arm, count in counts.items():
        note = "their draws are left out of every arm"
        yield Estimate(
            metric="missing", value=float(count), n=len(rows), unit="count", note=note, labels={**labels, "arm": arm}
        )
