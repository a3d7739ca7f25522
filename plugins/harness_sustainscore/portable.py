"""Portable constraints: one text a document for every model, in a file with the versions that it holds for.

Models' own constraints differ, so a difference between two models may be one between their constraints. A portable one
is met by a success of every model of the file and natural to each (method 4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from harness import Constraint, ConstraintType, HarnessError, Json, Task

#: Raised when the shape of the file changes.
SCHEMA = 1
#: What of a task's facts must be equal: which documents, and how they are graded.
SAME = ("version", "docs", "dataset")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortableConstraint:
    """One constraint on one document."""

    constraint: Constraint
    #: By model, the share of its other base answers that meet it; None where it has none.
    q: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A run that the constraints were taken from."""

    folder: str
    model: Mapping[str, str]
    #: SHA-256 of its records.
    records: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Portable:
    """The content of a file of portable constraints."""

    schema: int = SCHEMA
    harness: str
    seed: int
    #: The least share of the base answers of each model that meet each constraint.
    least_q: float
    runs: tuple[Origin, ...]
    #: By task, the facts that must be equal where it is used.
    tasks: Mapping[str, Mapping[str, Json]]
    #: By constraint type, its version.
    constraint_types: Mapping[str, str]
    #: By document, in order of use.
    items: Mapping[str, tuple[PortableConstraint, ...]]
    #: Why other documents have none, with their number.
    without: Mapping[str, int]


def kept_facts(told: Mapping[str, Json]) -> dict[str, Json]:
    """Return what must be equal between runs of what a manifest tells of a task."""
    return {name: told[name] for name in SAME if name in told}


def facts_now(task: Task) -> dict[str, Json]:
    """Return the same of a task that is open; its facts need not repeat its version."""
    return kept_facts({"version": task.version, **task.facts})


def written(portable: Portable) -> bytes:
    """Return the bytes of the file; equal content gives equal bytes."""
    return msgspec.json.format(msgspec.json.encode(portable, order="deterministic"), indent=1) + b"\n"


def read(path: str) -> Portable:
    """Return the content of a file; read again only when it has changed.

    Raises:
        HarnessError: it cannot be read, or is no such file.
    """
    try:
        state = Path(path).stat()
    except OSError as error:
        raise HarnessError(f"--constraint-file {path}: {error.strerror}") from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _read(path: str, _changed: int, _size: int) -> Portable:
    try:
        portable = msgspec.json.decode(Path(path).read_bytes(), type=Portable)
    except (OSError, msgspec.MsgspecError) as error:
        raise HarnessError(
            f"--constraint-file {path}: no file of portable constraints ({error}); "
            "`harness constraints export RUN... --output FILE` writes one"
        ) from error
    if portable.schema != SCHEMA:
        raise HarnessError(f"--constraint-file {path}: schema {portable.schema} is not {SCHEMA}: export it again")
    return portable


def check(path: str, tasks: Mapping[str, Task], types: Mapping[str, ConstraintType]) -> None:
    """Check that a file goes with the tasks and the constraint types of a run.

    Raises:
        HarnessError: it does not; the message says all that differs.
    """
    portable = read(path)
    wrong = [*differing_types(portable, types), *differing_tasks(portable, tasks)]
    if wrong:
        raise HarnessError(f"--constraint-file {path} does not go with this run: {'; '.join(wrong)}. Export it again")


def differing_types(portable: Portable, types: Mapping[str, ConstraintType]) -> Iterable[str]:
    """Yield what is wrong with the types of a file."""
    for name, version in sorted(portable.constraint_types.items()):
        if name not in types:
            yield f"constraint type {name} is not among the chosen ones (--constraint-type)"
        elif types[name].version != version:
            yield f"constraint type {name} is version {version} there and {types[name].version} here"


def differing_tasks(portable: Portable, tasks: Mapping[str, Task]) -> Iterable[str]:
    """Yield what is wrong with the tasks of a file."""
    for name, task in tasks.items():
        if name not in portable.tasks:
            yield f"task {name} is not in it (it has {', '.join(sorted(portable.tasks))})"
            continue
        here = facts_now(task)
        for fact, there in portable.tasks[name].items():
            if here.get(fact) != there:
                yield f"task {name}: {fact} is {there!r} there and {here.get(fact)!r} here"
