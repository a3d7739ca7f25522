"""The responses of every run under one folder, on SQLite: found by the name of the request, never by anything less."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec

from harness.data import Response
from harness.errors import StoreError
from harness.store.mending import MARK, Damaged, is_damage, set_aside, shared
from harness.store.reserve import Reserve
from harness.store.tables import Row, connected, digest, prepare

INSERT = "INSERT OR IGNORE INTO responses (name, model, body, written, digest) VALUES (?, ?, ?, ?, ?)"

log = logging.getLogger(__name__)


class Store:
    """Responses by request name. An answer is on the disk before `put` returns.

    One writer a process, in a thread of its own; several processes may share the file. Every commit is
    synced, so neither a killed process nor a power cut loses what was put.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = connected(path)
        self._writer = connected(path, elsewhere=True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._reserve = Reserve.beside(path)
        self._waiting: list[tuple[Row, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._encode = msgspec.msgpack.Encoder().encode  # JSON has no infinity, and a log-likelihood may be one
        self._decode = msgspec.msgpack.Decoder(Response).decode

    @property
    def full(self) -> str:
        """Why no further answer should be asked for; empty while there is room. What was asked is still written."""
        return f"store {self._path}: {self._reserve.spent}" if self._reserve.spent else ""

    def get(self, name: bytes) -> Response | None:
        """Return the response to a request, or None if it was never answered.

        A row that does not hold what was put is taken out, with a warning: its request is asked again.

        Raises:
            StoreError: the store cannot be read.
        """
        try:
            row = self._reader.execute("SELECT body, digest FROM responses WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        if row is None:
            return None
        body, told = row
        if told is None or told == digest(name, body):
            try:
                return self._decode(body)
            except msgspec.MsgspecError:
                pass  # damaged: a store of version 1 has no digests
        log.warning("store %s: response %s is damaged; it is taken out and asked again", self._path, name.hex()[:16])
        self._thread.submit(self._take_out, name).result()
        return None

    async def fetch(self, name: bytes) -> Response | None:  # noqa: ARG002  # the protocol's
        """Return nothing: all there is is at hand."""
        return None

    async def put(self, name: bytes, model: str, response: Response) -> Response:
        """Write a response, and return what is kept once it is safe: the first, if another process had one too.

        Answers that come while others are being written are written together.
        """
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        body = self._encode(response)
        self._waiting.append(((name, model, body, time.time(), digest(name, body)), written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        first = await written
        return self._decode(body) if first else self.get(name) or response

    async def _write_all(self) -> None:
        """Write what waits until nothing does."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                rows = [row for row, _ in waiting]
                try:
                    new = await asyncio.shield(loop.run_in_executor(self._thread, self._commit, rows))
                except StoreError as failure:
                    settle(waiting, failure)
                else:
                    settle(waiting, new)
        finally:
            self._writing = None

    def _commit(self, rows: list[Row]) -> int:
        """Write rows in one transaction and return how many were new; on a full disk in the space kept for that.

        Raises:
            StoreError: they cannot be written.
        """
        try:
            try:
                return self._insert(rows)
            except sqlite3.OperationalError as error:
                if not self._reserve.spend(error):
                    raise
                return self._insert(rows)
        except sqlite3.Error as error:
            raise self._unreadable(error, "cannot write") from error

    def _insert(self, rows: list[Row]) -> int:
        with self._writer:
            return self._writer.executemany(INSERT, rows).rowcount

    def _take_out(self, name: bytes) -> None:
        with self._writer:
            self._writer.execute("DELETE FROM responses WHERE name = ?", (name,))

    def _unreadable(self, error: sqlite3.Error, what: str = "cannot read") -> StoreError:
        """Return the error for the user; a damaged file is looked through when it is opened next."""
        if not is_damage(error):
            return StoreError(f"store {self._path}: {what}: {error}")
        self._path.with_name(MARK).touch()
        return StoreError(f"store {self._path}: {error}; run the same command again: it keeps what can be read")

    def __len__(self) -> int:
        """Return the number of responses."""
        count: int = self._reader.execute("SELECT count(*) FROM responses").fetchone()[0]
        return count

    def close(self) -> None:
        """Write what waits, and close."""
        if self._waiting:
            rows, self._waiting = [row for row, _ in self._waiting], []
            self._thread.submit(self._commit, rows).result()
        self._thread.shutdown()
        self._writer.close()
        self._reader.close()
        self._reserve.release()


def settle(waiting: list[tuple[Row, asyncio.Future[bool]]], told: int | StoreError) -> None:
    """Tell those who wait whether all their answers were new, by how many were; or why they are not written."""
    for _, written in waiting:
        if written.done():  # whoever waited has gone
            continue
        if isinstance(told, StoreError):
            written.set_exception(told)
        else:
            written.set_result(told == len(waiting))


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """Open a store, making it where there is none. A damaged one is set aside, and what can be read of it kept.

    Raises:
        StoreError: the file is no store, cannot be opened, or is of a later version.
    """
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            alone = stack.enter_context(shared(path))
            damaged = set_aside(path, alone)
            prepare(path)
            if damaged is not None:
                take_over(path, damaged)
            store = stack.enter_context(closing(Store(path)))
        except sqlite3.Error as error:
            raise StoreError(f"store {path}: {error}") from error
        except OSError as error:
            raise StoreError(f"store {path}: {error}; choose another folder with --output") from error
        yield store


def take_over(path: Path, damaged: Damaged) -> None:
    """Put what can be read of a damaged store into the new one."""
    with closing(connected(path)) as connection:
        with connection:
            connection.executemany(INSERT, damaged.rows())
        kept = connection.total_changes
    log.warning("store %s was damaged (%s): kept %s answers, and the file as %s", path, damaged.why, kept, damaged.path)
