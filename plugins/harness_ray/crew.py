"""The driver's side: places workers on the cluster, replaces lost ones, and yields their records in document order."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from harness import BackendError, Elsewhere, HarnessError, Kind, Record, Request, Response, Work, errors
from harness_ray.blocks import STRIKES, blocks
from harness_ray.cluster import connected, home, shape
from harness_ray.desk import Desk
from harness_ray.options import RayOptions
from harness_ray.worker import Facts, Worker, waited

#: Seconds in which workers finish what they are asking when a run ends before its time.
FAREWELL = 60.0


@dataclass(slots=True, kw_only=True)
class Crew:
    """The workers of a run. For the driver it is the evaluated model: it tells of it, and is never asked."""

    ray: Any
    desk: Any
    options: RayOptions
    #: What a worker is made with, but for its name.
    made_with: tuple[Any, ...]
    size: int
    resources: Mapping[str, Any]
    facts: Facts | None = None
    #: The long calls of the workers, and who does each.
    calls: dict[asyncio.Task[Any], tuple[str, Any]] = field(default_factory=dict)
    names: Any = field(default_factory=itertools.count)
    #: Workers lost since documents last came back.
    lost: int = 0

    @property
    def identity(self) -> Mapping[str, str]:
        """The workers' model's."""
        return self._told.identity

    @property
    def can(self) -> frozenset[Kind]:
        """What the workers' model can."""
        return frozenset(self._told.can)

    @property
    def deterministic(self) -> bool:
        """Whether the workers' model is."""
        return self._told.deterministic

    @property
    def concurrency(self) -> int:
        """What the workers' model likes, each."""
        return self._told.concurrency

    async def generate(self, request: Request) -> Response:  # noqa: ARG002  # the contract's
        """Refuse: documents are worked on elsewhere."""
        raise BackendError("executor ray: the model is open on the workers, not here")

    async def loglikelihood(self, request: Request) -> Response:
        """Refuse."""
        return await self.generate(request)

    @property
    def _told(self) -> Facts:
        assert self.facts is not None, "the crew is opened"
        return self.facts

    def hire(self) -> None:
        """Place one more worker; it begins when the cluster has room for it."""
        name = f"worker-{next(self.names)}"
        actor = self.ray.remote(Worker).options(**self.resources).remote(name, *self.made_with)
        call = asyncio.ensure_future(waited(actor.work.remote(self.desk)))
        self.calls[call] = name, actor

    async def open(self) -> None:
        """Place all workers, and wait for the first model to be open.

        Raises:
            HarnessError: what kept a worker from opening it. BackendError: none could be placed in time.
        """
        for _ in range(self.size):
            self.hire()
        ready = asyncio.ensure_future(waited(self.desk.ready.remote()))
        try:
            async with asyncio.timeout(self.options.patience):
                told = await self.while_working(ready)
        except TimeoutError:
            raise BackendError(
                f"executor ray: no worker was placed and had its model open within {self.options.patience:g} s; each "
                f"wants {dict(self.resources)}, the cluster has {self.ray.cluster_resources()}; change "
                "--executor-option actors, cpus, gpus or patience"
            ) from None
        self.facts = msgspec.json.decode(next(iter(told.values())), type=Facts)

    async def while_working(self, wanted: asyncio.Task[Any]) -> Any:
        """Return what a call to the desk gives; workers that are lost meanwhile are replaced.

        Raises:
            HarnessError: a worker failed, or documents that cost one worker after the other.
        """
        try:
            while not wanted.done():
                await asyncio.wait({wanted, *self.calls}, return_when=asyncio.FIRST_COMPLETED)
                for call in [one for one in self.calls if one.done()]:
                    await self._left(call)
            return wanted.result()
        finally:
            wanted.cancel()

    async def _left(self, call: asyncio.Task[Any]) -> None:
        """See why a worker left; replace it if it was lost."""
        name, _ = self.calls.pop(call)
        error = call.exception()
        if error is None:
            kind, message = call.result()
            if kind:
                raise getattr(errors, kind, HarnessError)(message)
            return
        if not isinstance(error, self.ray.exceptions.RayActorError | self.ray.exceptions.WorkerCrashedError):
            cause = getattr(error, "cause", None) or error  # as it was raised on the worker
            raise BackendError(f"executor ray, {name}: {errors.described(cause)}") from error
        self.lost += 1
        if self.lost > STRIKES * self.size:
            raise BackendError(
                f"executor ray: one worker after the other is lost: {errors.described(error)}"
            ) from error
        fatal = await self.desk.lose.remote(name)
        if fatal:
            which = ", ".join(f"{task}/{start} to {task}/{stop - 1}" for task, start, stop in fatal)
            raise BackendError(f"executor ray: every worker that had documents {which} was lost; is memory enough?")
        self.hire()

    async def aclose(self) -> None:
        """End: workers finish what they are asking, which is kept; who takes too long is ended."""
        try:
            opened = await self.desk.close.remote()
            asking = [call for call, (name, _) in self.calls.items() if name in opened]
            if asking:
                await asyncio.wait(asking, timeout=FAREWELL)
            await self.desk.leave.remote()
        finally:
            for call, (_, actor) in self.calls.items():
                self.ray.kill(actor)
                call.cancel()
            await asyncio.gather(*self.calls, return_exceptions=True)
            self.ray.kill(self.desk)


@asynccontextmanager
async def open_crew(elsewhere: Elsewhere, options: RayOptions) -> AsyncIterator[Crew]:
    """Open the model on workers of a cluster.

    Raises:
        BackendError: Ray is not installed, no cluster answers, or no worker can be placed.
    """
    with connected(options) as ray:
        size, resources = shape(ray, options)
        store = str((Path(elsewhere.plan.output) / "store.db").resolve())
        settings = {name: value for name, value in os.environ.items() if name.startswith("HARNESS_")}
        crew = Crew(
            ray=ray,
            desk=ray.remote(Desk).options(num_cpus=0, max_concurrency=4096, **home(ray)).remote(store),
            options=options,
            made_with=(msgspec.json.encode(elsewhere), str(Path.cwd()), settings),
            size=size,
            resources=resources,
        )
        try:
            await crew.open()
            yield crew
        finally:
            await crew.aclose()


async def execute(work: Work) -> AsyncIterator[Record]:
    """Yield the record of every document, in order, as blocks of them come back."""
    crew = work.model
    assert isinstance(crew, Crew), "the executor opens its own model"
    await crew.desk.begin.remote(dict(work.counts), crew.options.block, crew.options.ahead * crew.size)
    decode = msgspec.json.Decoder(Record).decode
    for block in blocks(work.counts, crew.options.block):
        delivered = asyncio.ensure_future(waited(crew.desk.deliver.remote(block.number)))
        lines, told = await crew.while_working(delivered)
        crew.lost = 0
        work.told(told)
        for line in lines:
            yield decode(line)
