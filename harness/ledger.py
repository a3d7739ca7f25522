"""The run folder: manifest, records and results; each whole or absent, readable by anything that reads JSON."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from harness.data import RECORD_SCHEMA, Json, Record, plain
from harness.durable import write_whole
from harness.errors import StoreError
from harness.figures import ArmUsage, Estimate
from harness.prices import Price
from harness.seal import SUMS, sums_text
from harness.secrets import Secrets

#: Raised when the shape of manifest.json or results.json changes.
LEDGER_SCHEMA = 2

MANIFEST, RECORDS, RESULTS = "manifest.json", "records.jsonl", "results.json"
#: Locked while a process writes the folder; says which.
LOCK = ".lock"
LONGEST_NAME = 120
#: Bytes of records that are read at once. A line is longer than Python's own buffer, and is put together from pieces.
AT_ONCE = 2**18
#: Bytes of records that are gone through in one piece: a second's work.
PART = 8 * 2**20
#: What a user is told when a run folder cannot be written: the store is another file.
KEPT = "all that was answered is kept: mend that and run the same command again"


_encode = msgspec.json.Encoder(order="deterministic", enc_hook=plain).encode


def line_of(record: Record) -> bytes:
    """Return a record as JSON in one line. Lone surrogates, which no UTF-8 file can hold, are replaced."""
    try:
        return _encode(record)
    except UnicodeEncodeError:
        return _encode(mended(msgspec.to_builtins(record, enc_hook=plain)))


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a run, read from its file each time they are gone through: all, or one part of them."""

    path: Path
    #: The part: lines that begin at byte `start` or later, and before `end`. None: to the end.
    start: int = 0
    end: int | None = None

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in document order; a last line that a broken-off run left half written is no record.

        Raises:
            StoreError: a line is not a record, or is of a later schema.
        """
        decode = msgspec.json.Decoder(Record).decode
        with self.path.open("rb", buffering=AT_ONCE) as lines:
            at = first_line(lines, self.start)
            for line in lines:
                if self.end is not None and at >= self.end:
                    return
                if not line.endswith(b"\n") and not self.path.with_name(RESULTS).exists():
                    return
                try:
                    record = decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                    raise StoreError(f"{self._place(at)}: not a record: {error}") from error
                if record.schema > RECORD_SCHEMA:
                    raise StoreError(
                        f"{self._place(at)}: record schema {record.schema} is later than "
                        f"{RECORD_SCHEMA}: upgrade the harness"
                    )
                yield record
                at += len(line)

    def parts(self, size: int = PART) -> tuple[Records, ...]:
        """Return parts of about `size` bytes that hold all records once, in order; of an empty file, one.

        Raises:
            StoreError: the file cannot be read.
        """
        try:
            length = self.path.stat().st_size
        except OSError as error:
            raise StoreError(f"{self.path}: {error}") from error
        return tuple(Records(self.path, at, at + size) for at in range(0, max(length, 1), size))

    def _place(self, at: int) -> str:
        """Return where a line is that begins at a byte, for a reader."""
        with self.path.open("rb") as lines:
            number = 1
            for line in lines:
                at -= len(line)
                if at < 0:
                    break
                number += 1
        return f"{self.path}, line {number}"


def first_line(lines: IO[bytes], start: int) -> int:
    """Go to the first line that begins at byte `start` or later; return where that is."""
    if not start:
        return 0
    lines.seek(start - 1)
    return start - 1 + len(lines.readline())


class Ledger:
    """One run folder, held open by one process."""

    def __init__(self, folder: Path, lock: IO[str], secrets: Secrets) -> None:
        self.folder = folder
        self._lock = lock
        self._secrets = secrets

    @property
    def records(self) -> Records:
        """The records written so far."""
        return Records(self.folder / RECORDS)

    @contextmanager
    def recording(self) -> Iterator[Callable[[Record], None]]:
        """Give the writer of the records, from the first; what a broken-off run left is derived again from the store.

        Raises:
            StoreError: they cannot be written.
        """
        try:
            with (self.folder / RECORDS).open("wb") as file:
                yield lambda record: written(file, record)
        except OSError as error:
            raise StoreError(f"run folder {self.folder}: cannot write {RECORDS}: {error}; {KEPT}") from error

    @property
    def started(self) -> str | None:
        """When the broken-off run that is taken up here began; None for a new one."""
        try:
            told = read_json(self.folder / MANIFEST)
        except StoreError:  # none yet, or torn: it is written anew
            return None
        return str(told.get("started")) if isinstance(told, dict) else None

    def write(self, name: str, value: Json) -> Path:
        """Write one JSON file, whole or not at all, without secrets."""
        return self.write_bytes(name, self._text(value))

    def finish(self, results: Json) -> None:
        """Write the hashes of all files, then the results, last: a folder with results is a finished run."""
        text = self._text(results)
        self.write_bytes(SUMS, sums_text(self.folder, {RESULTS: text}).encode())
        self.write_bytes(RESULTS, text)

    def _text(self, value: Json) -> bytes:
        """Return a value as the text of a JSON file, without secrets."""
        shown = mended(self._secrets.hidden(msgspec.to_builtins(value, enc_hook=plain)))
        return msgspec.json.format(_encode(shown), indent=2) + b"\n"

    def write_bytes(self, name: str, content: bytes) -> Path:
        """Write one file, whole or not at all."""
        path = self.folder / name
        try:
            write_whole(path, content)
        except OSError as error:
            raise StoreError(f"run folder {self.folder}: cannot write {name}: {error}; {KEPT}") from error
        return path

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()


def written(file: IO[bytes], record: Record) -> None:
    """Write a record as its line."""
    file.write(line_of(record) + b"\n")


def mended(value: Json) -> Json:
    """Return a JSON value whose strings can be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mended(item) for item in value]
    return value


def read_json(path: Path) -> Json:
    """Return the content of a JSON file of a run folder.

    Raises:
        StoreError: it is missing or is no JSON.
    """
    try:
        return msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned:
    """An evaluation, as results tell of it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What results.json tells, and in which form: whoever reads it relies on that, whoever altered it."""

    schema: int
    plan: Mapping[str, Json]
    model: Mapping[str, Json]
    evaluation: Versioned
    constraint_types: Mapping[str, str]
    metrics: Mapping[str, str]
    tasks: Mapping[str, Mapping[str, Json]]
    funnel: Mapping[str, int]
    reasons: Mapping[str, int]
    estimates: tuple[Estimate, ...]
    #: Runs of earlier versions say nothing of these.
    usage: Mapping[str, ArmUsage] = field(default_factory=dict)
    price: Price | None = None


def read_results(folder: Path) -> Json:
    """Return the results of a finished run.

    Raises:
        StoreError: the folder holds none, or of a later schema, or something else.
    """
    results = read_json(folder / RESULTS)
    schema = results.get("schema") if isinstance(results, dict) else None
    if isinstance(schema, int) and schema > LEDGER_SCHEMA:
        raise StoreError(f"{folder / RESULTS}: schema {schema} is later than {LEDGER_SCHEMA}: upgrade")
    try:
        msgspec.convert(results, Results)
    except msgspec.ValidationError as error:
        raise StoreError(f"{folder / RESULTS}: not the results of a run, or altered: {error}") from error
    return results


def open_ledger(root: Path, label: str, identity: Mapping[str, Json], secrets: Secrets) -> Ledger:
    """Open the folder of a run: the one that an equal run left unfinished, else a new one.

    Args:
        root: the folder of all runs.
        label: what the new folder is called, after the time.
        identity: all that makes two runs equal; JSON.
        secrets: masked in everything that is written.

    Raises:
        StoreError: the folder cannot be made, or an equal run is under way in it.
    """
    name = hashlib.sha256(msgspec.json.encode(identity, order="deterministic")).hexdigest()
    try:
        root.mkdir(parents=True, exist_ok=True)
        for folder in unfinished(root, name):
            lock = locked(folder)
            if lock is None:
                raise StoreError(
                    f"run folder {folder}: the same run is under way there ({holder(folder)}); "
                    "wait for it, or change --seed or --output"
                )
            if not (folder / RESULTS).exists():  # it may have ended while we came
                return Ledger(folder, lock, secrets)
            lock.close()
        return new_ledger(root, label, name, secrets)
    except OSError as error:
        raise StoreError(f"output folder {root}: {error}; choose another with --output") from error


def unfinished(root: Path, name: str) -> Iterator[Path]:
    """Yield the folders of equal runs that have no results yet, oldest first."""
    for mark in sorted(root.glob("*/.run")):
        folder = mark.parent
        if mark.read_text(encoding="utf-8", errors="replace").strip() == name and not (folder / RESULTS).exists():
            yield folder


def locked(folder: Path) -> IO[str] | None:
    """Take the folder for this process; None if another has it. The lock goes with the process, however it ends."""
    lock = (folder / LOCK).open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {platform.node()} since {datetime.now(UTC).isoformat(timespec='seconds')}\n")
    lock.flush()
    return lock


def holder(folder: Path) -> str:
    """Return who holds a folder, in words."""
    return (folder / LOCK).read_text(encoding="utf-8", errors="replace").strip() or "another process"


def new_ledger(root: Path, label: str, name: str, secrets: Secrets) -> Ledger:
    """Make a new folder; a number is added where the name is taken."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    base = f"{stamp}_{slug(label)}"
    for number in range(1, 1000):
        folder = root / (base if number == 1 else f"{base}_{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        lock = locked(folder)
        if lock is not None:
            ledger = Ledger(folder, lock, secrets)
            ledger.write_bytes(".run", name.encode() + b"\n")  # whole or absent: by it the run is found again
            return ledger
    raise StoreError(f"output folder {root}: a thousand runs named {base}")


def slug(label: str) -> str:
    """Return a label as a file name.

    >>> slug("gsm8k,math500_format_hf:models/x y")
    'gsm8k-math500_format_hf-models-x-y'
    """
    return re.sub(r"[^A-Za-z0-9_.]+", "-", label).strip("-.")[:LONGEST_NAME] or "run"
