"""The seal of a run folder: a list of the hashes of its files, as `sha256sum --check` reads it.

A run that has ended is evidence, so that a changed byte must show.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError

SUMS = "SHA256SUMS"
LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<name>.+)")
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What became of the files of a run since it ended; names relative to its folder, sorted."""

    kept: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    #: Files that were not there when it ended. They are no fault.
    added: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every file is as it was."""
        return not self.changed and not self.missing


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sums_text(folder: Path, written_last: Mapping[str, bytes]) -> str:
    """Return the list of hashes of the files of a folder.

    Args:
        folder: of the run.
        written_last: files that are still to be written, with their content.
    """
    hashes = {name: hash_of(folder / name) for name in files_of(folder) if name not in written_last}
    hashes |= {name: hashlib.sha256(content).hexdigest() for name, content in written_last.items()}
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))


def files_of(folder: Path) -> list[str]:
    """Return the names of the files in a folder and below, sorted, without the list itself and half-written ones."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name != SUMS and not name.endswith(".part"))


def seal_of(folder: Path) -> Seal:
    """Compare the files of a run with the list of their hashes.

    Raises:
        StoreError: there is no list, or it cannot be read.
    """
    listed = read_sums(folder / SUMS)
    there = set(files_of(folder))
    same = {name for name in listed if name in there and hash_of(folder / name) == listed[name]}
    return Seal(
        kept=tuple(sorted(same)),
        changed=tuple(sorted(name for name in listed if name in there and name not in same)),
        missing=tuple(sorted(name for name in listed if name not in there)),
        added=tuple(sorted(there - listed.keys())),
    )


def read_sums(path: Path) -> dict[str, str]:
    """Return the hashes by name.

    Raises:
        StoreError: the list is missing, or a line of it is no hash and name.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: {error}; a run that has ended has this list") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        match = LINE.fullmatch(line)
        if match is None:
            raise StoreError(f"{path}, line {number}: no hash and name: {line[:80]!r}")
        found[match["name"]] = match["hash"]
    return found
