"""The desk beside the driver: hands out blocks, keeps answers in the run's store, takes records back.

An actor of its own, because workers cannot call the driver; on the driver's node, because the store is a file there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from harness import Response, StoreError
from harness.store import Store, open_store
from harness_ray.blocks import Board, blocks

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Response).decode


class Desk:
    """What workers and the driver ask; every method may be waiting in many calls at once."""

    def __init__(self, store: str) -> None:
        self._path = Path(store)
        self._stack = ExitStack()
        self._store: Store | None = None
        self._board: Board | None = None
        self._moved = asyncio.Condition()
        self._closed = asyncio.Event()
        self._facts: dict[str, bytes] = {}
        #: Workers that are lost; what they still ask for, nobody would work on.
        self._lost: set[str] = set()
        self._told: dict[str, float] = {}

    # ------------------------------------------------------------ the driver asks

    async def begin(self, counts: Mapping[str, int], size: int, window: int) -> None:
        """Lay out the documents of a run."""
        async with self._moved:
            self._board = Board(fresh=blocks(counts, size), window=window)
            self._moved.notify_all()

    async def deliver(self, number: int) -> tuple[list[bytes], dict[str, float]]:
        """Return the records of a block once it is back, and what was asked of models since the last one."""
        async with self._moved:
            while True:
                lines = None if self._board is None else self._board.deliver(number)
                if lines is not None:
                    told, self._told = self._told, {}
                    self._moved.notify_all()
                    return lines, told
                await self._moved.wait()

    async def lose(self, worker: str) -> list[tuple[str, int, int]]:
        """Have a lost worker's blocks worked on anew; return those that have cost too many workers."""
        async with self._moved:
            self._facts.pop(worker, None)
            self._lost.add(worker)
            fatal = [] if self._board is None else self._board.lose(worker)
            self._moved.notify_all()
            return [(block.task, block.start, block.stop) for block in fatal]

    async def ready(self) -> dict[str, bytes]:
        """Return what the workers told of their models, once there is one."""
        async with self._moved:
            while not self._facts:
                await self._moved.wait()
            return dict(self._facts)

    async def close(self) -> list[str]:
        """Hand out nothing further; workers end. Return those that have a model open."""
        self._closed.set()
        async with self._moved:
            self._moved.notify_all()
            return list(self._facts)

    async def leave(self) -> None:
        """Close the store: nobody asks any more."""
        self._stack.close()

    # ------------------------------------------------------------ workers ask

    async def opened(self, worker: str, facts: bytes) -> str:
        """Take what a worker tells of its model; return what is wrong with it, if it is another than its fellows'."""
        async with self._moved:
            other = next(iter(self._facts.values()), facts)
            if other != facts:
                return f"the workers opened different models: {other.decode()} and {facts.decode()}"
            self._facts[worker] = facts
            self._moved.notify_all()
            return ""

    async def take(self, worker: str) -> tuple[int, str, int, int] | None:
        """Return a block to work on, when there is one; None when there will be none."""
        async with self._moved:
            while not self._closed.is_set() and worker not in self._lost:
                block = None if self._board is None else self._board.take(worker)
                if block is not None:
                    return block.number, block.task, block.start, block.stop
                if self._board is not None and self._board.done:
                    self._moved.notify_all()
                    return None
                await self._moved.wait()
            return None

    async def give(self, number: int, lines: list[bytes], told: Mapping[str, float]) -> None:
        """Take the records of a block back."""
        async with self._moved:
            for name, count in told.items():
                self._told[name] = self._told.get(name, 0) + count
            if self._board is not None:
                self._board.give(number, lines)
            self._moved.notify_all()

    async def ended(self) -> None:
        """Return when the run is to end, however far it is."""
        await self._closed.wait()

    async def fetch(self, names: Sequence[bytes]) -> list[bytes | None]:
        """Return the answers that are kept under some names."""
        store = self._opened()
        found = [store.get(name) for name in names]
        return [None if one is None else _encode(one) for one in found]

    async def keep(self, rows: Sequence[tuple[bytes, str, bytes]]) -> tuple[list[bytes], str, str]:
        """Write answers, and return those that are kept, once they are on the disk.

        Returns:
            The answers; why no more should be asked for; why they could not be written. Texts are empty if all is well.
        """
        store = self._opened()
        try:
            kept = await asyncio.gather(*(store.put(name, model, _decode(body)) for name, model, body in rows))
        except StoreError as error:
            return [], store.full, str(error)
        return [_encode(one) for one in kept], store.full, ""

    def _opened(self) -> Store:
        """Return the store, opened in the thread that uses it."""
        if self._store is None:
            self._store = self._stack.enter_context(open_store(self._path))
        return self._store
