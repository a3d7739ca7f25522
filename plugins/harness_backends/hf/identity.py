"""What tells one set of local weights from another: hashes of the files, never their place on a disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

#: Files that decide what a model answers; a README does not.
SUFFIXES = frozenset({".safetensors", ".bin", ".pt", ".json", ".jinja", ".model", ".txt", ".tiktoken", ".py"})
#: A file this large is hashed once, and again only when its size or time has changed.
LARGE = 64 * 1024 * 1024


def folder_hash(folder: Path) -> str:
    """Return one hash over the weights, tokenizer and configuration of a folder."""
    files = [path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES and path.is_file()]
    large = Remembered(cache_file(), (path for path in files if path.stat().st_size >= LARGE))
    with ThreadPoolExecutor(max_workers=4) as threads:
        hashes = list(threads.map(lambda path: large.get(path) or file_hash(path), files))
    large.keep(zip(files, hashes, strict=True))
    lines = (f"{path.name} {value}\n" for path, value in zip(files, hashes, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_file() -> Path:
    """Return where hashes of large files are remembered."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "sustain-harness" / "weights.json"


class Remembered:
    """Hashes of large files from earlier runs, believed while name, size and time are the same."""

    def __init__(self, store: Path, files: Iterable[Path]) -> None:
        self._store = store
        self._keys = {path: stamp(path) for path in files}
        self._known: dict[str, str] = {}
        if self._keys and store.is_file():
            try:
                self._known = dict(json.loads(store.read_text()))
            except ValueError:  # half written: everything is hashed again
                self._known = {}

    def get(self, path: Path) -> str:
        """Return the hash of a file, empty where it is not known."""
        return self._known.get(self._keys.get(path, ""), "")

    def keep(self, hashes: Iterable[tuple[Path, str]]) -> None:
        """Remember the hashes of the large ones; a cache that cannot be written costs time only."""
        new = {self._keys[path]: value for path, value in hashes if path in self._keys}
        if new.keys() <= self._known.keys():
            return
        try:
            self._store.parent.mkdir(parents=True, exist_ok=True)
            half = self._store.with_suffix(f".{os.getpid()}")
            half.write_text(json.dumps({**self._known, **new}))
            half.replace(self._store)
        except OSError:
            return


def stamp(path: Path) -> str:
    """Return what changes when a file changes."""
    facts = path.stat()
    return f"{path.resolve()} {facts.st_size} {facts.st_mtime_ns}"
