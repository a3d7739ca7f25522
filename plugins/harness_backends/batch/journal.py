"""Batches under way, noted on the disk: one file each, whole or absent, without a prompt and without a key."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness import HarnessError
from harness.durable import write_whole

#: Seconds after which no provider keeps results any more.
FORGOTTEN = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A batch, as far as it is known."""

    #: Ours, made before the batch.
    token: str
    server: str
    path: str
    #: The names of its requests.
    requests: tuple[str, ...]
    created: float
    #: The provider's; empty while it is being made.
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """The batches of every run under one folder."""

    folder: Path

    def write(self, entry: Entry) -> None:
        """Note a batch; it is on the disk when this returns.

        Raises:
            HarnessError: it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(entry.token), msgspec.json.encode(entry))
        except OSError as error:
            raise HarnessError(f"--batch-api: cannot note a batch in {self.folder}: {error}") from error

    def remove(self, entry: Entry) -> None:
        """Forget a batch."""
        self._path(entry.token).unlink(missing_ok=True)

    def entries(self, server: str) -> list[Entry]:
        """Return the batches of a server, oldest first; what is damaged or too old to have results is forgotten."""
        found = []
        for path in self.folder.glob("*.json"):
            try:
                entry = msgspec.json.decode(path.read_bytes(), type=Entry)
            except FileNotFoundError:  # another run has just forgotten it
                continue
            except OSError as error:
                raise HarnessError(f"--batch-api: cannot read {path}: {error}") from error
            except (msgspec.MsgspecError, UnicodeDecodeError):
                path.unlink(missing_ok=True)
                continue
            if time.time() - entry.created > FORGOTTEN:
                self.remove(entry)
            elif entry.server == server:
                found.append(entry)
        return sorted(found, key=lambda entry: entry.created)

    def _path(self, token: str) -> Path:
        return self.folder / f"{token}.json"
