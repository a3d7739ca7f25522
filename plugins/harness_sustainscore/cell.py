"""The estimates of one cell of the report: a task at one number of constraints, whole or split.

Definitions of method 3.3: item i, draws averaged within the item first. Z repeat, Q placebo, T constrained, over S, the
items whose selection sample (base draw 0) is solved; the same S in every arm, so that regression to the mean cancels
in differences.

    sustain_raw = mean_S T       floor = mean_S Z             placebo = mean_S Q
    D = floor - sustain_raw      D_spec = placebo - sustain_raw
    sustain_adjusted = sustain_raw / floor
    lost = mean_S Z (1 - T)      gained = mean_S (1 - Z) T    churn = lost + gained
    ate = mean (Z - T) over all items with a usable constraint, solved or not; lost_all, gained_all, churn_all likewise

Draws are independent, so Z (1 - T) is the chance that a repeated draw is right and a constrained one wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from harness import Estimate
from harness.stats import (
    Interval,
    clustered,
    equivalence_p,
    mean_interval,
    no_difference_bound,
    paired_difference,
    ratio_interval,
)
from harness_sustainscore.table import OUTCOMES, Table

if TYPE_CHECKING:
    from harness.stats.clusters import Array, Clusters

Labels = Mapping[str, str]

#: The estimates of a cell that are always there, in the order of a report's columns; None where they cannot be known.
METRICS = ("sustain_raw", "floor", "placebo", "sustain_adjusted", "D", "D_spec")
NOTHING_SOLVED = "nothing solved and constrained: nothing can be sustained"
#: What stands in place of a floor that asking again cannot show.
NO_FLOOR = "not asked: greedy decoding on a deterministic engine gives the same answer again; read D_spec"
ECHOED = "every repeated answer is the base answer word for word: decoding is deterministic; read D_spec"
RAW = "raw: this arm was not asked, so chance and interference are not told apart"
AGAINST_PLACEBO = "against the placebo, as asking again tells nothing"
DESCRIPTIVE = "descriptive: compliance comes after the constraint, so this is no effect of it"


def cell_estimates(table: Table, labels: Labels, no_floor: str) -> Iterator[Estimate]:
    """Yield all estimates of one cell.

    Args:
        table: its items, solved or not.
        labels: of the cell.
        no_floor: why asking again tells nothing; empty if it does.
    """
    known = table.known("constrained")
    items = known.where(known.selected)
    if not len(items):
        yield from unknown(labels, NOTHING_SOLVED)
        return
    null = "placebo" if no_floor or len(items.known("repeat")) < len(items) else "repeat"
    yield share("sustain_raw", items, "constrained", labels)
    yield from floor_estimates(items, labels, no_floor)
    yield from placebo_estimates(items, labels)
    if items.asked(null):
        yield from flow_estimates(items.known(null), null, labels)
        if not known.selected.all():
            yield from all_item_estimates(known.known(null), null, labels)
    yield from compliance_estimates(items, null, labels)
    yield from lenient_estimates(items, null, labels)
    yield from sensitivity_estimates(table.where(table.selected), null, labels)
    yield from descriptions(items, null, labels)


def unknown(labels: Labels, why: str) -> Iterator[Estimate]:
    """Yield the estimates of a cell without items."""
    yield from (Estimate(metric=metric, value=None, n=0, note=why, labels=labels) for metric in METRICS)


def floor_estimates(items: Table, labels: Labels, no_floor: str) -> Iterator[Estimate]:
    """Yield what needs the repeat arm; None with the reason where it was not asked or tells nothing."""
    whole = items.known("repeat")
    if no_floor or len(whole) < len(items):
        part = f"asked of {len(whole)} of {len(items)} items only: greedy and drawn tasks are mixed"
        note = no_floor or (part if len(whole) else RAW)
        for metric in ("floor", "sustain_adjusted", "D"):
            yield Estimate(metric=metric, value=None, n=len(items), note=note, labels=labels)
        return
    yield share("floor", items, "repeat", labels)
    ratio = ratio_interval(items["constrained"], items["repeat"], items.clusters)
    if ratio is None:
        note = "the floor is zero"
        yield Estimate(metric="sustain_adjusted", value=None, n=len(items), unit="ratio", note=note, labels=labels)
    else:
        yield estimate("sustain_adjusted", ratio, len(items), "ratio", labels)
    yield difference("D", items["repeat"], items["constrained"], items.clusters, labels)


def placebo_estimates(items: Table, labels: Labels) -> Iterator[Estimate]:
    """Yield what needs the placebo arm; None where it was not asked."""
    if not items.asked("placebo"):
        for metric in ("placebo", "D_spec"):
            yield Estimate(metric=metric, value=None, n=len(items), note=RAW, labels=labels)
        return
    whole = items.known("placebo")
    yield share("placebo", whole, "placebo", labels)
    yield difference("D_spec", whole["placebo"], whole["constrained"], whole.clusters, labels)


def flow_estimates(items: Table, null: str, labels: Labels, suffix: str = "") -> Iterator[Estimate]:
    """Yield how much of the null arm's successes is lost, and how much of its failures is gained."""
    first, second = items[null], items["constrained"]
    lost, gained = first * (1 - second), (1 - first) * second
    note = AGAINST_PLACEBO if null == "placebo" else ""
    for metric, values in (("lost", lost), ("gained", gained), ("churn", lost + gained)):
        interval = mean_interval(values, items.clusters, resamples=0)
        yield estimate(f"{metric}{suffix}", interval, len(items), "share", labels, note=note)


def all_item_estimates(known: Table, null: str, labels: Labels) -> Iterator[Estimate]:
    """Yield the effect on all items with a usable constraint; a constraint may also help where an item failed."""
    note = AGAINST_PLACEBO if null == "placebo" else ""
    yield difference("ate", known[null], known["constrained"], known.clusters, labels, note=note)
    yield from flow_estimates(known, null, labels, "_all")


def compliance_estimates(items: Table, null: str, labels: Labels) -> Iterator[Estimate]:
    """Yield compliance, its two by two with correctness, and D split by it."""
    judged = items.known("comply_correct")
    if not len(judged):
        return
    complied = judged["comply_correct"] + judged["comply_wrong"]
    yield estimate("compliance", mean_interval(complied, judged.clusters, resamples=0), len(judged), "share", labels)
    for metric in OUTCOMES:
        interval = mean_interval(judged[metric], judged.clusters, resamples=0)
        yield estimate(metric, interval, len(judged), "share", labels)
    for metric, column in (("D_complied", "right_complied"), ("D_violated", "right_violated")):
        part = judged.known(column, null)
        if len(part):
            found = difference(metric, part[null], part[column], part.clusters, labels, note=DESCRIPTIVE, tested=False)
            yield found


def lenient_estimates(items: Table, null: str, labels: Labels) -> Iterator[Estimate]:
    """Yield the score and the interference by the lenient grade, which tells a moved answer from a lost one."""
    if not items.asked("constrained_lenient"):
        return
    graded = items.known("constrained_lenient")
    yield share("sustain_raw_lenient", graded, "constrained_lenient", labels)
    for metric, arm in (("D_lenient", "repeat"), ("D_spec_lenient", "placebo")):
        part = graded.known(f"{arm}_lenient")
        if len(part) and arm in {null, "placebo"}:
            yield difference(metric, part[f"{arm}_lenient"], part["constrained_lenient"], part.clusters, labels)


def sensitivity_estimates(items: Table, null: str, labels: Labels) -> Iterator[Estimate]:
    """Yield the interference where missing answers count as wrong; only where some are missing."""
    if not items["missing"].any():
        return
    for metric, arm in (("D_missing_wrong", "repeat"), ("D_spec_missing_wrong", "placebo")):
        part = items.known(f"{arm}_missing_wrong")
        if len(part) and arm in {null, "placebo"}:
            first, second = part[f"{arm}_missing_wrong"], part["constrained_missing_wrong"]
            note = f"{int((part['missing'] > 0).sum())} of {len(part)} items lack an answer; here it counts as wrong"
            yield difference(metric, first, second, part.clusters, labels, note=note)


def descriptions(items: Table, null: str, labels: Labels) -> Iterator[Estimate]:
    """Yield natural compliance, draws, and how often an answer ended at the limit."""
    import numpy as np

    n = len(items)
    known = items.known("q")
    if len(known):
        value = float(known["q"].mean())
        yield Estimate(metric="natural_compliance", value=value, n=len(known), unit="share", labels=labels)
    yield Estimate(metric="draws", value=float(items["draws"].mean()), n=n, unit="value", labels=labels)
    for metric, column in (("truncated_null", f"{null}_truncated"), ("truncated", "constrained_truncated")):
        if items.asked(column):
            yield Estimate(metric=metric, value=float(np.nanmean(items[column])), n=n, unit="share", labels=labels)


def share(metric: str, items: Table, column: str, labels: Labels) -> Estimate:
    """Return the mean of a column of shares."""
    return estimate(metric, mean_interval(items[column], items.clusters), len(items), "share", labels)


def estimate(metric: str, interval: Interval, n: int, unit: str, labels: Labels, note: str = "") -> Estimate:
    """Return an interval as an estimate."""
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=n,
        unit=unit,
        method=interval.method,
        note=note,
        labels=labels,
    )


def difference(  # what is compared, and how it is told
    metric: str,
    first: Sequence[float] | Array,
    second: Sequence[float] | Array,
    clusters: Clusters,
    labels: Labels,
    *,
    note: str = "",
    tested: bool = True,
) -> Estimate:
    """Return the mean of first - second over paired items, with the rule of three where none differ."""
    import numpy as np

    interval, p = paired_difference(first, second, clusters)
    found = estimate(metric, interval, len(first), "points", labels)
    bound = no_difference_bound(len(clustered(clusters, first))) if np.array_equal(first, second) else ""
    return Estimate(
        metric=metric,
        value=found.value,
        low=found.low,
        high=found.high,
        p=p if tested else None,
        p_equivalence=equivalence_p(first, second, clusters) if tested else None,
        n=found.n,
        unit="points",
        method=found.method,
        note="; ".join(part for part in (note, bound) if part),
        labels=labels,
    )
