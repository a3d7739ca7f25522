"""What carries out a run and what is made of it when it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.contracts.evaluations import Evaluation
from harness.contracts.models import Model, NoOptions
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
    #: Documents in flight at once, on each model.
    width: int
    #: First documents of each task, which `docs` yields task by task.
    counts: Mapping[str, int] = field(default_factory=dict)
    #: The evaluated model, as the executor opened it.
    model: Model | None = None
    #: Takes what was asked of other processes' models, by the names of the run's counts.
    told: Callable[[Mapping[str, float | None]], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What another process needs to work on a run's documents as this one would."""

    plan: Plan
    #: Files that are plugins, and names of plugins that are left out.
    plugin_files: tuple[str, ...]
    disabled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Where documents are worked on; `--executor NAME`. Yields records in the order of the documents."""

    name: str
    summary: str
    execute: Callable[[Work], AsyncIterator[Record]]
    #: Opens the evaluated model in other processes, with an instance of `options`; what it gives tells of that model.
    #: None: it is opened in this process.
    open: Callable[[Elsewhere, Any], AbstractAsyncContextManager[Model]] | None = None
    #: A dataclass whose fields are its options; `--executor-option name=value`.
    options: type = NoOptions


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
    #: Whether it loads plugins itself, so that `--plugin FILE` and `--disable-plugin NAME` stay among its words.
    loads_plugins: bool = False
