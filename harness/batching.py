"""Gathers requests in flight into micro-batches for a model that wants many at once, so that no arm waits for another.

There is no barrier: as soon as the worker is free it takes the oldest waiting item and those nearest to it.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from harness.errors import HarnessError, described

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Seconds in which those just answered may ask again before the next batch leaves without them.
LINGER = 0.002
#: So often is that repeated while the batch still grows.
PATIENCE = 3
CLOSED = "the model was closed before this request was run"


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: they and Generic exclude each other on 3.11
class _Waiting(Generic[Item, Result]):
    """An item on its way to the worker, and the one who waits for it."""

    item: Item
    future: asyncio.Future[Result]
    group: Hashable
    length: float


class Batcher(Generic[Item, Result]):
    """Runs items in batches in one thread of its own; `await submit(item)` returns the item's result.

    The thread is one because what runs there (torch, say) is not re-entrant. A batch that raises is run
    again item by item, so that a bad item fails alone. It belongs to the event loop of its first `submit`.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result]],
        *,
        size: int | Callable[[], int],
        order: Callable[[Item], float] | None = None,
        group: Callable[[Item], Hashable] | None = None,
        name: str = "batcher",
    ) -> None:
        """Make one; nothing starts before the first item.

        Args:
            run: Returns one result an item, in order. Called in the worker thread.
            size: The most items of a batch; asked again before every batch if it can be called.
            order: The length of an item. A batch holds items of similar length, so that little is padded.
            group: Only items whose groups are equal share a batch.
            name: Of the thread, for those who look at a stack.
        """
        self._run = run
        self._size = size
        self._order = order
        self._group = group
        self._waiting: list[_Waiting[Item, Result]] = []
        self._running: list[_Waiting[Item, Result]] = []
        self._asked = asyncio.Event()
        self._closed = False
        self._server: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def submit(self, item: Item) -> Result:
        """Return the result of one item, or raise what its run raised.

        A caller that is cancelled leaves the queue; if its batch already runs, its result is dropped.

        Raises:
            HarnessError: the batcher is closed.
        """
        if self._closed:
            raise HarnessError("asked after the end: this model is already closed")
        waiting = _Waiting[Item, Result](
            item=item,
            future=asyncio.get_running_loop().create_future(),
            group=self._group(item) if self._group else None,
            length=self._order(item) if self._order else 0.0,
        )
        self._waiting.append(waiting)
        self._asked.set()
        if self._server is None:
            self._server = asyncio.create_task(self._serve())
        return await waiting.future

    async def aclose(self) -> None:
        """End: the batch that runs is finished, who still waits is told, the thread is gone. May be called twice."""
        self._closed = True
        self._asked.set()
        self._refuse(HarnessError(CLOSED), self._waiting)
        try:
            if self._server is not None:
                await self._server
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _serve(self) -> None:
        """Run batch after batch until closed."""
        try:
            while not self._closed:
                self._asked.clear()
                if not self._waiting:
                    await self._asked.wait()
                    continue
                await self._settled()
                batch, self._waiting = picked(self._waiting, self._most())
                if batch:
                    self._running = batch
                    await self._answer(batch)
        except BaseException as error:
            self._closed = True
            self._refuse(HarnessError(f"the batch worker ended: {described(error)}"), [*self._running, *self._waiting])
            raise

    async def _settled(self) -> None:
        """Let those who were just answered ask again, so that they share a batch; some milliseconds at most."""
        for _ in range(PATIENCE):
            before = len(self._waiting)
            if before >= self._most():
                return
            await asyncio.sleep(LINGER)
            if len(self._waiting) == before:
                return

    async def _answer(self, batch: list[_Waiting[Item, Result]]) -> None:
        """Run one batch and hand out its results; after a failure, one by one."""
        outcome = await self._outcome(batch)
        if isinstance(outcome, Exception) and len(batch) > 1:
            for waiting in batch:
                if not self._closed and not waiting.future.done():
                    await self._answer([waiting])
            self._refuse(HarnessError(CLOSED), batch)
            return
        for position, waiting in enumerate(batch):
            if waiting.future.done():
                continue
            if isinstance(outcome, Exception):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome[position])

    async def _outcome(self, batch: list[_Waiting[Item, Result]]) -> Sequence[Result] | Exception:
        """Run the items in the worker thread; what they raise is a value, for futures refuse some exceptions."""
        items = [waiting.item for waiting in batch]

        def attempt() -> Sequence[Result] | Exception:
            try:
                results = self._run(items)
            except StopIteration as error:
                return RuntimeError(f"StopIteration: {error}")
            except Exception as error:  # noqa: BLE001  # handed to whoever waits for it
                return error
            if len(results) != len(items):
                return RuntimeError(f"a batch of {len(items)} items gave {len(results)} results")
            return results

        return await asyncio.get_running_loop().run_in_executor(self._thread, attempt)

    def _most(self) -> int:
        """Return the most items of the next batch."""
        return max(1, self._size if isinstance(self._size, int) else self._size())

    def _refuse(self, error: HarnessError, whom: Sequence[_Waiting[Item, Result]]) -> None:
        """Tell those who still wait that nothing will come."""
        for waiting in whom:
            if not waiting.future.done():
                waiting.future.set_exception(error)


def picked(
    waiting: Sequence[_Waiting[Item, Result]], most: int
) -> tuple[list[_Waiting[Item, Result]], list[_Waiting[Item, Result]]]:
    """Return the next batch and the rest; the oldest leads the batch, so that nobody starves."""
    alive = [one for one in waiting if not one.future.done()]
    if not alive:
        return [], []
    lead = alive[0]
    mates = (one for one in enumerate(alive) if one[1].group == lead.group)
    near = heapq.nsmallest(most, mates, key=lambda mate: (mate[0] != 0, abs(mate[1].length - lead.length), mate[0]))
    taken = {position for position, _ in near}
    return [one for _, one in near], [one for position, one in enumerate(alive) if position not in taken]
