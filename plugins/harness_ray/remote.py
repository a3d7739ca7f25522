"""The run's store as a worker sees it: at the desk, asked for many answers in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from harness import Response, StoreError

Item = TypeVar("Item")
Found = TypeVar("Found")


class Gathered(Generic[Item, Found]):
    """Calls that come while one is under way leave together in the next."""

    def __init__(self, call: Callable[[list[Item]], Awaitable[Sequence[Found]]]) -> None:
        self._call = call
        self._waiting: list[tuple[Item, asyncio.Future[Found]]] = []
        self._calling: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Found:
        """Return what the call gives for one item."""
        future: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._calling is None:
            self._calling = asyncio.create_task(self._call_all())
        return await future

    async def _call_all(self) -> None:
        """Call with what waits until nothing does."""
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                try:
                    found = await self._call([item for item, _ in waiting])
                except Exception as error:  # noqa: BLE001  # it belongs to those who wait
                    for _, future in waiting:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (_, future), one in zip(waiting, found, strict=True):
                    if not future.done():
                        future.set_result(one)
        finally:
            self._calling = None


class RemoteStore:
    """`harness.store.Answers` at the desk. An answer is on the driver's disk before `put` returns."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Response).decode
        self._fetch = Gathered(self._fetched)
        self._keep = Gathered(self._kept)
        self.full = ""

    def get(self, name: bytes) -> Response | None:  # noqa: ARG002  # the protocol's
        """Return nothing: nothing is at hand."""
        return None

    async def fetch(self, name: bytes) -> Response | None:
        """Return the response to a request; None if it was never answered."""
        found = await self._fetch(name)
        return None if found is None else self._decode(found)

    async def put(self, name: bytes, model: str, response: Response) -> Response:
        """Write a response, and return what is kept.

        Raises:
            StoreError: it cannot be written.
        """
        return self._decode(await self._keep((name, model, self._encode(response))))

    async def _fetched(self, names: list[bytes]) -> Sequence[bytes | None]:
        found: Sequence[bytes | None] = await self._desk.fetch.remote(names)
        return found

    async def _kept(self, rows: list[tuple[bytes, str, bytes]]) -> Sequence[bytes]:
        kept, self.full, failure = await self._desk.keep.remote(rows)
        if failure:
            raise StoreError(failure)
        return kept  # type: ignore[no-any-return]
