"""What tokens cost: a price is data with a date, from a backend's table or from the user's file, which wins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from harness.data import Json, Usage
from harness.errors import HarnessError
from harness.figures import ArmUsage

MILLION = 1e6
#: What providers put behind a model's name for the day of its making: -2024-08-06, -20250514.
DAY = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a million tokens cost, in US dollars unless the table's owner means another currency."""

    prompt: float
    answer: float
    #: Of a prompt's tokens that were read from the provider's cache; None: as the others.
    cached: float | None = None
    #: The share of these prices that a batch API asks.
    batch: float = 1.0
    #: When this was so; empty: nobody said.
    dated: str = ""

    def of(self, usage: Usage) -> float | None:
        """Return what one answer cost; None where its tokens were not told.

        >>> Price(prompt=2.0, answer=10.0, cached=1.0).of(Usage(prompt_tokens=1000, completion_tokens=100))
        0.003
        >>> Price(prompt=2.0, answer=10.0).of(Usage(prompt_tokens=1000)) is None
        True
        """
        if usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        cached = min(usage.cached_tokens or 0, usage.prompt_tokens)
        cheap = self.prompt if self.cached is None else self.cached
        asked = (usage.prompt_tokens - cached) * self.prompt + cached * cheap
        return (asked + usage.completion_tokens * self.answer) / MILLION

    @property
    def batched(self) -> Price:
        """The price of a batch API."""
        cached = None if self.cached is None else self.cached * self.batch
        return replace(self, prompt=self.prompt * self.batch, answer=self.answer * self.batch, cached=cached, batch=1.0)


def cost_of(usage: ArmUsage, price: Price | None) -> float | None:
    """Return what the told tokens of an arm cost; None without a price, or where none were told."""
    if price is None or usage.untold == usage.answers:
        return None
    return price.of(
        Usage(
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
        )
    )


def usage_rows(usage: Mapping[str, ArmUsage], price: Price | None) -> dict[str, Json]:
    """Return what each arm took and cost, as results.json holds it."""
    return {arm: {**msgspec.to_builtins(one), "cost": cost_of(one, price)} for arm, one in usage.items()}


def read_prices(path: Path) -> dict[str, Price]:
    """Read a table of prices, YAML or JSON: model name -> {in, out, cached, batch, dated}, for a million tokens.

    Raises:
        HarnessError: it cannot be read, or a price is none.
    """
    import yaml

    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {str(name): price_in(row) for name, row in rows.items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise HarnessError(
            f"prices {path}: {' '.join(str(error).split())}; wanted: model name -> {{in: 1.0, out: 2.0}}"
        ) from error


def price_in(row: Mapping[str, Json]) -> Price:
    """Return the price that a row of a table tells.

    Raises:
        KeyError, TypeError, ValueError: it tells none.
    """
    unknown = set(row) - {"in", "out", "cached", "batch", "dated"}
    if unknown:
        raise ValueError(f"{min(map(str, unknown))!r} is none of in, out, cached, batch, dated")
    numbers = {name: float(row[name]) for name in ("in", "out", "cached", "batch") if row.get(name) is not None}
    if not all(0 <= value < float("inf") for value in numbers.values()):
        raise ValueError("a price must be a number from 0 up")
    return Price(
        prompt=numbers["in"],
        answer=numbers["out"],
        cached=numbers.get("cached"),
        batch=numbers.get("batch", 1.0),
        dated=str(row.get("dated") or ""),
    )


def price_of(model: str, table: Mapping[str, Price]) -> Price | None:
    """Return the price of `BACKEND:NAME` or `NAME`; a day at the end of the name may be left out in the table.

    >>> table = {"gpt-4o": Price(prompt=2.5, answer=10.0)}
    >>> price_of("openai:gpt-4o-2024-08-06", table).answer, price_of("gpt-4o-mini", table)
    (10.0, None)
    """
    name = model.partition(":")[2]
    for one in (model, name, DAY.sub("", model), DAY.sub("", name)):
        if one in table:
            return table[one]
    return None
