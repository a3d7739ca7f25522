"""What a report says of the constraints: candidates and guards by family, natural compliance by stratum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness import Estimate, Record, Task
from harness_sustainscore.choice import OFFERED
from harness_sustainscore.guards import GUARDS
from harness_sustainscore.natural import STRATA, UNKNOWN, Observed, natural_compliance, observed, stratum_of
from harness_sustainscore.sharing import shared


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
    seen = shared(observed(record))
    return DrawnRow(task=record.task, domain=task.domain, counts=record.guards, constraints=seen)


@dataclass(slots=True, kw_only=True)
class Totals:
    """What the rows of one task come to."""

    domain: str
    #: By family: candidates by what became of them, and the documents that had any.
    candidates: dict[str, Counter[str]] = field(default_factory=dict)
    documents: Counter[str] = field(default_factory=Counter)
    constraints: list[Observed] = field(default_factory=list)


class Drawn:
    """The rows of a run, summed as they come."""

    def __init__(self) -> None:
        self.tasks: dict[str, Totals] = {}

    def append(self, row: DrawnRow) -> None:
        """Add a row to the totals of its task."""
        total = self.tasks.setdefault(row.task, Totals(domain=row.domain))
        for family, counts in row.counts.items():
            total.candidates.setdefault(family, Counter()).update(counts)
            total.documents[family] += 1
        total.constraints.extend(row.constraints)


def drawn_estimates(drawn: Drawn, _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return, for each task, the counts of each family and the natural compliance of each stratum."""
    for task, total in drawn.tasks.items():
        labels = {"task": task, "domain": total.domain}
        yield from guard_estimates(total, labels)
        yield from natural_estimates(total.constraints, labels)


def guard_estimates(total: Totals, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield how many candidates of each family were tried, turned away by each guard, and passed."""
    for family in sorted(total.candidates):
        found = total.candidates[family]
        gates = dict.fromkeys((*GUARDS, *sorted(found.keys() - {OFFERED})))  # a model's constraints have further ones
        passed = found[OFFERED] - sum(found[gate] for gate in gates)
        for column in (OFFERED, *gates, "passed"):
            value = passed if column == "passed" else found[column]
            more = {**labels, "candidates of": family}
            yield Estimate(metric=column, value=value, n=total.documents[family], unit="count", labels=more)


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
