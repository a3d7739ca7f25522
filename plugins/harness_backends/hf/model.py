"""The local model: requests in flight go to one thread, batch after batch; memory that runs out halves the batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import torch

from harness import HarnessError, Kind, Request, RequestFailed, Response
from harness.batching import Batcher
from harness_backends.hf.decoding import Asked, asked, generated, generation_group
from harness_backends.hf.embedding import Embedded, embeddable, embedded
from harness_backends.hf.engine import Engine, give_back_memory, out_of_memory
from harness_backends.hf.loading import identity, load
from harness_backends.hf.options import HfOptions
from harness_backends.hf.scoring import Weighed, likelihood, pairs, weighed
from harness_backends.hf.text import Pair

Input = TypeVar("Input")
Output = TypeVar("Output")
#: What becomes of one request in a batch; a refusal is a value, so that its neighbours are not run again.
Outcome = Response | HarnessError

#: The most requests of a batch where the user leaves it open.
CPU_BATCH, GPU_BATCH = 16, 64
#: Batches' worth of requests in flight, so that those of similar length can be found.
AHEAD = 4


class HfModel:
    """A causal language model of transformers, on one device of this machine."""

    can: frozenset[Kind] = frozenset({"generate", "loglikelihood", "rolling", "embed"})

    def __init__(self, engine: Engine, names: Mapping[str, str], batch_size: int) -> None:
        self.identity = dict(names)
        self._engine = engine
        self._most = batch_size
        self.concurrency = AHEAD * batch_size
        # In 32 bits padding moves logits by about 1e-6, which a greedy choice feels at exact ties alone.
        whole = engine.model.dtype in (torch.float32, torch.float64)
        self.deterministic = engine.device.type == "cpu" and whole
        self._batcher = Batcher[Request, Outcome](
            self._run, size=lambda: self._most, order=shown_length, group=group, name="hf"
        )

    async def generate(self, request: Request) -> Response:
        """Return a continuation, drawn by the noise of this request alone."""
        return await self._answer(request)

    async def loglikelihood(self, request: Request) -> Response:
        """Return the log-likelihood of a continuation, or of a whole text."""
        return await self._answer(request)

    async def embed(self, request: Request) -> Response:
        """Return the hidden states of a prompt, pooled, at the layers asked for."""
        return await self._answer(request)

    @property
    def engine(self) -> Engine:
        """The weights, for an analysis; never while requests are under way."""
        return self._engine

    async def aclose(self) -> None:
        """End, at the next token of whatever is being generated."""
        self._engine.closing.set()
        await self._batcher.aclose()

    async def _answer(self, request: Request) -> Response:
        if request.prompt.chat:
            self._engine.text.check_chat()
        outcome = await self._batcher.submit(request)
        if isinstance(outcome, HarnessError):
            raise outcome
        return outcome

    def _run(self, requests: list[Request]) -> list[Outcome]:
        """Answer one batch, in the worker thread."""
        if requests[0].kind == "generate":
            return self._each(requests, lambda request: asked(self._engine, request), self._generated)
        if requests[0].kind == "embed":
            return self._each(requests, lambda request: embeddable(self._engine, request), self._embedded)
        return self._each(requests, lambda request: pairs(self._engine, request), self._likelihoods)

    def _each(
        self,
        requests: Sequence[Request],
        prepare: Callable[[Request], Input],
        run: Callable[[Sequence[tuple[Request, Input]]], list[Response]],
    ) -> list[Outcome]:
        """Prepare each request and run those that can be, keeping their order."""
        outcomes: list[Outcome | None] = []
        ready: list[tuple[Request, Input]] = []
        for request in requests:
            try:
                ready.append((request, prepare(request)))
                outcomes.append(None)
            except HarnessError as error:
                outcomes.append(error)
        answers = iter(run(ready) if ready else [])
        return [next(answers) if outcome is None else outcome for outcome in outcomes]

    def _generated(self, ready: Sequence[tuple[Request, Asked]]) -> list[Response]:
        return self._halving([one for _, one in ready], lambda some: generated(self._engine, some))

    def _embedded(self, ready: Sequence[tuple[Request, Embedded]]) -> list[Response]:
        return self._halving([one for _, one in ready], lambda some: embedded(self._engine, some))

    def _likelihoods(self, ready: Sequence[tuple[Request, list[Pair]]]) -> list[Response]:
        """Weigh the windows of all requests together, a batch at a time."""
        windows = [pair for _, some in ready for pair in some]
        order = sorted(range(len(windows)), key=lambda at: -len(windows[at].context) - len(windows[at].continuation))
        found: dict[int, Weighed] = {}
        for start in range(0, len(order), self._most):
            places = order[start : start + self._most]
            results = self._halving([windows[at] for at in places], lambda some: weighed(self._engine, some))
            found.update(zip(places, results, strict=True))
        results_in_order = iter([found[at] for at in range(len(windows))])
        return [likelihood(request, some, [next(results_in_order) for _ in some]) for request, some in ready]

    def _halving(self, inputs: Sequence[Input], run: Callable[[Sequence[Input]], list[Output]]) -> list[Output]:
        """Run a batch; where memory runs out, run its halves, and make later batches as small."""
        try:
            return run(inputs)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if len(inputs) == 1:
                raise RequestFailed(
                    "hf: memory runs out for this request alone: lower --model-option max_length=N, "
                    "use dtype=bfloat16, or a larger device"
                ) from None
        give_back_memory(self._engine.device)
        half = len(inputs) // 2
        self._most = max(1, min(self._most, len(inputs) - half))
        return [*self._halving(inputs[:half], run), *self._halving(inputs[half:], run)]


def shown_length(request: Request) -> float:
    """Return about how long a request is, in characters."""
    return sum(len(message.content) for message in request.prompt.messages) + len(request.continuation)


def group(request: Request) -> Hashable:
    """Return what the requests of one batch share."""
    if request.kind == "embed":
        return "embed", request.layers
    return ("generate", *generation_group(request)) if request.kind == "generate" else "weigh"


@asynccontextmanager
async def opened(name: str, options: HfOptions, named: Mapping[str, str]) -> AsyncIterator[HfModel]:
    """Open a model of transformers; the weights are read in a thread."""
    engine = await asyncio.to_thread(load, name, options)
    names = await asyncio.to_thread(identity, name, options, engine)
    if options.batch_size == "auto":
        size = CPU_BATCH if engine.device.type == "cpu" else GPU_BATCH
    else:
        size = options.batch_size
    model = HfModel(engine, names | dict(named), size)
    try:
        yield model
    finally:
        await model.aclose()
