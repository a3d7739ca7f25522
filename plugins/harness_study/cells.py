"""The numbers of a study by what they stand for: whole tasks, families, numbers of constraints, classes of failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import Estimate
from harness_study.carry import Outcome
from harness_sustainscore import ALL, SPLITS


def of_part(outcomes: Sequence[Outcome], part: str) -> Iterator[tuple[str, Estimate]]:
    """Yield member and estimate of all runs of a part."""
    for one in outcomes:
        if one.part == part:
            yield from ((one.member, estimate) for estimate in one.estimates)


def whole(one: Estimate, but: str = "") -> bool:
    """Whether an estimate stands for a whole cell of a report; or for one split of it, if named."""
    return "k" in one.labels and all(
        (one.labels.get(name, ALL) == ALL) is (name != but) for name in SPLITS if name in one.labels or name == but
    )


def metric(outcomes: Sequence[Outcome], part: str, name: str, but: str = "") -> Iterator[tuple[str, Estimate]]:
    """Yield member and estimate of one metric of whole cells, or of one split of them."""
    for member, one in of_part(outcomes, part):
        if one.metric == name and whole(one, but):
            yield member, one


def excess(outcomes: Sequence[Outcome], part: str) -> Iterator[tuple[str, Estimate]]:
    """Yield the excess of each class of failure over the placebo; where that is the only null it is called `excess`."""
    for one in outcomes:
        if one.part == part:
            spec = [found for found in one.estimates if found.metric == "excess_spec"]
            plain = [found for found in one.estimates if found.metric == "excess"]
            yield from ((one.member, found) for found in spec or plain)


def keyed(found: Iterator[tuple[str, Estimate]], *labels: str) -> dict[tuple[str, ...], dict[str, Estimate]]:
    """Return estimates by the values of their labels, then by member."""
    cells: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for member, one in found:
        if one.labels["task"] != ALL:  # pools of two domains would be one cell
            cells.setdefault(tuple(one.labels[name] for name in labels), {})[member] = one
    return cells


def by_metric(outcome: Outcome, task: str, k: str) -> Mapping[str, Estimate]:
    """Return the estimates of one whole task of a run at one number of constraints."""
    return {
        one.metric: one
        for one in reversed(outcome.estimates)
        if one.labels.get("task") == task
        and one.labels.get("k", k) == k
        and "class" not in one.labels
        and all(one.labels.get(name, ALL) == ALL for name in SPLITS)
    }


def tasks_of(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the tasks in order; a domain's pool of several tasks is left out."""
    found = (one.labels["task"] for part in outcomes for one in part.estimates if "task" in one.labels)
    return [task for task in dict.fromkeys(found) if task != ALL]
