"""Attention of wrong against right answers to one prompt, for each member of a study."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import Estimate, HarnessError, Table
from harness.options import options_from
from harness.registry import Registry
from harness.report import amount, bounds, interval_text, p_text
from harness_attention import analyse
from harness_study.carry import OWN, Carrier, Outcome

#: Labels of the primary quantity: lift over the final answer, whole run.
PRIMARY = {"position": "all", "quantity": "lift", "phase": "final"}

#: By member, its estimates; or why there are none.
Found = Mapping[str, Sequence[Estimate] | str]


def attended(carrier: Carrier, outcomes: Sequence[Outcome]) -> Found:
    """Return the estimates of each member, from its answers to its own constraints."""
    most, models = carrier.study.attention, carrier.study.models
    count = most if carrier.limit is None else min(carrier.limit, most)
    found: dict[str, Sequence[Estimate] | str] = {}
    for one in outcomes:
        if count and one.part == OWN:
            carrier.say(f"{one.member}: attention, {count} documents a task")
            try:
                found[one.member] = asyncio.run(measured(models[one.member], carrier.registry, one.folder, count))
            except HarnessError as error:
                found[one.member] = " ".join(str(error).split())
    return found


async def measured(model: str, registry: Registry, folder: Path, count: int) -> Sequence[Estimate]:
    """Return the estimates of one run."""
    name, _, rest = model.partition(":")
    backend = registry.pick("backend", registry.backends, name)
    async with backend.open(rest, options_from(backend.options, {}, f"backend {name}")) as opened:
        return tuple(analyse(folder, opened, limit=count).estimates)


def attention_table(found: Found) -> Table:
    """Return the lift of right and wrong answers to one prompt, constraint and placebo."""
    rows: list[tuple[str, ...]] = []
    for member, estimates in found.items():
        if isinstance(estimates, str):
            rows.append((member, "", "", "", "", "", estimates))
            continue
        cells: dict[tuple[str, str], dict[str, Estimate]] = {}
        for one in estimates:
            if set(one.labels) == {"task", "span", *PRIMARY} and PRIMARY.items() <= one.labels.items():
                cells.setdefault((one.labels["task"], one.labels["span"]), {})[one.metric] = one
        for (task, span), its in cells.items():
            difference = its["difference"]
            if difference.value is None:
                continue
            sides = (amount(its[name].value, its[name].unit) if name in its else "-" for name in ("right", "wrong"))
            rows.append((member, task, span, f"{difference.n:,}", *sides, told(difference)))
    return Table(
        title="Attention of right and wrong answers",
        columns=("model", "task", "span", "items", "right", "wrong", "difference"),
        rows=tuple(rows),
        notes=(
            "lift over the final answer, on items with right and wrong answers to one prompt; the placebo is the null",
            "left out: where fewer than two items have both",
            "attention that goes with an outcome need not be its cause",
        ),
    )


def told(one: Estimate) -> str:
    """Return a difference with interval and p-value."""
    if one.p_adjusted is None:
        return interval_text(one)
    return f"{amount(one.value, one.unit)} {bounds(one)} p {p_text(one.p_adjusted)}"
