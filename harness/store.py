"""The responses of every run under one folder, on SQLite: found by the name of the request, never by anything less."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from harness.data import Response
from harness.errors import StoreError

#: Raised when the tables change. A store of a later version is refused.
STORE_VERSION = 1
#: Answers are written together after this many seconds, or as soon as so many wait.
GROUP_SECONDS = 0.01
GROUP_SIZE = 512

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    name BLOB PRIMARY KEY,     -- SHA-256 of the request, see harness.asker.request_name
    model TEXT NOT NULL,       -- for people: which model said it
    body BLOB NOT NULL,        -- the Response, MessagePack
    written REAL NOT NULL      -- seconds since the epoch
) WITHOUT ROWID
"""


class Store:
    """Responses by request name. An answer is on disk before `put` returns.

    One writer a process; several processes may share the file. The log is flushed to the operating
    system at each commit, so a killed process loses nothing that was put.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._waiting: list[tuple[tuple[bytes, str, bytes, float], asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._encode = msgspec.msgpack.Encoder().encode  # JSON has no infinity, and a log-likelihood may be one
        self._decode = msgspec.msgpack.Decoder(Response).decode

    def get(self, name: bytes) -> Response | None:
        """Return the response to a request, or None if it was never answered.

        Raises:
            StoreError: the store cannot be read, or holds something else there.
        """
        try:
            row = self._connection.execute("SELECT body FROM responses WHERE name = ?", (name,)).fetchone()
            return None if row is None else self._decode(row[0])
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise StoreError(f"store {self._path}: damaged at response {name.hex()}: {error}") from error

    async def put(self, name: bytes, model: str, response: Response) -> Response:
        """Write a response, and return what is kept once it is safe: the first, if another process had one too."""
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        self._waiting.append(((name, model, self._encode(response), time.time()), written))
        if len(self._waiting) >= GROUP_SIZE:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(GROUP_SECONDS, self._flush)
        await written
        return self.get(name) or response

    def _flush(self) -> None:
        """Write all that waits in one transaction."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO responses VALUES (?, ?, ?, ?)", [row for row, _ in waiting]
                )
        except sqlite3.Error as error:
            failure = StoreError(f"store {self._path}: cannot write: {error}")
            for _, written in waiting:
                if not written.done():
                    written.set_exception(failure)
            return
        for _, written in waiting:
            if not written.done():
                written.set_result(None)

    def __len__(self) -> int:
        """Return the number of responses."""
        count: int = self._connection.execute("SELECT count(*) FROM responses").fetchone()[0]
        return count

    def close(self) -> None:
        """Write what waits, and close."""
        if self._waiting:
            self._flush()
        self._connection.close()


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """Open a store, making it where there is none.

    Raises:
        StoreError: the file is no store, is damaged, or is of a later version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=60.0)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > STORE_VERSION:
            raise StoreError(
                f"store {path}: written by a later harness (version {version}, this one reads {STORE_VERSION}): "
                "upgrade, or use another --output"
            )
        connection.execute(SCHEMA)
        connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
        connection.commit()
    except (sqlite3.OperationalError, OSError) as error:
        raise StoreError(f"store {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"store {path}: {error}; move it away to start a new one") from error
    store = Store(connection, path)
    try:
        yield store
    finally:
        store.close()
