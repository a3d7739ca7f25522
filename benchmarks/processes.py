"""Whole processes beside each other: wall clock, CPU and memory of each, medians of several rounds, as a table."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: One thread each, and nobody asks a network.
QUIET = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process took."""

    wall: float
    cpu: float
    mib: float


def cost_of(command: Sequence[str], **environment: str) -> Cost:
    """Run a process and return what it took, with its children that it waited for.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **QUIET, **environment}
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said.read()[-2000:].decode()}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, mib=usage.ru_maxrss / 1024)


def medians(sides: Mapping[str, Sequence[str]], rounds: int, **environment: str) -> dict[str, Cost]:
    """Run every side once a round, side by side in time, and return the median of each figure."""
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, command in sides.items():
            costs[name].append(cost_of(command, **environment))
            found = costs[name][-1]
            note = f"{name}, round {number + 1}: {found.wall:.2f} s, {found.cpu:.2f} CPU-s, {found.mib:.0f} MiB"
            print(note, file=sys.stderr, flush=True)
    return {name: median(found) for name, found in costs.items()}


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        wall=statistics.median(one.wall for one in costs),
        cpu=statistics.median(one.cpu for one in costs),
        mib=statistics.median(one.mib for one in costs),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def script(name: str) -> str:
    """Return the path of a command that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))
