"""Any server that speaks Anthropic's protocol, by plain HTTP: no client library, one connection pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness import Model
from harness.prices import Price
from harness_backends.anthropic.options import AnthropicOptions

__all__ = ["AnthropicOptions", "open_anthropic", "price_of_anthropic"]


@asynccontextmanager
async def open_anthropic(name: str, options: AnthropicOptions) -> AsyncIterator[Model]:
    """Open a model of a server.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    from harness_backends.anthropic.model import opened

    async with opened(name, options) as model:
        yield model


def price_of_anthropic(name: str, options: AnthropicOptions) -> Price | None:
    """Return what Anthropic asks for a model; None where another server is asked, or the model is not known."""
    from harness_backends.http.known_prices import provider_price
    from harness_backends.http.provider import ANTHROPIC

    return provider_price(ANTHROPIC, name, options)
