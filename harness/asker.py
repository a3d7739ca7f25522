"""The one door to the model: every request is named, remembered, deduplicated, bounded and counted here."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import msgspec

from harness.budget import Budget
from harness.contracts import Embedder, Model
from harness.data import Request, Response, Usage
from harness.errors import BackendError, RequestFailed, StoreError, described
from harness.prices import Price
from harness.secrets import Secrets
from harness.store import Answers

#: Raised when the way a request is named changes; old answers are then asked again, never mistaken.
NAMING = "1"

#: Kinds that ask for an answer; the others weigh a text that is given.
DRAWN = frozenset({"generate", "alternatives"})

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder(order="deterministic").encode


def request_name(identity: Mapping[str, str], request: Request) -> bytes:
    """Return the name of a request: SHA-256 of all that can change its answer.

    Model identity, the messages as sent, the sampling, the draw and the seed. What only we see (slots,
    spans) is left out; a log-likelihood does not depend on the sampling; a greedy answer not on the seed.
    """
    drawn = request.kind == "generate"
    prompt = request.prompt
    parts = [
        NAMING,
        dict(identity),
        request.kind,
        [(message.role, message.content) for message in prompt.messages],
        prompt.chat,
        prompt.prefix,
        request.continuation,
        request.sampling if drawn else None,
        request.draw if drawn else "",
        request.seed if drawn and not request.sampling.greedy else 0,
        *([request.layers] if request.kind == "embed" else ()),
    ]
    try:
        encoded = _encode(parts)
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot hold; escaped it can
        encoded = json.dumps(msgspec.to_builtins(parts), sort_keys=True).encode()
    return hashlib.sha256(encoded).digest()


def storable(response: Response) -> Response:
    """Return the response with lone surrogates replaced, which neither store nor records can hold."""
    if response.text.isascii():
        return response
    text = response.text.encode("utf-8", "replace").decode("utf-8")
    return response if text == response.text else replace(response, text=text)


@dataclass(slots=True)
class Counts:
    """How a run has gone so far; grows, is read by the progress line, and ends in the manifest."""

    #: Requests that the model answered in this run.
    answered: int = 0
    #: Requests served from the store.
    remembered: int = 0
    #: Requests that failed for good.
    failed: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    #: Of the prompts', those read from the provider's cache.
    cached_tokens: int = 0
    #: Answers that did not tell their tokens; the sums are without them.
    untold: int = 0
    #: What the told tokens cost; None without a price.
    cost: float | None = None

    def count(self, usage: Usage, price: Price | None) -> None:
        """Count an answer."""
        self.answered += 1
        self.prompt_tokens += usage.prompt_tokens or 0
        self.completion_tokens += usage.completion_tokens or 0
        self.cached_tokens += usage.cached_tokens or 0
        self.untold += usage.prompt_tokens is None or usage.completion_tokens is None
        if price is not None:
            self.cost = (self.cost or 0.0) + (price.of(usage) or 0.0)

    def add(self, more: Mapping[str, float | None]) -> None:
        """Add what was counted elsewhere, by the names of these counts."""
        for name, count in more.items():
            if count:
                setattr(self, name, (getattr(self, name) or 0) + count)


async def called(model: Model, request: Request) -> Response:
    """Return what a model answers, by the method that its kind of request has."""
    if request.kind == "embed":
        return await cast("Embedder", model).embed(request)
    return await (model.generate if request.kind in DRAWN else model.loglikelihood)(request)


class Asker:
    """Answers requests from the store or the model. Never raises for one request: its failure is a response."""

    def __init__(  # what a request passes on its way
        self,
        model: Model,
        store: Answers,
        *,
        concurrency: int,
        secrets: Secrets = Secrets(),  # noqa: B008  # frozen
        price: Price | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.model = model
        self.counts = Counts()
        self._price = price
        self._budget = budget or Budget()
        self._store = store
        self._identity = dict(model.identity)
        self._label = " ".join(self._identity.values())
        self._places = asyncio.Semaphore(concurrency)
        self.secrets = secrets
        self._under_way: dict[bytes, asyncio.Task[Response]] = {}
        self._asking = 0
        self._closing = False

    async def ask(self, request: Request) -> Response:
        """Return the response to a request.

        A request that is already under way is waited for, not asked twice. A request that fails for
        good gives a response with `finish == "error"`, which is not stored: the next run asks again.

        Raises:
            BackendError: no request can succeed, or the model cannot do what is asked.
            StoreError: the answer cannot be written.
        """
        name = request_name(self._identity, request)
        known = self._store.get(name)
        if known is not None:
            self.counts.remembered += 1
            return known
        task = self._under_way.get(name)
        if task is None:
            # A task of its own: whoever asked first may be cancelled, and others wait for the same answer.
            task = self._under_way[name] = asyncio.create_task(self._stored(name, request))
            task.add_done_callback(lambda done: self._ended(name, done))
        return await asyncio.shield(task)

    async def aclose(self, kind: type[BaseException] | None = None, *_: object) -> None:
        """End, as an exit callback does: nothing new is asked, and what was asked is waited for and kept.

        Not where no request can succeed any more: then what is under way is given up.
        """
        self._closing = True
        left = list(self._under_way.values())
        if kind is not None and issubclass(kind, BackendError):
            for task in left:
                task.cancel()
        elif self._asking:
            log.warning("stopping: %s answers under way are waited for; Ctrl-C to give them up", self._asking)
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, name: bytes, task: asyncio.Task[Response]) -> None:
        del self._under_way[name]
        if not task.cancelled():
            task.exception()  # seen, even if whoever asked has gone

    async def _stored(self, name: bytes, request: Request) -> Response:
        """Return the answer as the store keeps it; a failed request is not kept, and asked again next time."""
        known = await self._store.fetch(name)
        if known is not None:
            self.counts.remembered += 1
            return known
        response = await self._answered(request)
        return response if response.finish == "error" else await self._store.put(name, self._label, response)

    async def _answered(self, request: Request) -> Response:
        """Ask the model, within the bound on requests in flight."""
        if request.kind not in self.model.can:
            raise BackendError(
                f"model {self._label!r} cannot do {request.kind!r} requests; "
                f"it can do {', '.join(sorted(self.model.can))}"
            )
        async with self._places:
            if self._closing:
                raise asyncio.CancelledError
            if self._store.full:
                raise StoreError(self._store.full)
            self._asking += 1
            try:
                response = storable(await self._budget.spend(request, self._price, lambda: called(self.model, request)))
            except (BackendError, StoreError):
                raise
            except RequestFailed as error:
                return self._failed(str(error))
            except Exception as error:  # noqa: BLE001  # a fault of one request is data, not a crash
                return self._failed(described(error))
            finally:
                self._asking -= 1
        if response.finish == "error":
            return self._failed(response.error or "the model gave no reason")
        self.counts.count(response.usage, self._price)
        return response

    def _failed(self, why: str) -> Response:
        self.counts.failed += 1
        return Response(finish="error", error=self.secrets.hide(why))
