"""A model behind a server that speaks Anthropic's protocol."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from harness import BackendError, Json, Kind, Request, Response
from harness_backends.anthropic.batches import AnthropicBatches
from harness_backends.anthropic.options import AnthropicOptions
from harness_backends.anthropic.wire import answer, body
from harness_backends.batch.collector import Ask, asking
from harness_backends.http.connection import connected
from harness_backends.http.provider import ANTHROPIC


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicModel:
    """One model of one server; requests run at once, as many as its pace allows."""

    name: str
    options: AnthropicOptions
    identity: Mapping[str, str]
    #: How its requests are asked: by themselves, or in batches.
    ask: Ask
    #: A server batches as it likes, so that greedy answers may differ from run to run.
    deterministic: bool = False
    can: frozenset[Kind] = frozenset({"generate"})

    @property
    def concurrency(self) -> int:
        """As many as the options say; the pace keeps to what the server bears."""
        return self.options.width

    async def generate(self, request: Request) -> Response:
        """Return a continuation; thinking stands before it between <think> and </think>."""
        asked = body(self.name, request, self.options)
        return await self.ask(request, "messages", asked, lambda reply: answer(reply, request))

    async def loglikelihood(self, request: Request) -> Response:
        """Refuse: the protocol tells no log-probabilities."""
        raise BackendError(f"anthropic: {request.kind} cannot be asked: the protocol tells no log-probabilities")


@asynccontextmanager
async def opened(name: str, options: AnthropicOptions) -> AsyncIterator[AnthropicModel]:
    """Open a connection pool to the server; nothing is sent before the first request.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    if not name:
        raise BackendError("anthropic: which model? --model anthropic:MODEL")
    provider = replace(ANTHROPIC, headers={"anthropic-version": options.version})
    async with connected(provider, options) as wire, asking(AnthropicBatches(wire), wire) as ask:
        yield AnthropicModel(name=name, options=options, ask=ask, identity=identity(name, wire.server, options))


def identity(name: str, server: str, options: AnthropicOptions) -> dict[str, str]:
    """Return all that tells this model's answers from another's; no key, no user name."""
    facts = {"backend": "anthropic", "model": name, "server": server, "version": options.version}
    settings: dict[str, Json] = {
        "body": dict(options.extra_body),
        "omit": sorted(options.omit),
        "thinking": options.thinking,
    }
    return facts | {key: json.dumps(value, sort_keys=True) for key, value in settings.items() if value}
