"""A control group for each worker, where the system lets us make one: memory, processes and CPU of its whole tree."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME = Path("/sys/fs/cgroup")
PREFIX = "harness-sandbox"
#: Processes and threads of a worker; CPU cores.
MOST_PROCESSES, CORES = 160, 2
#: MiB that a worker needs besides its programs: the interpreter, the tests' side, the folder.
BESIDES_MB = 512
PERIOD = 100_000
NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The control group of one worker: one folder (version 2), or one a controller (version 1)."""

    folders: tuple[Path, ...]
    #: Which of memory, pids and cpu it bounds.
    bounds: frozenset[str]

    @property
    def doors(self) -> tuple[str, ...]:
        """Where a process writes its number to enter."""
        return tuple(str(folder / "cgroup.procs") for folder in self.folders)

    def kills(self) -> int:
        """Return how many processes were killed for want of memory so far."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    words = (folder / name).read_text(encoding="ascii").split()
                    if "oom_kill" in words:
                        return int(words[words.index("oom_kill") + 1])
        return 0

    def remove(self) -> None:
        """Delete it; it must be empty."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def made(memory_mb: int) -> Group | None:
    """Return a new control group, or None where none can be made."""
    name = f"{PREFIX}-{os.getpid()}-{next(NUMBERS)}"
    memory = str((memory_mb + BESIDES_MB) << 20)
    return _second(name, memory) or _first(name, memory)


def _second(name: str, memory: str) -> Group | None:
    """Return a group of version 2 with the controllers that are to be had; None without memory."""
    wanted = {
        "memory.max": memory,
        "memory.swap.max": "0",
        "pids.max": str(MOST_PROCESSES),
        "cpu.max": f"{CORES * PERIOD} {PERIOD}",
    }
    for parent in _parents():
        folder = parent / name
        bounds = _filled(folder, wanted)
        if "memory" in bounds:
            return Group(folders=(folder,), bounds=frozenset(bounds))
        with contextlib.suppress(OSError):
            folder.rmdir()
    return None


def _parents() -> Iterator[Path]:
    """Yield the folders of version 2 below which a group might be made: our own, and those above it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            if line.startswith("0::") and (HOME / "cgroup.controllers").exists():
                own = HOME / line[3:].lstrip("/")
                yield from (path for path in (own, *own.parents) if path.is_relative_to(HOME))


def _first(name: str, memory: str) -> Group | None:
    """Return groups of version 1; None without memory."""
    wanted = {
        "memory": {"memory.limit_in_bytes": memory},
        "pids": {"pids.max": str(MOST_PROCESSES)},
        "cpu": {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(CORES * PERIOD)},
    }
    folders, bounds = [], set()
    for controller, values in wanted.items():
        folder = HOME / controller / name
        if (HOME / controller / "cgroup.procs").exists() and _filled(folder, values):
            folders.append(folder)
            bounds.add(controller)
    group = Group(folders=tuple(folders), bounds=frozenset(bounds))
    if "memory" in bounds:
        return group
    group.remove()
    return None


def _filled(folder: Path, values: dict[str, str]) -> set[str]:
    """Make a folder and write into its files; return the controllers that took what was written."""
    taken = set()
    with contextlib.suppress(OSError):
        folder.mkdir()
        for file, value in values.items():
            if (folder / file).exists():
                with contextlib.suppress(OSError):
                    (folder / file).write_text(value, encoding="ascii")
                    taken.add(file.partition(".")[0])
    return taken


def orphaned(folder: Path) -> bool:
    """Whether the process that a folder is named for has ended."""
    owner = folder.name.split("-")[2]
    return owner.isdigit() and not Path(f"/proc/{owner}").exists()


def swept() -> None:
    """Delete the groups of processes that ended without doing so."""
    for folder in (*HOME.glob(f"*/{PREFIX}-*"), *HOME.glob(f"{PREFIX}-*")):
        if orphaned(folder):
            with contextlib.suppress(OSError):
                folder.rmdir()
