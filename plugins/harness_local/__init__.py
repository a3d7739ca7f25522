"""The executor of one machine: documents in flight in one event loop, records in document order.

A slow document holds back only the writing of its successors, not their work; how far they may run
ahead is bounded, so memory is too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable

from harness import Executor, Record, Work, hookimpl

#: Finished documents that may wait for a slow one before them, as a multiple of the documents in flight.
AHEAD = 4


async def execute(work: Work) -> AsyncIterator[Record]:
    """Yield the record of every document, in order.

    At most `work.width` documents are under way. When one document ends the run (a model that cannot
    go on), the others are cancelled and waited for before its error is raised.
    """
    docs = iter(work.docs)
    window: deque[asyncio.Task[Record]] = deque()
    moved = asyncio.Event()
    busy, more = 0, True

    def ended(_: asyncio.Task[Record]) -> None:
        nonlocal busy
        busy -= 1
        moved.set()

    try:
        while more or window:
            while more and busy < work.width and len(window) < AHEAD * work.width:
                doc = next(docs, None)
                if doc is None:
                    more = False
                    break
                busy += 1
                window.append(asyncio.ensure_future(work.evaluate(doc)))
                window[-1].add_done_callback(ended)
            while window and window[0].done():
                yield window.popleft().result()
            if window:
                moved.clear()
                if not window[0].done() and not (more and busy < work.width and len(window) < AHEAD * work.width):
                    await moved.wait()
    finally:
        for task in window:
            task.cancel()
        await asyncio.gather(*window, return_exceptions=True)


@hookimpl
def harness_executors() -> Iterable[Executor]:
    """Yield the executor `local`."""
    yield Executor(name="local", summary="this machine, one event loop", execute=execute)
