"""Backends and the models that they open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from harness.data import Kind, Request, Response
from harness.prices import Price


class Model(Protocol):
    """An opened model."""

    @property
    def identity(self) -> Mapping[str, str]:
        """All that tells its answers from another model's: backend, name, revision or hashes, dtype, template."""

    @property
    def can(self) -> frozenset[Kind]:
        """What it can be asked for."""

    @property
    def deterministic(self) -> bool:
        """Whether greedy decoding of one prompt gives one text, whatever else is in flight."""

    @property
    def concurrency(self) -> int:
        """How many requests it likes to have in flight."""

    async def generate(self, request: Request) -> Response:
        """Return a continuation; for `alternatives` the likeliest first tokens of one.

        Raises:
            RequestFailed: this request failed for good. BackendError: no request can succeed.
        """

    async def loglikelihood(self, request: Request) -> Response:
        """Return `logprob` and `greedy` of a continuation, or `logprob` of a whole text (`rolling`)."""


class Embedder(Model, Protocol):
    """A model that can `embed`."""

    async def embed(self, request: Request) -> Response:
        """Return the hidden states of a prompt as `vectors`: for each layer asked for, the poolings it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """A backend or an evaluation without options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A way to reach models; `--model NAME:REST`."""

    name: str
    summary: str
    #: Opens the model that `rest` names, with an instance of `options`.
    open: Callable[[str, Any], AbstractAsyncContextManager[Model]]
    #: A dataclass whose fields are the backend's options; `metadata={"secret": True}` keeps a value out of every file.
    options: type = NoOptions
    #: What the provider of a model asks for its tokens, as far as the backend knows: by `rest` and options.
    price: Callable[[str, Any], Price | None] = lambda _rest, _options: None
