"""What every executor promises: all documents, in order, no more at once than asked, nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from itertools import count, islice

from harness.contracts import Executor, Work
from harness.data import Doc, Record
from harness.plan import Plan

WIDTH = 4
DOCS = 25


async def check_executor(executor: Executor) -> None:
    """Check what an executor promises.

    Raises:
        AssertionError: a document lost, doubled or out of order; more under way than asked for; an endless stream read
            to its end; an error swallowed; work that goes on after the end.
    """
    name = f"executor {executor.name}"
    floor = Floor()
    records = [record async for record in executor.execute(work(islice(numbered(), DOCS), floor.evaluate))]
    wanted = [f"sums/{number}" for number in range(DOCS)]
    assert [record.doc for record in records] == wanted, f"{name}: other documents, or in another order"
    assert floor.most <= WIDTH, f"{name}: {floor.most} documents under way, {WIDTH} were asked for"
    assert [one async for one in executor.execute(work((), floor.evaluate))] == [], f"{name}: records of no documents"

    stream: AsyncIterator[Record] = executor.execute(work(numbered(), floor.evaluate))
    async with aclosing(stream) as endless:  # type: ignore[type-var]
        async for record in endless:
            if record.index >= DOCS:
                break
    await asyncio.sleep(0)
    assert not floor.under_way, f"{name}: {len(floor.under_way)} documents go on after it was closed"

    failing = Floor(fails=7)
    try:
        async for _ in executor.execute(work(islice(numbered(), DOCS), failing.evaluate)):
            pass
    except OverflowError:
        pass
    else:
        raise AssertionError(f"{name}: swallows the error that ends a run")
    assert not failing.under_way, f"{name}: {len(failing.under_way)} documents go on after an error"


class Floor:
    """Where documents are worked on: later ones are the quicker, and it is seen how many are there at once."""

    def __init__(self, fails: int = -1) -> None:
        self.fails = fails
        self.under_way: set[int] = set()
        self.most = 0

    async def evaluate(self, doc: Doc) -> Record:
        """Return the record of a document after a while.

        Raises:
            OverflowError: it is the one that fails.
        """
        self.under_way.add(doc.index)
        self.most = max(self.most, len(self.under_way))
        try:
            await asyncio.sleep(0.002 * (WIDTH - doc.index % WIDTH))
            if doc.index == self.fails:
                raise OverflowError
            return Record(doc=doc.id, task=doc.task, index=doc.index)
        finally:
            self.under_way.discard(doc.index)


def numbered() -> Iterable[Doc]:
    """Yield documents without end."""
    return (Doc(id=f"sums/{number}", task="sums", index=number, fields={}) for number in count())


def work(docs: Iterable[Doc], evaluate: Callable[[Doc], Awaitable[Record]]) -> Work:
    """Return what an executor carries out."""
    return Work(plan=Plan(tasks=("sums",)), docs=docs, evaluate=evaluate, width=WIDTH)
