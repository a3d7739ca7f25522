"""A model behind a server that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp, `transformers serve`, OpenAI."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harness import BackendError, Json, Kind, Request, RequestFailed, Response
from harness_backends.batch.collector import Ask, asking
from harness_backends.http.connection import connected
from harness_backends.http.provider import OPENAI
from harness_backends.openai import responses
from harness_backends.openai.batches import OpenAIBatches
from harness_backends.openai.options import OpenAIOptions
from harness_backends.openai.tokens import alternatives, alternatives_body, embedding, embedding_body
from harness_backends.openai.wire import answer, body, likelihood, weighing_body


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIModel:
    """One model of one server; requests run at once, as many as its pace allows."""

    name: str
    options: OpenAIOptions
    #: As it may be shown.
    server: str
    identity: Mapping[str, str]
    #: How its requests are asked: by themselves, or in batches.
    ask: Ask
    #: A server batches as it likes, so that greedy answers may differ from run to run.
    deterministic: bool = False

    @property
    def can(self) -> frozenset[Kind]:
        """Continuations, or embeddings; log-probabilities where the server was said to give them."""
        if self.options.embeddings:
            return frozenset({"embed"})
        told: dict[Kind, bool] = {
            "generate": True,
            "loglikelihood": self.options.logprobs,
            "alternatives": self.options.top_logprobs > 0,
        }
        return frozenset(kind for kind, can in told.items() if can)

    @property
    def concurrency(self) -> int:
        """As many as the options say; the pace keeps to what the server bears."""
        return self.options.width

    async def generate(self, request: Request) -> Response:
        """Return a continuation; reasoning that came apart stands before it between <think> and </think>."""
        if self.options.endpoint == "responses":
            asked = responses.body(self.name, request, self.options)
            meaning = responses.alternatives if request.kind == "alternatives" else responses.answer
            return await self.ask(request, "responses", asked, lambda reply: meaning(reply, request))
        if request.kind == "alternatives":
            path, asked = alternatives_body(self.name, request, self.options)
            return await self.ask(request, path, asked, alternatives)
        path, asked = body(self.name, request, self.options)
        return await self.ask(request, path, asked, lambda reply: answer(reply, request))

    async def loglikelihood(self, request: Request) -> Response:
        """Return the log-likelihood of a continuation, from the log-probabilities of an echoed prompt."""
        if request.kind not in self.can:
            raise BackendError(
                f"openai: {request.kind} cannot be asked of {self.server}: if its /completions gives prompt "
                "log-probabilities, use --model-option endpoint=completions --model-option logprobs=true"
            )
        if not request.prompt.text:
            raise RequestFailed("openai: a continuation without a context cannot be weighed by a server")
        asked = weighing_body(self.name, request, self.options)
        return await self.ask(request, "completions", asked, lambda reply: likelihood(reply, request))

    async def embed(self, request: Request) -> Response:
        """Return the embedding of a prompt, pooled by the server."""
        return await self.ask(request, "embeddings", embedding_body(self.name, request, self.options), embedding)


@asynccontextmanager
async def opened(name: str, options: OpenAIOptions) -> AsyncIterator[OpenAIModel]:
    """Open a connection pool to the server; nothing is sent before the first request.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    if not name:
        raise BackendError("openai: which model? --model openai:MODEL")
    async with connected(OPENAI, options) as wire, asking(OpenAIBatches(wire), wire) as ask:
        facts = identity(name, wire.server, options)
        yield OpenAIModel(name=name, options=options, server=wire.server, ask=ask, identity=facts)


def identity(name: str, server: str, options: OpenAIOptions) -> dict[str, str]:
    """Return all that tells this model's answers from another's; no key, no user name."""
    facts = {
        "backend": "openai",
        "model": name,
        "server": server,
        "endpoint": "chat" if options.endpoint == "auto" else options.endpoint,
    }
    settings: dict[str, Json] = {
        "body": dict(options.extra_body),
        "omit": sorted(options.omit),
        "continues": options.continue_final_message,
        "top_logprobs": options.top_logprobs,
    }
    return facts | {key: json.dumps(value, sort_keys=True) for key, value in settings.items() if value}
