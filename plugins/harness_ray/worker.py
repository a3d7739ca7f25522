"""A worker: one model, and the documents of the blocks that the desk gives it, all in flight together.

Its work is one long call in the main thread of its process, where alone a scorer that hangs can be stopped; it asks
for its blocks itself, so that no model idles at the end of one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from harness import Doc, Elsewhere, HarnessError, Kind, Model, Plan
from harness.bench import Bench
from harness.ledger import line_of
from harness.preparing import Prepared, prepare
from harness.registry import load_registry
from harness.run import evaluator, open_bench, open_model
from harness_ray.remote import RemoteStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is told of an opened model."""

    identity: Mapping[str, str]
    can: tuple[Kind, ...]
    deterministic: bool
    concurrency: int

    @classmethod
    def of(cls, model: Model) -> Facts:
        """Return what a model tells of itself."""
        return cls(
            identity=dict(model.identity),
            can=tuple(sorted(model.can)),
            deterministic=model.deterministic,
            concurrency=model.concurrency,
        )


class Worker:
    """The actor. It has no coroutine among its methods, or Ray would run them all outside the main thread."""

    def __init__(self, name: str, elsewhere: bytes, folder: str, settings: Mapping[str, str]) -> None:
        """Make one; nothing is opened yet.

        Args:
            name: by which the desk knows it.
            elsewhere: what the run is, JSON of an `Elsewhere`.
            folder: the driver's working folder, from which paths of the plan start.
            settings: of the environment (`HARNESS_...`), as the driver has them.
        """
        self._name = name
        self._elsewhere = msgspec.json.decode(elsewhere, type=Elsewhere)
        self._folder = folder
        self._settings = dict(settings)

    def work(self, desk: Any) -> tuple[str, str]:
        """Work until the desk has nothing left; return the kind of error and its message, both empty if there is none.

        An error is a value, since Ray would wrap what is raised.
        """
        os.environ.update(self._settings)
        try:
            if Path(self._folder).is_dir():
                os.chdir(self._folder)
            asyncio.run(worked(self._name, self._elsewhere, desk))
        except HarnessError as error:
            return type(error).__name__, str(error)
        return "", ""


async def worked(name: str, elsewhere: Elsewhere, desk: Any) -> None:
    """Open a model and work on blocks until there are none, or the run is to end.

    Raises:
        HarnessError: of the model, or of the first document that ends the run.
    """
    plan = replace(elsewhere.plan, executor="local", executor_option={})
    registry = load_registry(files=elsewhere.plugin_files, disabled=elsewhere.disabled)
    prepared = prepare(plan, registry)
    async with (
        open_model(plan, prepared, registry) as model,
        open_bench(plan, prepared, registry, RemoteStore(desk), model) as bench,
    ):
        wrong = await desk.opened.remote(name, msgspec.json.encode(Facts.of(model), order="deterministic"))
        if wrong:
            raise HarnessError(wrong)
        ended = asyncio.ensure_future(waited(desk.ended.remote()))
        working = asyncio.ensure_future(Shift(desk, name, plan, prepared, bench).work())
        try:
            await asyncio.wait({ended, working}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:  # what is being asked is waited for as the bench closes, and kept
            for task in (ended, working):
                task.cancel()
            await asyncio.gather(ended, working, return_exceptions=True)


class Shift:
    """A worker's way through its blocks."""

    def __init__(self, desk: Any, name: str, plan: Plan, prepared: Prepared, bench: Bench) -> None:
        self._desk = desk
        self._name = name
        self._prepared = prepared
        self._bench = bench
        self._evaluate = evaluator(prepared, bench)
        #: Documents in flight, as on one machine.
        self._places = asyncio.Semaphore(plan.concurrency or bench.asker.model.concurrency)
        self._told: dict[str, float | None] = {}

    async def work(self) -> None:
        """Work on block after block; the next is asked for as soon as a document of it could begin.

        Raises:
            HarnessError: of the first document that ends the run.
        """
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    block = await waited(self._desk.take.remote(self._name))
                    if block is None:
                        return
                    group.create_task(self._one(*block))
                    await asyncio.sleep(0)  # its documents come first
                    async with self._places:
                        pass
        except BaseExceptionGroup as group_of:
            raise first_of(group_of) from group_of

    async def _one(self, number: int, task: str, start: int, stop: int) -> None:
        """Work on one block, and give its records back."""
        docs = islice(self._prepared.tasks[task].docs(start), stop - start)
        async with asyncio.TaskGroup() as group:
            lines = [group.create_task(self._line(doc)) for doc in docs]
        await waited(self._desk.give.remote(number, [line.result() for line in lines], self._new_counts()))

    async def _line(self, doc: Doc) -> bytes:
        """Return the record of one document."""
        async with self._places:
            return line_of(await self._evaluate(doc))

    def _new_counts(self) -> dict[str, float]:
        """Return what was asked since this was last called."""
        now: dict[str, float | None] = msgspec.to_builtins(self._bench.asker.counts)
        before, self._told = self._told, now
        return {name: (count or 0) - (before.get(name) or 0) for name, count in now.items()}


async def waited(reference: Any) -> Any:
    """Return what a call of Ray's gives, as a coroutine, which a task can be made of."""
    return await reference


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group that is none."""
    error = group.exceptions[0]
    return first_of(error) if isinstance(error, BaseExceptionGroup) else error
