"""From records to estimates, funnel and reasons, in one pass over the records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness.contracts import Kept, Metric, Task
from harness.data import Record, Response
from harness.errors import blame
from harness.figures import ArmUsage, Estimate
from harness.ledger import Records
from harness.parallel import in_order

#: Reasons for which documents went no further that a report names one by one.
MOST_REASONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the records of a run come to."""

    estimates: tuple[Estimate, ...]
    #: Label and count, "asked" first.
    funnel: Mapping[str, int]
    #: Reasons for which documents went no further, with their number, the most frequent first.
    reasons: Mapping[str, int]
    #: What the answers took, by arm.
    usage: Mapping[str, ArmUsage]


def summary_of(
    records: Records, metrics: Sequence[Metric[Any]], tasks: Mapping[str, Task], counted: Sequence[str]
) -> Summary:
    """Go through the records once, those of a large run by all cores.

    Args:
        records: in document order.
        metrics: of the evaluation that made them.
        tasks: by name, as the records name them.
        counted: the marks that the funnel counts, in order.

    Raises:
        HarnessError: a metric fails; the message names it.
    """
    rows: dict[Any, Kept[Any]] = {metric.row: metric.kept() for metric in metrics}
    owners = {metric.row: metric.name for metric in metrics}
    asked, marks, reasons, usage = 0, Counter[str](), Counter[str](), defaultdict[str, ArmUsage](ArmUsage)
    for share in in_order(partial(share_of, tuple(owners.items()), tasks), records.parts()):
        asked += share.asked
        marks.update(share.marks)
        reasons.update(share.reasons)
        for arm, used in share.usage.items():
            usage[arm].add(used)
        for kept, some in zip(rows.values(), share.rows, strict=True):
            for row in some:
                kept.append(row)
    estimates: list[Estimate] = []
    for metric in metrics:
        with blame(f"metric {metric.name}"):
            estimates += metric.estimate(rows[metric.row], tasks)
    funnel = {"asked": asked} | {mark: marks[mark] for mark in counted}
    return Summary(estimates=tuple(estimates), funnel=funnel, reasons=most_frequent(reasons), usage=dict(usage))


@dataclass(slots=True, kw_only=True)
class Share:
    """What a part of the records comes to."""

    asked: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    usage: defaultdict[str, ArmUsage] = field(default_factory=lambda: defaultdict(ArmUsage))
    #: What each function of `keeps` made of them.
    rows: tuple[list[Any], ...]


def share_of(
    keeps: Sequence[tuple[Callable[[Record, Task], Any], str]], tasks: Mapping[str, Task], records: Iterable[Record]
) -> Share:
    """Go through a part of the records.

    Args:
        keeps: what makes a metric's row of a record, with the metric's name.
        tasks: by name, as the records name them.
        records: the part, in document order.

    Raises:
        HarnessError: a metric fails; the message names it.
    """
    share = Share(rows=tuple([] for _ in keeps))
    for record in records:
        share.asked += 1
        for trial in record.trials:
            count(share.usage[trial.arm], trial.responses)
        share.marks.update(record.marks)
        if record.why:
            share.reasons[record.why] += 1
        task = tasks[record.task]
        for (keep, owner), kept in zip(keeps, share.rows, strict=True):
            with blame(f"metric {owner}, document {record.doc}"):
                row = keep(record, task)
            if row is not None:
                kept.append(row)
    return share


def count(usage: ArmUsage, responses: Iterable[Response]) -> None:
    """Add answers to what an arm took; requests that failed took nothing that was told."""
    for response in responses:
        if response.finish == "error":
            continue
        told = response.usage
        usage.answers += 1
        usage.prompt_tokens += told.prompt_tokens or 0
        usage.cached_tokens += told.cached_tokens or 0
        usage.completion_tokens += told.completion_tokens or 0
        usage.untold += told.prompt_tokens is None or told.completion_tokens is None


def most_frequent(reasons: Counter[str]) -> dict[str, int]:
    """Return the reasons by frequency, and the sum of those beyond what a reader reads."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[MOST_REASONS:])
    return dict(ordered[:MOST_REASONS]) | ({"for other reasons": rest} if rest else {})
