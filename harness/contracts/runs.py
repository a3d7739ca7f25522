"""What carries out a run and what is made of it when it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.contracts.evaluations import Evaluation
from harness.contracts.tasks import Task
from harness.data import Doc, Json, Record
from harness.figures import ArmUsage, Estimate
from harness.plan import Plan
from harness.prices import Price


@dataclass(frozen=True, kw_only=True)
class Work:
    """What an executor carries out."""

    plan: Plan
    #: Documents in order; may be endless, so it is never made a list.
    docs: Iterable[Doc]
    evaluate: Callable[[Doc], Awaitable[Record]]
    #: Documents in flight at once.
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Where documents are worked on; `--executor NAME`. Yields records in the order of the documents."""

    name: str
    summary: str
    execute: Callable[[Work], AsyncIterator[Record]]


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run that has ended, for reporters."""

    folder: Path
    plan: Plan
    manifest: Mapping[str, Json]
    evaluation: Evaluation
    tasks: Mapping[str, Task]
    #: Can be gone through again and again; read from the file, never held.
    records: Iterable[Record]
    estimates: tuple[Estimate, ...]
    #: Label and count, "asked" first.
    funnel: Mapping[str, int]
    #: Reasons for which documents went no further, with their number.
    reasons: Mapping[str, int]
    #: What the answers in the records took, by arm, whether this run asked for them or the store had them.
    usage: Mapping[str, ArmUsage]
    #: Of the model's tokens; None: not known.
    price: Price | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Writes files into the folder of a finished run, and returns their paths."""

    name: str
    summary: str
    write: Callable[[Finished], Iterable[Path]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A further subcommand of `harness`; gets the words after its name, returns the exit status."""

    name: str
    summary: str
    call: Callable[[Sequence[str]], int]
