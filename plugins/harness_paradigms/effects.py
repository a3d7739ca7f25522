"""What a step changes: D_spec of the later member less that of the earlier, paired on items (method 8).

Primary are portable constraints on common successes: the same text on the same items, so neither other constraints
nor a harder set of successes can make a difference. Own constraints come second, re-weighted (`reweighted`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness import Estimate
from harness.stats import difference_interval
from harness_paradigms.lineage import Lineage
from harness_paradigms.reweighted import reweighted_difference
from harness_paradigms.runs import Runs
from harness_paradigms.steps import Step
from harness_sustainscore import ALL, StoredRun, items_of, pair_estimates

PORTABLE, OWN = "difference", "difference_own"


def labelled(step: Step, one: Estimate) -> Estimate:
    """Return an estimate that says which step it belongs to."""
    return replace(one, labels={"lineage": step.lineage, "step": step.name, "stages": step.stages, **one.labels})


def portable_effects(step: Step, runs: Runs) -> Iterator[Estimate]:
    """Yield the differences on common successes; nothing where one of the two has no run."""
    before, after = runs.of(step.lineage, step.before, "portable"), runs.of(step.lineage, step.after, "portable")
    if before is not None and after is not None:
        yield from (labelled(step, one) for one in pair_estimates(before.rows, after.rows))


def own_effects(step: Step, runs: Runs) -> Iterator[Estimate]:
    """Yield the differences on own successes, re-weighted to a common difficulty, for each task."""
    before, after = runs.of(step.lineage, step.before, "own"), runs.of(step.lineage, step.after, "own")
    if before is None or after is None:
        return
    tasks = {row.task: row.domain for row in before.rows}
    for task, domain in tasks.items():
        labels = {"task": task, "domain": domain, "k": "1", "family": ALL}
        first, second = ([row for row in run.rows if row.task == task] for run in (before, after))
        yield labelled(step, reweighted_difference(first, second, labels))


def rungs(lineage: Lineage, runs: Runs) -> Iterator[Estimate]:
    """Yield D_spec of each member on the items that all members of the lineage solved, for the ladder."""
    found: dict[str, StoredRun] = {}
    for member in lineage.members:
        run = runs.of(lineage.id, member, "portable")
        if run is not None:
            found[member.name] = run
    if len(found) < 2:  # noqa: PLR2004  # one rung is no ladder
        return
    items = {name: items_of(run.rows) for name, run in found.items()}
    common = [key for key in next(iter(items.values())) if all(key in its for its in items.values())]
    smallest = min((key[2] for key in common), default=1)
    domains = {row.task: row.domain for run in found.values() for row in run.rows}
    for task in dict.fromkeys(key[0] for key in common):
        keys = [key for key in common if key[0] == task and key[2] == smallest]
        for place, (name, its) in enumerate(items.items()):
            interval = difference_interval([its[key].drop for key in keys], [its[key].cluster for key in keys])
            yield Estimate(
                metric="rung",
                value=interval.value,
                low=interval.low,
                high=interval.high,
                n=len(keys),
                unit="points",
                method=interval.method,
                labels={
                    "lineage": lineage.id,
                    "member": name,
                    "place": str(place),
                    "task": task,
                    "domain": domains[task],
                    "k": str(smallest),
                },
            )
