"""What a run may spend: each request sets aside the most it can take before it is sent, and gives back what it did not.

So a budget is kept however many requests are in flight; as it runs out fewer are, and the last ones are refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from harness.data import Request, Response, Usage
from harness.errors import RequestFailed
from harness.prices import Price

#: Bytes of a prompt to a token, at the least that is usual: for what is set aside, not for what is counted.
BYTES = 3


@dataclass(slots=True)
class Pot:
    """One limit, and how much of it is gone."""

    flag: str
    #: None: there is none.
    limit: float | None = None
    spent: float = 0.0
    #: For requests under way.
    aside: float = 0.0

    def fits(self, most: float) -> bool:
        """Whether so much more may be set aside."""
        return self.limit is None or self.spent + self.aside + most <= self.limit


@dataclass(slots=True)
class Budget:
    """The limits of one run, over all its models: money, and tokens of prompts and answers together."""

    cost: Pot = field(default_factory=lambda: Pot("--max-cost"))
    tokens: Pot = field(default_factory=lambda: Pot("--max-tokens-total"))
    _under_way: int = 0
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def spend(self, request: Request, price: Price | None, ask: Callable[[], Awaitable[Response]]) -> Response:
        """Return what `ask` answers, within the limits; waits while requests under way may give back enough.

        An answer that does not tell its tokens is taken to have had all that was set aside for it.

        Raises:
            RequestFailed: there is not enough left.
        """
        if self.cost.limit is None and self.tokens.limit is None:
            return await ask()
        most = most_of(request)
        sums = amounts(most, price)
        await self._set_aside(sums)
        took = (0.0, 0.0)
        try:
            response = await ask()
            if response.finish != "error":
                took = amounts(told(response.usage, most), price)
            return response
        finally:
            for pot, aside, gone in zip((self.cost, self.tokens), sums, took, strict=True):
                pot.aside -= aside
                pot.spent += gone
            self._under_way -= 1
            self._ended.set()

    async def _set_aside(self, sums: tuple[float, float]) -> None:
        """Set sums of money and tokens aside, as soon as they are there."""
        pots = (self.cost, self.tokens)
        while short := [pot for pot, most in zip(pots, sums, strict=True) if not pot.fits(most)]:
            if not self._under_way:
                raise RequestFailed(
                    f"the budget is spent ({short[0].flag} {short[0].limit:g}): raise it and run again, "
                    "what is answered is kept"
                )
            self._ended.clear()
            await self._ended.wait()
        for pot, most in zip(pots, sums, strict=True):
            pot.aside += most
        self._under_way += 1


def most_of(request: Request) -> Usage:
    """Return the tokens that a request can take at the most; its prompt's are estimated from its bytes."""
    text = request.prompt.text + request.continuation
    asked = len(text.encode("utf-8", "replace")) // BYTES + 1
    return Usage(
        prompt_tokens=asked, completion_tokens=request.sampling.max_tokens if request.kind == "generate" else 1
    )


def told(usage: Usage, most: Usage) -> Usage:
    """Return the tokens of an answer; the most that it can have had, where it does not tell them."""
    return most if usage.prompt_tokens is None or usage.completion_tokens is None else usage


def amounts(usage: Usage, price: Price | None) -> tuple[float, float]:
    """Return money and tokens; without a price no money."""
    cost = price.of(usage) if price else None
    return cost or 0.0, float((usage.prompt_tokens or 0) + (usage.completion_tokens or 0))
