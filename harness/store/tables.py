"""What the file of a store looks like, and how it is opened."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from harness.errors import StoreError

#: Raised when the tables change. A store of a later version is refused.
STORE_VERSION = 2

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    name BLOB PRIMARY KEY,     -- SHA-256 of the request, see harness.asker.request_name
    model TEXT NOT NULL,       -- for people: which model said it
    body BLOB NOT NULL,        -- the Response, MessagePack
    written REAL NOT NULL,     -- seconds since the epoch
    digest BLOB                -- of name and body, so that a rotten byte is no answer; NULL in rows of version 1
) WITHOUT ROWID
"""

#: One response as the table holds it: name, model, body, written, digest.
Row = tuple[bytes, str, bytes, float, bytes | None]


def digest(name: bytes, body: bytes) -> bytes:
    """Return what tells a whole row from a rotten one."""
    return hashlib.blake2b(body, digest_size=8, key=name[:64]).digest()


def connected(path: Path, *, elsewhere: bool = False) -> sqlite3.Connection:
    """Return a connection that syncs every commit: an answer that was paid for survives a power cut.

    Args:
        path: the file.
        elsewhere: it is used by one other thread than the one that makes it.
    """
    connection = sqlite3.connect(path, timeout=60.0, check_same_thread=not elsewhere)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def prepare(path: Path) -> None:
    """Make the tables, or bring those of an earlier version up to date.

    Raises:
        StoreError: the store is of a later version.
    """
    connection = connected(path)
    try:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > STORE_VERSION:
            raise StoreError(
                f"store {path}: written by a later harness (version {version}, this one reads {STORE_VERSION}): "
                "upgrade, or use another --output"
            )
        if version < STORE_VERSION:
            migrate(connection, version)
    finally:
        connection.close()


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring the tables from an earlier version to this one; two processes may try at once."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(SCHEMA)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(responses)")}
        if version == 1 and "digest" not in columns:
            connection.execute("ALTER TABLE responses ADD COLUMN digest BLOB")
        connection.execute(f"PRAGMA user_version = {STORE_VERSION}")
