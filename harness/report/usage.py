"""What the answers of a run took: tokens by arm, and money where prices are known."""

from __future__ import annotations

from collections.abc import Mapping

from harness.figures import ArmUsage, Table
from harness.prices import Price, cost_of
from harness.report.words import UNKNOWN


def usage_table(usage: Mapping[str, ArmUsage], price: Price | None) -> Table:
    """Return a row for each arm, and one for all of them; answers that the store had are counted like new ones."""
    whole = ArmUsage()
    for one in usage.values():
        for name in ArmUsage.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    rows = [*usage.items(), ("all", whole)]
    return Table(
        title="What the answers took",
        columns=("arm", "answers", "prompt tokens", "from a cache", "answer tokens", "cost"),
        rows=tuple((arm, *cells(one, price)) for arm, one in rows),
        notes=tuple(notes(whole, price)),
    )


def cells(usage: ArmUsage, price: Price | None) -> tuple[str, ...]:
    """Return the cells of one row; what no answer told is not known."""
    told = usage.untold < usage.answers
    tokens = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    cost = cost_of(usage, price)
    return (
        f"{usage.answers:,}",
        *(f"{count:,}" if told else UNKNOWN for count in tokens),
        UNKNOWN if cost is None else f"{cost:,.4f}",
    )


def notes(usage: ArmUsage, price: Price | None) -> list[str]:
    """Return what a reader must know of the sums."""
    said = []
    if usage.untold:
        said.append(f"tokens: {usage.untold:,} answers did not tell theirs, and are not in the sums")
    if price is not None:
        dated = f", prices of {price.dated}" if price.dated else ""
        said.append(f"cost: {price.prompt:g} and {price.answer:g} for a million tokens of prompts and answers{dated}")
    return said
