"""A damaged store: found before it is used, set aside whole, and what can be read of it taken over.

SQLite's own log survives a killed process and a power cut. What is left are disks that tear pages and
people who cut files; then a store must neither serve a wrong answer nor lose those that are whole.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.store.tables import Row, connected, digest

#: The first bytes of every SQLite file.
MAGIC = b"SQLite format 3\0"
#: A store up to this many bytes is looked through at each opening; a larger one where something hints at damage.
SMALL = 32 << 20
#: Beside the store: something could not be read.
MARK = "store.suspect"
#: Names are hashes, so their first eight bytes spread evenly over this many places.
PLACES = 1 << 64
#: The leap over broken pages: so large a part of the store is looked at apart.
LEAP = PLACES >> 14
#: So few places hold no name: the edge of a broken page is not looked for more closely.
NARROW = PLACES >> 40
ROWS = "SELECT * FROM responses WHERE name >= ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A store that was set aside."""

    path: Path
    #: What SQLite said of it.
    why: str

    def rows(self) -> Iterator[Row]:
        """Yield every row that can be read and is what was put there."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA writable_schema = ON")  # or a cut file is refused as a whole
            connection.execute("PRAGMA mmap_size = 1073741824")
            yield from readable(connection)


@contextmanager
def shared(path: Path) -> Iterator[Callable[[], bool]]:
    """Hold a store together with other processes; give a function that says whether nobody else holds it."""
    with path.with_name("store.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # waits while another process mends

        def alone() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            return True

        yield alone
        # closing the file lets go


def set_aside(path: Path, alone: Callable[[], bool]) -> Damaged | None:
    """Move a damaged store out of the way; None if there is none, or it is whole.

    Raises:
        StoreError: it is no store at all, or another process uses it.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    why = damage(path)
    if not why:
        return None
    if not alone():
        raise StoreError(f"store {path} is damaged ({why}) and in use by another run: end that one first")
    number = next(n for n in range(1, 1_000_000) if not path.with_name(f"store.damaged-{n}.db").exists())
    aside = path.with_name(f"store.damaged-{number}.db")
    for ending in ("", "-wal", "-shm"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))
    path.with_name(MARK).unlink(missing_ok=True)
    return Damaged(path=aside, why=why)


def damage(path: Path) -> str:
    """Return what is wrong with a store, as far as it is worth a look; empty if nothing.

    Raises:
        StoreError: it never was a store.
    """
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start != MAGIC:
        if start.strip(b"\0"):
            raise StoreError(f"store {path}: file is not a database; move it away to start a new one")
        return "its first page is gone"
    log = path.with_name(path.name + "-wal")
    if path.stat().st_size > SMALL and not log.exists() and not path.with_name(MARK).exists():
        return ""
    try:
        with closing(connected(path)) as connection:
            said: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    return "" if said == "ok" else " ".join(said.split())


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is not as SQLite left it."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def readable(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield the rows that stand on pages in good order; a broken page costs those on it, and few beside them."""
    start: int | None = 0
    while start is not None:
        last = start + LEAP  # where nothing is read from here on, go on behind
        try:
            for row in connection.execute(f"{ROWS} ORDER BY name", (named(start),)):
                if is_whole(row):
                    last = place(row[0])
                    yield (*row, None)[:5]
        except sqlite3.DatabaseError:
            start = beyond(connection, last)
        else:
            return


def is_whole(row: tuple[Any, ...]) -> bool:
    """Whether a row is what was put; a torn page may give anything."""
    name, model, body, written, *more = row
    if not (isinstance(name, bytes) and isinstance(body, bytes) and isinstance(model, str)):
        return False
    told = more[0] if more else None
    return isinstance(written, float) and (told is None or told == digest(name, body))


def beyond(connection: sqlite3.Connection, broken: int) -> int | None:
    """Return the first place after broken pages from where a row can be read again; None if there is none."""
    bad, good = broken, broken + LEAP
    while not whole_from(connection, good):
        bad, good = good, good + LEAP
        if bad >= PLACES:
            return None
    while good - bad > NARROW:
        middle = (bad + good) // 2
        bad, good = (bad, middle) if whole_from(connection, middle) else (middle, good)
    return good if good < PLACES else None


def whole_from(connection: sqlite3.Connection, start: int) -> bool:
    """Whether the next row from a place on is whole, or there is none."""
    try:
        row = connection.execute(f"{ROWS} ORDER BY name LIMIT 1", (named(start),)).fetchone()
    except sqlite3.DatabaseError:
        return False
    return row is None or is_whole(row)


def place(name: bytes) -> int:
    """Return where a name stands among all: its first eight bytes as a number."""
    return int.from_bytes(name[:8].ljust(8, b"\0"), "big")


def named(start: int) -> bytes:
    """Return the lowest name at a place."""
    return min(start, PLACES - 1).to_bytes(8, "big")
