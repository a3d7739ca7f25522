"""What a report says of the constraints: candidates and guards by family, natural compliance by stratum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Record, Task
from harness_sustainscore.choice import OFFERED
from harness_sustainscore.guards import GUARDS
from harness_sustainscore.natural import STRATA, UNKNOWN, Observed, natural_compliance, observed, stratum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """What is kept of a record: the candidates that were tried, and the constraints that were drawn."""

    task: str
    domain: str
    counts: Mapping[str, Mapping[str, int]]
    constraints: tuple[Observed, ...]


def drawn_row(record: Record, task: Task) -> DrawnRow | None:
    """Keep of a record what is told of its constraints; None where none was tried."""
    if not record.guards and not record.constraints:
        return None
    return DrawnRow(task=record.task, domain=task.domain, counts=record.guards, constraints=observed(record))


def drawn_estimates(rows: Sequence[DrawnRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return, for each task, the counts of each family and the natural compliance of each stratum."""
    for task in dict.fromkeys(row.task for row in rows):
        members = [row for row in rows if row.task == task]
        labels = {"task": task, "domain": members[0].domain}
        yield from guard_estimates([row.counts for row in members], labels)
        yield from natural_estimates([one for row in members for one in row.constraints], labels)


def guard_estimates(counts: Sequence[Mapping[str, Mapping[str, int]]], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield how many candidates of each family were tried, turned away by each guard, and passed."""
    for family in sorted({family for one in counts for family in one}):
        total: Counter[str] = Counter()
        for one in counts:
            total.update(one.get(family, {}))
        gates = dict.fromkeys((*GUARDS, *sorted(total.keys() - {OFFERED})))  # a model's constraints have further ones
        total["passed"] = total[OFFERED] - sum(total[gate] for gate in gates)
        n = sum(family in one for one in counts)
        for column in (OFFERED, *gates, "passed"):
            yield Estimate(
                metric=column, value=total[column], n=n, unit="count", labels={**labels, "candidates of": family}
            )


def natural_estimates(seen: Sequence[Observed], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield how many drawn constraints lie in each stratum, and their mean q; None where it was not observed."""
    types = natural_compliance(seen)
    known: dict[str, list[float | None]] = {}
    for one in seen:
        q = types[one.task, one.type].q(one)
        known.setdefault(stratum_of(q, one.declared), []).append(q)
    for stratum in (*STRATA, UNKNOWN):
        if stratum not in known:
            continue
        found = [q for q in known[stratum] if q is not None]
        more = {**labels, "natural compliance": stratum}
        yield Estimate(
            metric="constraints", value=len(known[stratum]), n=len(known[stratum]), unit="count", labels=more
        )
        yield Estimate(
            metric="natural_q",
            value=sum(found) / len(found) if found else None,
            n=len(found),
            unit="share",
            method="share of the other base answers that meet it, pooled by type (beta-binomial)",
            note="" if found else "one base answer a document: the stratum is the one that the type declares",
            labels=more,
        )
