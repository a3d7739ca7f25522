"""Recorded answers on disk, found by the hash of what was asked: only places are held in memory, no texts."""

from __future__ import annotations

import gzip
import hashlib
import json
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from harness import BackendError, Kind
from harness_backends.replay.options import ReplayOptions
from harness_backends.replay.questions import Questions, plain
from harness_backends.replay.rows import Entry, Unreadable, at, entries, question_of

#: A packed file may grow so many times over, and to so many bytes in any case.
GROWTH, SMALLEST_BOMB = 200, 1 << 28


@dataclass(frozen=True, slots=True)
class Place:
    """Where one recorded answer stands."""

    file: int
    offset: int
    #: Which of the row's answers.
    nth: int
    draw: str | int | None
    #: The value that joins its row to a question; equal questions of different rows cannot be told apart.
    item: str


@dataclass(slots=True)
class Recordings:
    """Opened files and the places of their answers; filled once, when opened."""

    options: ReplayOptions
    files: list[IO[bytes]] = field(default_factory=list)
    places: dict[bytes, list[Place]] = field(default_factory=dict)
    kinds: set[Kind] = field(default_factory=set)
    #: By question alone: the recorded ones.
    questions: Questions | None = None
    #: Questions by the value that joins.
    joined: dict[str, str] = field(default_factory=dict)
    #: Of the files' contents.
    hash: str = ""

    def at(self, place: Place) -> Entry:
        """Return the recorded answer at a place."""
        file = self.files[place.file]
        file.seek(place.offset)
        row = msgspec.json.decode(file.readline())
        return entries(row, self.options, self.question(row))[place.nth]

    def question(self, row: Any) -> str | None:
        """Return the question a row is found by; None if it is found by its prompts.

        Raises:
            Unreadable: it has none.
        """
        if self.options.by == "prompt" or not isinstance(row, dict):
            return None
        if not self.options.join:
            question = question_of(row, self.options)
        else:
            question = self.joined.get(str(at(row, joining_field(self.options))))
        if question is None:
            raise Unreadable("it has no question: set question_field, or join=FILE:FIELD")
        return plain(question)

    def close(self) -> None:
        """Close the files."""
        for file in self.files:
            file.close()


def key(kind: Kind, asked: str, continuation: str = "") -> bytes:
    """Return what an answer is found by."""
    return hashlib.sha256(f"{kind}\x1f{asked}\x1f{continuation}".encode()).digest()[:16]


def read(name: str, options: ReplayOptions) -> Recordings:
    """Return the recordings of a file or folder.

    Raises:
        BackendError: there are none, or they cannot be read.
    """
    paths = files_of(name)
    recordings = Recordings(options)
    digest = hashlib.sha256()
    try:
        if options.join:
            recordings.joined = questions_by_item(options)
            digest.update(json.dumps(sorted(recordings.joined.items())).encode())
        questions: set[str] = set()
        for path in paths:
            with blamed(path):
                file, content = opened(path)
            recordings.files.append(file)
            digest.update(content)
            index(recordings, path, questions)
        check_some(recordings, name)
    except BaseException:
        recordings.close()
        raise
    recordings.questions = Questions(questions) if options.by == "question" else None
    recordings.hash = digest.hexdigest()
    return recordings


def check_some(recordings: Recordings, name: str) -> None:
    """Make sure that something was recorded.

    Raises:
        BackendError: nothing was.
    """
    if not recordings.places:
        raise BackendError(f"replay: {name!r} holds no recorded answer")


def index(recordings: Recordings, path: Path, questions: set[str]) -> None:
    """Note the places of the answers of the file that was opened last."""
    number = len(recordings.files) - 1
    first_filter: Any = None
    for offset, line, row in rows(recordings.files[number], path):
        if isinstance(row, dict) and "resps" in row and "filter" in row:  # lm-eval logs a document once a filter
            first_filter = row["filter"] if first_filter is None else first_filter
            if row["filter"] != first_filter:
                continue
        try:
            question = recordings.question(row)
            found = entries(row, recordings.options, question)
        except (Unreadable, KeyError, IndexError, TypeError, ValueError) as error:
            raise BackendError(f"replay: {path.name}, line {line}: {error}") from error
        if question is not None:
            questions.add(question)
        item = item_of(row, recordings.options)
        for nth, entry in enumerate(found):
            place = Place(number, offset, nth, entry.draw, item)
            recordings.places.setdefault(key(entry.kind, entry.asked, entry.continuation), []).append(place)
            recordings.kinds.add(entry.kind)


def item_of(row: Any, options: ReplayOptions) -> str:
    """Return what tells apart rows of equal questions: the joining value, or the document of a sample log."""
    if options.join:
        return str(at(row, joining_field(options)))
    return str(row.get("doc_id", "")) if options.by == "question" and isinstance(row, dict) else ""


def rows(file: IO[bytes], path: Path) -> Iterator[tuple[int, int, Any]]:
    """Yield offset, line number and value of every row.

    Raises:
        BackendError: a line is no JSON.
    """
    file.seek(0)
    offset = 0
    for line, text in enumerate(file, start=1):
        if text.strip():
            try:
                yield offset, line, msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                raise BackendError(f"replay: {path.name}, line {line} is no JSON: {error}") from error
        offset += len(text)


def files_of(name: str) -> list[Path]:
    """Return the files that a name stands for; of a folder with lm-eval's sample logs, those.

    Raises:
        BackendError: there are none.
    """
    path = Path(name).expanduser()
    if name and path.is_file():
        return [path]
    if not name or not path.is_dir():
        raise BackendError(f"replay: there is no file {name!r}: --model replay:FILE_OR_FOLDER")
    found = sorted(one for one in path.iterdir() if one.name.endswith((".jsonl", ".jsonl.gz")))
    found = [one for one in found if one.name.startswith("samples_")] or found
    if not found:
        raise BackendError(f"replay: the folder {name!r} holds no .jsonl or .jsonl.gz file")
    return found


def opened(path: Path) -> tuple[IO[bytes], bytes]:
    """Return a file that can be read at any place, and the hash of its content; what is packed is unpacked aside."""
    if path.suffix == ".gz":
        file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the model
        try:
            unpack(path, file)
        except BackendError:
            file.close()
            raise
        file.seek(0)
    else:
        file = path.open("rb")
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return file, digest.digest()


def unpack(path: Path, file: IO[bytes]) -> None:
    """Unpack a file into another, but no bomb: recorded answers shrink to a tenth, not to a thousandth.

    Raises:
        BackendError: it grows beyond what text does, or is not packed.
    """
    most = max(SMALLEST_BOMB, path.stat().st_size * GROWTH)
    size = 0
    try:
        with gzip.open(path, "rb") as packed:
            while piece := packed.read(1 << 20):
                size += len(piece)
                if size > most:
                    raise BackendError(f"replay: {path.name} grows to more than {most:,} bytes; unpack it yourself")
                file.write(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise BackendError(f"replay: {path.name} cannot be unpacked: {error}") from error


def blamed(path: Path) -> Any:
    """Attribute what goes wrong with a file to it."""
    from harness import blame

    return blame(f"replay: {path.name}", BackendError)


def joining_field(options: ReplayOptions) -> str:
    """Return the field that two files share.

    Raises:
        BackendError: the option is malformed.
    """
    file, _, name = options.join.rpartition(":")
    if not file or not name:
        raise BackendError(f"replay: join is {options.join!r}; it looks like questions.jsonl:id")
    return name


def questions_by_item(options: ReplayOptions) -> dict[str, str]:
    """Return the questions of the joined file by the value they are joined by.

    Raises:
        BackendError: it cannot be read, or has not these fields.
    """
    name = joining_field(options)
    if options.by != "question":
        raise BackendError("replay: join is for by=question: set both")
    (path,) = files_of(options.join.rpartition(":")[0])
    with blamed(path):
        file, _ = opened(path)
    with file:
        found = {
            str(at(row, name)): question_of(row, options) for _, _, row in rows(file, path) if isinstance(row, dict)
        }
    joined = {item: question for item, question in found.items() if question is not None and item != "None"}
    if not joined:
        raise BackendError(f"replay: no row of {path.name} has both {name!r} and {options.question_field!r}")
    return joined
