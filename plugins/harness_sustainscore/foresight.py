"""What a run could see, before it: the least interference that a test would find, from the draws of a pilot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness import Estimate, Record, Task
from harness.stats import Noise, design_effect, draw_noise, items_needed, least_effect
from harness_sustainscore.estimators import STRICT, WHOLE, task_groups
from harness_sustainscore.natural import natural_compliance, set_stratum
from harness_sustainscore.options import SustainOptions
from harness_sustainscore.rows import ALL, SustainRow, sustain_row

NO_NOISE = "unknown: the pilot holds no two answers of one solved document; take a pilot with base_draws=4"
FROM_PLACEBO = "noise from the placebo arm of the pilot, as asking again tells nothing"
NOT_SEEN = "beyond what this model can lose"
CLUSTERS_UNSEEN = (
    "its clusters are taken for independent: how alike they differ is seen in a pilot with constrained and placebo arms"
)
ASSUMED = "80 % power, two-sided 5 %; items as alike as the pilot's, an effect in proportion to each item's chance"


def foresee(
    records: Sequence[Record],
    tasks: Mapping[str, Task],
    counts: Mapping[str, int],
    options: SustainOptions,
    effect: float | None,
) -> Iterator[Estimate]:
    """Yield, for each task and domain, the solved documents to expect, and the least D_spec that they show.

    Args:
        records: of the pilot; only their base answers are needed.
        tasks: of the plan.
        counts: documents of each task in the planned run.
        options: of the planned run.
        effect: D_spec that one would like to see; None: none.
    """
    rows = [row for record in records if (row := sustain_row(record, tasks[record.task])) is not None]
    pooled = natural_compliance(one for row in rows for one in row.observed)
    for labels, members in task_groups(rows):
        inside = [name for name, task in tasks.items() if task.domain == labels["domain"]]
        names = inside if labels["task"] == ALL else [labels["task"]]
        planned = sum(counts[name] for name in names)
        drawn = [row for row in members if row.selected and row.observed]
        strict = [row for row in drawn if set_stratum(pooled, row.observed[:1]) == STRICT]
        share = sum(row.selected for row in members) / len(members)
        usable = len(drawn) / len(members)
        yield expected("solved_expected", planned * share, members, labels)
        yield expected("constrained_expected", planned * usable, members, labels)
        cells = [({**labels, "k": "1", **WHOLE}, usable)]
        if strict:
            cells.append(({**labels, "k": "1", **WHOLE, "stratum": STRICT}, len(strict) / len(members)))
        pilot = pilot_of(members)
        for named, part in cells:
            yield from seen(planned * part, pilot, options.draws, effect, named)


def seen(items: float, pilot: Pilot, draws: int, effect: float | None, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the least effect that so many items show, and how many a wished one takes."""
    n, noise, note = round(items), pilot.noise, pilot.note
    if noise is None:
        yield Estimate(metric="least_effect", value=None, n=n, unit="points", note=note, labels=labels)
        return
    least = least_effect(items / pilot.design_effect, noise, draws)
    why = f"{NOT_SEEN} with {n} items" if least is None else note
    yield Estimate(metric="least_effect", value=least, n=n, unit="points", note=why, labels=labels)
    if effect is not None:
        needed = items_needed(effect, noise, draws)
        why = NOT_SEEN if needed is None else f"solved items with a constraint, for D_spec of {100 * effect:g} points"
        value = None if needed is None else float(math.ceil(needed * pilot.design_effect))
        yield Estimate(metric="items_needed", value=value, n=n, unit="count", note=why, labels=labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What a pilot tells of the noise that a run will have."""

    noise: Noise | None
    #: By how much clusters raise the square of a difference; 1 where there are none, or where it is not known.
    design_effect: float
    #: What rests on what.
    note: str


def pilot_of(rows: Sequence[SustainRow]) -> Pilot:
    """Return what the rows of a pilot tell."""
    noise, note = pilot_noise(rows)
    if noise is None or len({row.cluster for row in rows}) == len(rows):
        return Pilot(noise=noise, design_effect=1.0, note=note)
    pairs = [
        (cell.placebo.solved / cell.placebo.draws - cell.constrained.solved / cell.constrained.draws, row.cluster)
        for row in rows
        if row.selected
        for cell in row.cells[:1]
        if cell.placebo is not None and cell.placebo.draws and cell.constrained.draws
    ]
    raised = design_effect([one for one, _ in pairs], [cluster for _, cluster in pairs])
    if raised is None:
        return Pilot(noise=noise, design_effect=1.0, note=f"{note}; {CLUSTERS_UNSEEN}")
    return Pilot(noise=noise, design_effect=raised, note=f"{note}; design effect of its clusters {raised:.2f}")


def pilot_noise(rows: Sequence[SustainRow]) -> tuple[Noise | None, str]:
    """Return how much draws vary, and what rests on it: from base draws; else from the placebo arm."""
    noise = draw_noise([row.base for row in rows])
    if noise is not None:
        return noise, ASSUMED
    idle = [cell.placebo for row in rows if row.selected for cell in row.cells[:1] if cell.placebo is not None]
    shares = [one.solved / one.draws for one in idle if one.draws]
    if not shares:
        return None, NO_NOISE
    floor = sum(shares) / len(shares)
    return Noise(floor=floor, both=floor**2), f"{ASSUMED}; {FROM_PLACEBO}"


def expected(metric: str, value: float, members: Sequence[SustainRow], labels: Mapping[str, str]) -> Estimate:
    """Return how many documents are to be expected."""
    return Estimate(metric=metric, value=value, n=len(members), unit="count", labels=labels)
