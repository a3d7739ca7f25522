"""Where each record stands in its file, and what became of it: a few bytes a record, so that any page is found at once.

It is made as the file is read, and read on while a run writes it; nothing is written into a run folder.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO

import msgspec

from harness import Record, StoreError
from harness_site.view.outcomes import CODES, Outline, outcome_of

_decode = msgspec.json.Decoder(Outline).decode
_decode_record = msgspec.json.Decoder(Record).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which records are looked at; empty: all."""

    outcome: str = ""
    task: str = ""


class Index:
    """The records of one file, by number; safe to read from several threads while it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._begin()

    def _begin(self) -> None:
        self._ends = array("Q", [0])
        self._outcomes = array("B")
        self._tasks = array("H")
        self._numbers = array("Q")
        self._names: dict[str, int] = {}
        self._file: tuple[int, int] | None = None
        self.marks: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        #: Whether the end of the file was reached.
        self.whole = False

    def __len__(self) -> int:
        """Return the number of records found so far."""
        return len(self._outcomes)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks met so far."""
        return tuple(self._names)

    def read_on(self, seconds: float) -> None:
        """Read on from where it stopped, for so long at the most; from the start if the file was begun anew.

        Raises:
            StoreError: the file cannot be read, or a line is no record.
        """
        with self._lock:
            try:
                with self.path.open("rb") as file:
                    told = os.fstat(file.fileno())
                    if self._file != (told.st_dev, told.st_ino) or told.st_size < self._ends[-1]:
                        self._begin()
                        self._file = (told.st_dev, told.st_ino)
                    self._read(file, time.monotonic() + seconds)
            except FileNotFoundError:  # a run that has asked nothing yet
                self._begin()
            except OSError as error:
                raise StoreError(f"{self.path}: {error}") from error

    def _read(self, file: IO[bytes], until: float) -> None:
        file.seek(self._ends[-1])
        for line in file:
            if not line.endswith(b"\n"):  # still being written
                break
            self._add(line)
            if time.monotonic() > until:
                self.whole = False
                return
        self.whole = True

    def _add(self, line: bytes) -> None:
        try:
            found = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path}, record {len(self)}: not a record: {error}") from error
        outcome = outcome_of(found.trials)
        self._outcomes.append(CODES.index(outcome))
        self._tasks.append(self._names.setdefault(found.task, len(self._names)))
        self._numbers.append(found.index)
        self._ends.append(self._ends[-1] + len(line))
        self.marks.update(found.marks)
        self.outcomes[outcome] += 1

    def chosen(self, choice: Choice) -> list[int]:
        """Return the numbers of the records of a choice, in order."""
        import numpy as np

        with self._lock:
            outcomes, tasks = np.array(self._outcomes), np.array(self._tasks)
        keep = np.ones(len(outcomes), dtype=bool)
        if choice.outcome:
            keep &= outcomes == CODES.index(choice.outcome)
        if choice.task:
            keep &= tasks == self._names.get(choice.task, -1)
        found: list[int] = np.flatnonzero(keep).tolist()
        return found

    def number_of(self, doc: str) -> int | None:
        """Return the number of a document's record; None where it is not there."""
        task, _, index = doc.rpartition("/")
        place = self._names.get(task)
        if place is None or not index.isdecimal():
            return None
        with self._lock:
            found = zip(self._tasks, self._numbers, strict=True)
            return next((n for n, key in enumerate(found) if key == (place, int(index))), None)

    def outline(self, number: int) -> Outline:
        """Return a record without its answers."""
        return _decode(self._line(number))

    def record(self, number: int) -> Record:
        """Return a whole record.

        Raises:
            IndexError: there is none of this number.
            StoreError: it cannot be read.
        """
        try:
            return _decode_record(self._line(number))
        except msgspec.MsgspecError as error:
            raise StoreError(f"{self.path}, record {number}: {error}") from error

    def _line(self, number: int) -> bytes:
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._ends[number], self._ends[number + 1]
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except OSError as error:
            raise StoreError(f"{self.path}: {error}") from error

    def outlines(self, numbers: list[int]) -> Iterator[tuple[int, Outline, str]]:
        """Yield number, outline and outcome of records."""
        for number in numbers:
            yield number, self.outline(number), CODES[self._outcomes[number]]
