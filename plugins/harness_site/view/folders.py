"""The run folders that are looked at: found again at every look, since runs begin and end meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from harness import HarnessError, Json, StoreError
from harness.ledger import MANIFEST, RECORDS, RESULTS, read_json, read_results, slug
from harness_site.view.index import Index

#: What is shown of a run folder beside its records and results.
EXHIBITS = ("pictures/*.svg", "attention/pictures/*.svg", "attention/answers.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """One run folder; finished or not."""

    name: str
    folder: Path
    index: Index

    @property
    def finished(self) -> bool:
        """Whether it has results."""
        return (self.folder / RESULTS).exists()

    @property
    def manifest(self) -> Mapping[str, Json]:
        """What is known of the run from its start.

        Raises:
            StoreError: it cannot be read.
        """
        found = read_json(self.folder / MANIFEST)
        if not isinstance(found, dict) or not all(isinstance(found.get(name), dict) for name in ("plan", "model")):
            raise StoreError(f"{self.folder / MANIFEST}: not the manifest of a run")
        return found

    @property
    def results(self) -> Mapping[str, Json]:
        """What came of it.

        Raises:
            StoreError: it cannot be read.
        """
        found: Mapping[str, Json] = read_results(self.folder)
        return found

    @property
    def model(self) -> str:
        """Its model in a few words."""
        identity = self.manifest["model"]
        return str(identity.get("name") or identity.get("backend") or "unnamed")

    @property
    def exhibits(self) -> dict[str, Path]:
        """Pictures and pages that reports and analyses left in the folder, by name; none that leads out of it."""
        found = (path for pattern in EXHIBITS for path in sorted(self.folder.glob(pattern)))
        inside = (path for path in found if path.is_file() and path.resolve().is_relative_to(self.folder.resolve()))
        return {path.relative_to(self.folder).as_posix(): path for path in inside}

    @property
    def idle(self) -> float | None:
        """Seconds since something was last written to its records; None where there are none yet."""
        try:
            return max(0.0, time.time() - (self.folder / RECORDS).stat().st_mtime)
        except OSError:
            return None


@dataclass(slots=True, kw_only=True)
class Folders:
    """All run folders that were named, or lie in folders that were named."""

    roots: Sequence[Path]
    _known: dict[Path, Viewed] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def look(self) -> dict[str, Viewed]:
        """Return the runs that are there now, by name, the newest first."""
        folders = self._folders()
        with self._lock:  # pages are made in threads
            for folder in folders:
                if folder not in self._known:
                    names = {one.name for one in self._known.values()}
                    base = slug(folder.name)
                    name = base if base not in names else f"{base}_{len(names) + 1}"
                    self._known[folder] = Viewed(name=name, folder=folder, index=Index(folder / RECORDS))
            there = [one for one in self._known.values() if (one.folder / MANIFEST).exists()]
        return {one.name: one for one in sorted(there, key=lambda one: one.folder.name, reverse=True)}

    def _folders(self) -> list[Path]:
        found: dict[Path, None] = {}
        for root in self.roots:
            inside = (
                [root] if (root / MANIFEST).exists() else sorted(path.parent for path in root.glob(f"*/{MANIFEST}"))
            )
            found |= dict.fromkeys(path.resolve() for path in inside)
        return list(found)


def folders_of(roots: Sequence[Path]) -> Folders:
    """Return the run folders of a command.

    Raises:
        HarnessError: a folder is not there.
    """
    for root in roots:
        if not root.is_dir():
            raise HarnessError(f"view {root}: no such folder; name a run folder, or one that holds run folders")
    return Folders(roots=tuple(roots))
