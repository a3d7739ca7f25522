"""Any server that speaks OpenAI's protocol, by plain HTTP: no client library, one connection pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness import Model
from harness.prices import Price
from harness_backends.openai.options import OpenAIOptions

__all__ = ["OpenAIOptions", "open_openai", "price_of_openai"]


@asynccontextmanager
async def open_openai(name: str, options: OpenAIOptions) -> AsyncIterator[Model]:
    """Open a model of a server.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    from harness_backends.openai.model import opened

    async with opened(name, options) as model:
        yield model


def price_of_openai(name: str, options: OpenAIOptions) -> Price | None:
    """Return what OpenAI asks for a model; None where another server is asked, or the model is not known."""
    from harness_backends.http.known_prices import provider_price
    from harness_backends.http.provider import OPENAI

    return provider_price(OPENAI, name, options)
