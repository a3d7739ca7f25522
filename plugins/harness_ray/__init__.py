"""The executor of more than one machine: documents in blocks to actors of a Ray cluster, one model each.

Plain actors, not Ray Data: the model's identity must be known before the first block, an actor keeps its model's event
loop and works on several blocks at once without a barrier between them, what is being asked is kept when a run ends
early, and scoring needs the main thread of a process, which is the only one that can be interrupted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from harness import Elsewhere, Executor, Model, Record, Work, hookimpl
from harness_ray.options import RayOptions


async def execute(work: Work) -> AsyncIterator[Record]:
    """Yield the record of every document, in order."""
    from harness_ray import crew

    async for record in crew.execute(work):
        yield record


@asynccontextmanager
async def open_model(elsewhere: Elsewhere, options: RayOptions) -> AsyncIterator[Model]:
    """Open the model on the workers."""
    from harness_ray import crew

    async with crew.open_crew(elsewhere, options) as model:
        yield model


@hookimpl
def harness_executors() -> Iterable[Executor]:
    """Yield the executor `ray`."""
    yield Executor(
        name="ray",
        summary="the machines of a Ray cluster, one model an actor; the same records as local",
        execute=execute,
        open=open_model,
        options=RayOptions,
    )
