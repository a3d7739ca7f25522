"""A model that answers by a script: no mock, a real `Model` whose answers are known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.contracts import Backend
from harness.data import Kind, Request, Response, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedModel:
    """A model that answers by a function of the request: no mock, a real `Model` with known answers.

    The function returns a text, a whole `Response`, or raises what a backend would raise.
    """

    script: Callable[[Request], str | Response]
    identity: Mapping[str, str] = field(default_factory=lambda: {"backend": "scripted"})
    can: frozenset[Kind] = frozenset({"generate", "loglikelihood", "rolling"})
    deterministic: bool = True
    concurrency: int = 64
    #: Every request that reached the model.
    seen: list[Request] = field(default_factory=list)

    async def generate(self, request: Request) -> Response:
        """Return what the script says."""
        self.seen.append(request)
        said = self.script(request)
        if isinstance(said, Response):
            return said
        return Response(
            text=said, usage=Usage(prompt_tokens=len(request.prompt.text.split()), completion_tokens=len(said.split()))
        )

    async def loglikelihood(self, request: Request) -> Response:
        """Return what the script says; it must be a `Response` with a `logprob`."""
        return await self.generate(request)

    def backend(self, name: str = "scripted") -> Backend:
        """Return a backend that opens this model, for a registry in a test."""

        @asynccontextmanager
        async def opened(_rest: str, _options: object) -> AsyncIterator[ScriptedModel]:
            yield self

        return Backend(name=name, summary="answers by a script", open=opened)
