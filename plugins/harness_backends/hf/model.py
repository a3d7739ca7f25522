"""The local model: every request in flight goes to one thread, which generates without batches that wait.

What cannot be generated row by row, and what is weighed or embedded, goes in batches to the same thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import torch

from harness import HarnessError, Kind, Request, RequestFailed, Response
from harness.batching import Batcher
from harness_backends.hf.branching import branched, bundles
from harness_backends.hf.choosing import Chooser, processors, row_by_row
from harness_backends.hf.continuous import ALONE_TOO_LARGE, Continuous, Row
from harness_backends.hf.decoding import Asked, asked
from harness_backends.hf.embedding import Embedded, embeddable, embedded
from harness_backends.hf.engine import Engine, give_back_memory, out_of_memory, room_on
from harness_backends.hf.loading import identity, load
from harness_backends.hf.options import HfOptions
from harness_backends.hf.plain import generated, generation_group
from harness_backends.hf.prefixes import Prefixes
from harness_backends.hf.scoring import Weighed, likelihood, pairs, weighed
from harness_backends.hf.text import Pair
from harness_backends.hf.worker import Worker

Input = TypeVar("Input")
Output = TypeVar("Output")
#: What becomes of one request in a batch; a refusal is a value, so that its neighbours are not run again.
Outcome = Response | HarnessError

#: The most rows at once where the user leaves it open; rows that share a beginning take little.
CPU_BATCH, GPU_BATCH = 32, 256
#: The most rows of a batch whose prompts stand in memory whole.
WHOLE = 64
#: Batches' worth of requests in flight, so that those of similar length can be found.
AHEAD = 4


class HfModel:
    """A causal language model of transformers, on one device of this machine."""

    can: frozenset[Kind] = frozenset({"generate", "loglikelihood", "rolling", "embed"})

    def __init__(self, engine: Engine, names: Mapping[str, str], batch_size: int) -> None:
        self.identity = dict(names)
        self._engine = engine
        self._room = room_on(engine.device, batch_size)
        self._prefixes = Prefixes(self._room.kept_bytes)
        self._generation = Continuous(engine, self._room, self._prefixes)
        self._worker = Worker(self._generation, enough=AHEAD * batch_size)
        self.concurrency = AHEAD * batch_size
        # In 32 bits padding moves logits by about 1e-6, which a greedy choice feels at exact ties alone.
        whole = engine.model.dtype in (torch.float32, torch.float64)
        self.deterministic = engine.device.type == "cpu" and whole
        self._batcher = Batcher[Request, Outcome](
            lambda requests: self._worker.call(lambda: self._run(requests)),
            size=lambda: min(self._room.most, WHOLE),
            order=shown_length,
            group=group,
            name="hf-batches",
        )

    async def generate(self, request: Request) -> Response:
        """Return a continuation, drawn by the noise of this request alone."""
        if self._engine.shares and row_by_row(self._engine.habits, request.sampling.extra) is not None:
            return await self._generated(request)
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
        await self._worker.aclose()

    async def _generated(self, request: Request) -> Response:
        """Return the answer of a row that goes in as soon as there is a place."""
        if request.prompt.chat:
            self._engine.text.check_chat()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Response] = loop.create_future()

        def done(outcome: Response | Exception) -> None:
            with suppress(RuntimeError):  # whoever waited has gone, and his loop with him
                loop.call_soon_threadsafe(settle, answer, outcome)

        def begin() -> None:
            try:
                self._generation.add(self._row(request, done, answer.cancelled))
            except Exception as error:  # noqa: BLE001  # handed to whoever waits
                done(error)

        self._worker.do(begin)
        return await answer

    def _row(self, request: Request, done: Callable[[Response | Exception], None], left: Callable[[], bool]) -> Row:
        """Return a request as a row; tokenises it, in the worker thread."""
        device = self._engine.device
        one = asked(self._engine, request)
        settings = row_by_row(self._engine.habits, request.sampling.extra) or {}
        noise = None if one.warp is None else torch.Generator(device=device).manual_seed(one.seed)
        chooser = Chooser(warp=one.warp, noise=noise, processors=processors(settings, device))
        return Row(asked=one, chooser=chooser, done=done, left=left)

    async def _answer(self, request: Request) -> Response:
        if request.prompt.chat:
            self._engine.text.check_chat()
        outcome = await self._batcher.submit(request)
        if isinstance(outcome, HarnessError):
            raise outcome
        return outcome

    @torch.inference_mode()
    def _run(self, requests: list[Request]) -> list[Outcome]:
        """Answer one batch, in the worker thread."""
        if requests[0].kind == "generate":
            return self._each(requests, lambda request: asked(self._engine, request), self._searched)
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

    def _searched(self, ready: Sequence[tuple[Request, Asked]]) -> list[Response]:
        return self._halving([one for _, one in ready], lambda some: generated(self._engine, some))

    def _embedded(self, ready: Sequence[tuple[Request, Embedded]]) -> list[Response]:
        return self._halving([one for _, one in ready], lambda some: embedded(self._engine, some))

    def _likelihoods(self, ready: Sequence[tuple[Request, list[Pair]]]) -> list[Response]:
        """Weigh the windows of all requests together, a batch at a time."""
        windows = [pair for _, some in ready for pair in some]
        found = self._branched(windows) if self._engine.shares else self._weighed(windows)
        results_in_order = iter([found[at] for at in range(len(windows))])
        return [likelihood(request, some, [next(results_in_order) for _ in some]) for request, some in ready]

    def _weighed(self, windows: Sequence[Pair]) -> dict[int, Weighed]:
        """Weigh windows, each a row of its own."""
        order = sorted(range(len(windows)), key=lambda at: -len(windows[at].context) - len(windows[at].continuation))
        found: dict[int, Weighed] = {}
        for start in range(0, len(order), self._room.most):
            places = order[start : start + self._room.most]
            results = self._halving([windows[at] for at in places], lambda some: weighed(self._engine, some))
            found.update(zip(places, results, strict=True))
        return found

    def _branched(self, windows: Sequence[Pair]) -> dict[int, Weighed]:
        """Weigh windows, those of one context together."""
        some = sorted(bundles(windows, self._engine.text.length), key=lambda bundle: -len(bundle.context))
        longest = max(len(bundle.context) + len(bundle.branched) for bundle in some)
        fitting = max(1, self._room.row_bytes // (self._engine.column_bytes * longest))
        found: dict[int, Weighed] = {}
        start = 0
        while start < len(some):
            batch = some[start : start + min(fitting, self._room.most)]
            start += len(batch)
            for results in self._halving(batch, lambda part: branched(self._engine, self._prefixes, part)):
                found.update(results)
        return found

    def _halving(self, inputs: Sequence[Input], run: Callable[[Sequence[Input]], list[Output]]) -> list[Output]:
        """Run a batch; where memory runs out, run its halves, and make later batches as small."""
        try:
            return run(inputs)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if len(inputs) == 1:
                raise RequestFailed(ALONE_TOO_LARGE) from None
        self._prefixes.clear()
        give_back_memory(self._engine.device)
        half = len(inputs) // 2
        self._room.halve(len(inputs))
        return [*self._halving(inputs[:half], run), *self._halving(inputs[half:], run)]


def settle(answer: asyncio.Future[Response], outcome: Response | Exception) -> None:
    """Hand an outcome to whoever waits, if he still does."""
    if answer.done():
        return
    if isinstance(outcome, Exception):
        answer.set_exception(RuntimeError(str(outcome)) if isinstance(outcome, StopIteration) else outcome)
    else:
        answer.set_result(outcome)


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
