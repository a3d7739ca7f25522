"""A request that may sit on a dead connection is sent once more beside itself; the first good answer wins.

Hedged requests as in Dean and Barroso, The Tail at Scale (2013). In the usual case it costs a timer and no task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def hedged(
    send: Callable[[bool], Awaitable[Answer]],
    good: Callable[[Answer], bool],
    *,
    most: float,
    patience: float | None,
    may: Callable[[], bool],
) -> Answer:
    """Return the first good answer; if there is none, what came of the first attempt.

    Args:
        send: asks, over a new connection if told so.
        good: whether an answer ends it.
        most: seconds for all of it.
        patience: seconds after which it may be sent again; None: it may not.
        may: asked then whether it shall.

    Raises:
        TimeoutError: there is no answer within `most` seconds. Whatever the first attempt raised.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + most
    second: asyncio.Task[Answer] | None = None
    waiting = True

    def ended(task: asyncio.Task[Answer]) -> None:
        if waiting and not scope.expired() and brought(task, good) is not None:
            scope.reschedule(loop.time())  # the first has been waited for long enough

    async def sent_again() -> Answer:
        return await send(True)  # noqa: FBT003  # a new connection

    def again() -> None:
        nonlocal second
        scope.reschedule(end)
        if may():
            second = asyncio.create_task(sent_again())
            second.add_done_callback(ended)

    timer = None if patience is None or patience >= most else loop.call_later(patience, again)
    try:
        try:
            async with asyncio.timeout_at(end if timer is None else None) as scope:  # else its end is set by `again`
                first = await send(False)  # noqa: FBT003  # any connection
        except Exception:
            waiting = False
            other = await awaited(second, good, end)
            if other is None:
                raise
            return other
        waiting = False
        return first if good(first) else await awaited(second, good, end) or first
    finally:
        if timer is not None:
            timer.cancel()
        if second is not None:
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)


def brought(task: asyncio.Task[Answer], good: Callable[[Answer], bool]) -> Answer | None:
    """Return the good answer of an attempt; None while it has none."""
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result() if good(task.result()) else None


async def awaited(task: asyncio.Task[Answer] | None, good: Callable[[Answer], bool], end: float) -> Answer | None:
    """Return the good answer that a second attempt brings until `end`, a time of the loop; None if there is none."""
    if task is None:
        return None
    if not task.done():
        await asyncio.wait([task], timeout=max(0.0, end - asyncio.get_running_loop().time()))
    return brought(task, good)
