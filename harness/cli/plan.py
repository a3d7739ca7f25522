"""`harness plan`: what a run would cost and could tell, before anything is spent; takes the flags of `run`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.flags import Flags, flags_of
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.prices import Price


def plan(  # the flags are the interface
    context: typer.Context,
    pilot: Annotated[
        Path | None, typer.Option(help="Folder of a run that shows how the model answers. Default: the store.")
    ] = None,
    effect: Annotated[float | None, typer.Option(help="Drop to be seen, in points: 2 for two points.")] = None,
    price_in: Annotated[float | None, typer.Option(help="Price of a million tokens of prompts.")] = None,
    price_out: Annotated[float | None, typer.Option(help="Price of a million tokens of answers.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the forecast as JSON.")] = False,
) -> None:
    """Tell what a run would cost and the least effect it could see; asks nothing. Takes the flags of `run` besides."""
    import msgspec

    from harness.cli.run import opened
    from harness.forecast import forecast
    from harness.preparing import prepare

    planned, registry = opened(run_flags(context.args))
    prepared = prepare(planned, registry)
    found = forecast(planned, prepared, pilot, None if effect is None else effect / 100)
    price = given_price(price_in, price_out) or prepared.price
    if json:
        from harness.report import print_json

        value = {**msgspec.to_builtins(found), "price": None if price is None else found.price(price)}
        print_json(value)
        return
    for line in lines(found, price):
        print(line)


def run_flags(words: list[str]) -> Flags:
    """Return the flags of `run` from words, read by its own command.

    Raises:
        HarnessError: one that is nothing to a plan, or a value that cannot be.
    """
    from harness.cli.app import run_command

    context = run_command().make_context("harness plan", words)
    flags = flags_of(context.params, context.args)
    if flags.dry_run:
        raise HarnessError("plan asks nothing, so it takes no --dry-run; `harness run --dry-run` prints the prompts")
    return flags


def given_price(price_in: float | None, price_out: float | None) -> Price | None:
    """Return the price that the flags give; None where they give none.

    Raises:
        HarnessError: half a price.
    """
    if price_in is None and price_out is None:
        return None
    if price_in is None or price_out is None:
        raise HarnessError("--price-in and --price-out go together: a price for a million tokens each")
    from harness.prices import Price

    return Price(prompt=price_in, answer=price_out)


def lines(found: Any, price: Price | None) -> Iterator[str]:
    """Yield the forecast for a reader."""
    from harness.report import amount

    for cost in found.costs:
        shares = ", ".join(f"{arm} {count:,}" for arm, count in cost.most.items())
        yield f"{cost.task}: {cost.documents:,} documents"
        yield f"  requests, at most: {sum(cost.most.values()):,} ({shares})"
        if cost.expected is not None:
            yield f"  requests, expected: {cost.expected:,.0f}"
        how = "counted by the model" if cost.counted else "about, as no answer is known: answers at their limit"
        yield (
            f"  tokens ({how}): prompts {cost.requests * cost.prompt_tokens:,.0f}, "
            f"answers {cost.requests * cost.answer_tokens:,.0f}"
        )
    if price is None:
        yield "price: not known; give --price-in and --price-out, or --prices"
    else:
        dated = f" of {price.dated}" if price.dated else ""
        yield f"price: {found.price(price):,.2f}, at {price.prompt:g} and {price.answer:g} a million tokens{dated}"
    yield f"pilot: {found.pilot:,} documents ({found.source})"
    for one in found.estimates:
        name = " ".join(value for value in one.labels.values() if value)
        note = f" ({one.note})" if one.note else ""
        yield f"  {name}: {one.metric} {amount(one.value, one.unit)}{note}"
