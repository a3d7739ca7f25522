"""Space kept free on the disk of a store, so that answers under way can still be written when it is full."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import IO

#: Bytes kept, or an eighth of what is free where that is less: the answers of a thousand requests in flight.
SIZE = 8 << 20
SHARE = 8


class Reserve:
    """A file without a name that takes up space until it is needed; gone with the process, however it ends."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        #: Why nothing further should be asked for; empty until the space was needed.
        self.spent = ""

    @classmethod
    def beside(cls, path: Path) -> Reserve:
        """Return a reserve on the disk of a file; an empty one where no space can be had."""
        try:
            file = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115  # it stays open
        except OSError:
            return cls(None)
        try:
            free = os.statvfs(path.parent)
            os.posix_fallocate(file.fileno(), 0, max(1, min(SIZE, free.f_bavail * free.f_frsize // SHARE)))
        except OSError:
            file.close()
            return cls(None)
        return cls(file)

    def spend(self, error: sqlite3.Error) -> bool:
        """Give the space up if that is what an error calls for; return whether trying again makes sense."""
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL or self.spent:
            return False
        self.spent = (
            f"the disk is full ({error}); all that was answered is kept: free some space and run the same command again"
        )
        self.release()
        return True

    def release(self) -> None:
        """Give the space up."""
        if self._file is not None:
            self._file.close()
            self._file = None
