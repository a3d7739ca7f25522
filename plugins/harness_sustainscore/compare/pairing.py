"""Two runs on their common successes: items whose selection sample both solved, with both arms judged.

Without that, the model that solves more also has the harder items among its successes, and its raw score falls for
free (method 8). What is paired is each item's own D_spec, placebo less constrained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import Estimate
from harness.stats import equivalence_p, mean_interval, paired_difference, standard_error
from harness_sustainscore.rows import ALL, SustainRow, Tally

#: Item of a run: task, document and number of constraints.
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One solved item at one number of constraints."""

    domain: str
    family: str
    cluster: str
    #: Share of solved draws with the placebo, less that with the constraints.
    drop: float


def items_of(rows: Sequence[SustainRow]) -> dict[Key, Item]:
    """Return the solved items of a run of which both arms are known."""
    return {
        (row.task, row.doc, cell.k): Item(
            domain=row.domain,
            family=cell.family,
            cluster=row.cluster,
            drop=share(cell.placebo) - share(cell.constrained),
        )
        for row in rows
        if row.selected
        for cell in row.cells
        if cell.placebo is not None and cell.placebo.draws and cell.constrained.draws
    }


def share(tally: Tally) -> float:
    """Return the share of solved draws."""
    return tally.solved / tally.draws


def pair_estimates(first: Sequence[SustainRow], second: Sequence[SustainRow]) -> Iterator[Estimate]:
    """Yield, for each task or domain, number of constraints and family, how much more the second run loses."""
    one, other = items_of(first), items_of(second)
    common = [key for key in one if key in other]
    for labels, keys in groups(common, one, other):
        before, after = [one[key].drop for key in keys], [other[key].drop for key in keys]
        clusters = [one[key].cluster for key in keys]
        yield whole("D_spec_first", before, clusters, labels)
        yield whole("D_spec_second", after, clusters, labels)
        interval, p = paired_difference(after, before, clusters)
        yield Estimate(
            metric="difference",
            value=interval.value,
            low=interval.low,
            high=interval.high,
            p=p,
            p_equivalence=equivalence_p(after, before, clusters),
            n=len(keys),
            unit="points",
            stderr=standard_error([b - a for a, b in zip(before, after, strict=True)], clusters),
            method=interval.method,
            labels=labels,
        )


def whole(metric: str, drops: Sequence[float], clusters: Sequence[str], labels: dict[str, str]) -> Estimate:
    """Return the mean of one run's drops."""
    interval = mean_interval(drops, clusters)
    return Estimate(
        metric=metric,
        value=interval.value,
        low=None,  # the interval of interest is that of the difference
        high=None,
        n=len(drops),
        unit="points",
        method=interval.method,
        labels=labels,
    )


def groups(
    keys: Sequence[Key], one: dict[Key, Item], other: dict[Key, Item]
) -> Iterator[tuple[dict[str, str], list[Key]]]:
    """Yield the common items by task, and by domain where it has several; by k, and by family where both used it."""
    scopes: dict[tuple[str, str], list[Key]] = {}
    for key in keys:
        scopes.setdefault((one[key].domain, key[0]), []).append(key)
    domains: dict[str, list[str]] = {}
    for domain, task in scopes:
        domains.setdefault(domain, []).append(task)
    for domain, tasks in domains.items():
        if len(tasks) > 1:
            scopes[domain, ALL] = [key for task in tasks for key in scopes[domain, task]]
    for (domain, task), members in scopes.items():
        for k in sorted({key[2] for key in members}):
            same = [key for key in members if key[2] == k]
            labels = {"task": task, "domain": domain, "k": str(k), "family": ALL}
            yield labels, same
            shared = [key for key in same if one[key].family == other[key].family]
            families = sorted({one[key].family for key in shared})
            for family in families if len(families) > 1 else ():
                yield {**labels, "family": family}, [key for key in shared if one[key].family == family]
