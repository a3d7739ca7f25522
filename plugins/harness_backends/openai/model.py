"""A model behind a server that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp, `transformers serve`, OpenAI."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from harness import BackendError, Json, Kind, Request, RequestFailed, Response
from harness.secrets import Secrets
from harness_backends.openai.options import OpenAIOptions
from harness_backends.openai.tokens import alternatives, alternatives_body, embedding, embedding_body
from harness_backends.openai.transport import Wire
from harness_backends.openai.wire import answer, body, likelihood, weighing_body

DEFAULT_URL = "https://api.openai.com/v1"
#: What a user may have copied from elsewhere behind the base.
PATHS = ("/chat/completions", "/completions", "/embeddings")
#: A shorter secret would blot out innocent text.
SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIModel:
    """One model of one server; requests run at once, as many as are asked."""

    name: str
    options: OpenAIOptions
    wire: Wire
    identity: Mapping[str, str]
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
        """As many as the options say."""
        return self.options.concurrency

    async def generate(self, request: Request) -> Response:
        """Return a continuation; reasoning that came apart stands before it between <think> and </think>."""
        if request.kind == "alternatives":
            path, asked = alternatives_body(self.name, request, self.options)
            return await self.wire.ask(path, asked, alternatives)
        path, asked = body(self.name, request, self.options)
        return await self.wire.ask(path, asked, lambda reply: answer(reply, request))

    async def loglikelihood(self, request: Request) -> Response:
        """Return the log-likelihood of a continuation, from the log-probabilities of an echoed prompt."""
        if request.kind not in self.can:
            raise BackendError(
                f"openai: {request.kind} cannot be asked of {self.wire.server}: if its /completions gives prompt "
                "log-probabilities, use --model-option endpoint=completions --model-option logprobs=true"
            )
        if not request.prompt.text:
            raise RequestFailed("openai: a continuation without a context cannot be weighed by a server")
        asked = weighing_body(self.name, request, self.options)
        return await self.wire.ask("completions", asked, lambda reply: likelihood(reply, request))

    async def embed(self, request: Request) -> Response:
        """Return the embedding of a prompt, pooled by the server."""
        return await self.wire.ask("embeddings", embedding_body(self.name, request, self.options), embedding)


@asynccontextmanager
async def opened(name: str, options: OpenAIOptions) -> AsyncIterator[OpenAIModel]:
    """Open a connection pool to the server; nothing is sent before the first request.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    if not name:
        raise BackendError("openai: which model? --model openai:MODEL")
    url = server_url(options.base_url or os.environ.get("OPENAI_BASE_URL", "") or DEFAULT_URL)
    key = (options.api_key or os.environ.get("OPENAI_API_KEY", "")).strip()
    if not key and url.host == "api.openai.com":
        raise BackendError("openai: no key: set OPENAI_API_KEY, or --model-option base_url=URL for another server")
    shown = str(url.copy_with(username=None, password=None, query=None, fragment=None)).rstrip("/")
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=30.0)
    client = httpx.AsyncClient(
        base_url=url.copy_with(query=None, fragment=None),
        params=url.params,
        headers=headers(key, options.headers),
        timeout=httpx.Timeout(options.timeout, connect=options.connect_timeout, pool=None),
        limits=limits,
    )
    secret = (key, url.password, *options.headers.values(), *url.params.values())
    secrets = Secrets(tuple(sorted({text for text in secret if len(text) >= SHORTEST_SECRET}, key=len, reverse=True)))
    async with client:
        wire = Wire(client=client, options=options, server=shown, secrets=secrets)
        yield OpenAIModel(name=name, options=options, wire=wire, identity=identity(name, shown, options))


def server_url(text: str) -> httpx.URL:
    """Return the base of a server's address.

    Raises:
        BackendError: it is no address.
    """
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL:
        raise BackendError("openai: base_url is no address: it looks like https://HOST/v1") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise BackendError("openai: base_url must begin with http:// or https:// and name a host")
    path = url.path.rstrip("/")
    for ending in PATHS:
        path = path.removesuffix(ending)
    return url.copy_with(path=path + "/")


def headers(key: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of every request.

    Raises:
        BackendError: a header cannot be sent; its value is not repeated.
    """
    known = {"content-type": "application/json"}
    if key:
        known["authorization"] = f"Bearer {key}"
    known |= {name.lower(): value for name, value in more.items()}
    for name, value in known.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            raise BackendError(
                f"openai: the header {name!r} holds characters that cannot be sent; check key and headers"
            )
    return known


def identity(name: str, server: str, options: OpenAIOptions) -> dict[str, str]:
    """Return all that tells this model's answers from another's; no key, no user name."""
    facts = {
        "backend": "openai",
        "model": name,
        "server": server,
        "endpoint": "completions" if options.endpoint == "completions" else "chat",
    }
    settings: dict[str, Json] = {
        "body": dict(options.extra_body),
        "omit": sorted(options.omit),
        "continues": options.continue_final_message,
        "top_logprobs": options.top_logprobs,
    }
    return facts | {key: json.dumps(value, sort_keys=True) for key, value in settings.items() if value}
