"""Evaluations and metrics: what becomes of one document, and what many come to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from harness.contracts.constraints import ConstraintType
from harness.contracts.models import NoOptions
from harness.contracts.tasks import Task
from harness.data import Doc, Json, Kind, Prompt, Record
from harness.figures import Estimate, Layout

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)


class Kept(Protocol[Row_contra]):
    """Where a metric's rows are put, one after the other; a list does, and columns take less room."""

    def append(self, row: Row_contra, /) -> None:
        """Keep what a row says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Characters `start` (inclusive) to `end` (exclusive) of an answer, and what they show."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A failed answer beside the one it is compared with, for a reader."""

    doc: str
    task: str
    arm: str
    k: int
    draw: int
    #: The class of the failure, and all classes that fit, that one first.
    kind: str
    flags: tuple[str, ...] = ()
    #: What was seen, in a few words each.
    findings: tuple[str, ...] = ()
    #: What was added to the prompt; empty: nothing.
    inserted: str = ""
    #: The successful answer, and the failed one with the places that show why.
    before: str
    after: str
    evidence: tuple[Evidence, ...] = ()
    #: Name and value of what else was measured; None where it could not be.
    measures: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A measured way to run an evaluation; `--preset NAME`. Every flag that is given wins over it."""

    name: str
    summary: str
    #: Options of the evaluation.
    option: Mapping[str, Json] = field(default_factory=dict)
    #: First documents of each domain; None: all.
    domain_limit: int | None = None
    #: What stands above a report made with it; empty: nothing.
    banner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A coroutine over one document; `--evaluation NAME`."""

    name: str
    summary: str
    version: str = "1"
    #: `await evaluate(doc, bench, options)` returns the document's record.
    evaluate: Callable[[Doc, Any, Any], Awaitable[Record]]
    #: A dataclass whose fields are its options; `metadata={"file": True}` is the path of a file that answers depend on.
    options: type = NoOptions
    #: What every task must ask and the model be able to do. None: whatever the tasks ask.
    needs: frozenset[Kind] | None = None
    #: In place of `needs`, where it asks of its own: called before the first request with tasks, options and what
    #: the model can do (None: not open yet); raises a HarnessError where they do not go together.
    fit: Callable[[Mapping[str, Task], Any, frozenset[Kind] | None], None] | None = None
    #: Checks what its options name, a file say, against tasks and constraint types of the plan; raises a HarnessError.
    ready: Callable[[Any, Mapping[str, Task], Mapping[str, ConstraintType]], None] | None = None
    #: The marks of records that the funnel line counts, in order.
    funnel: tuple[str, ...] = ()
    #: How its estimates are laid out. None: in the general tables alone.
    layout: Layout | None = None
    #: Whether it draws constraints, so that the constraint types of the plan matter.
    draws_constraints: bool = False
    presets: tuple[Preset, ...] = ()
    #: Requests a document takes at the most, for `--dry-run`: arm -> number, given the options.
    requests: Callable[[Any], Mapping[str, int]] | None = None
    #: The failed answers of a record; for `harness show RUN --failures`, with no more of the task than is recorded.
    failures: Callable[[Record, Task], Iterable[Case]] | None = None
    #: What its arms would make of a prompt, for `--dry-run`: (arm, prompt), given a plain prompt and the options.
    preview: Callable[[Prompt, Any], tuple[tuple[str, Prompt], ...]] | None = None

    #: What a run could tell, for `harness plan`: given records of a pilot, the tasks, how many documents of each, the
    #: options, and an effect that one would like to see (0.02 for two points; None: none).
    foresee: (
        Callable[
            [Sequence[Record], Mapping[str, Task], Mapping[str, int], Any, float | None],
            Iterable[Estimate],
        ]
        | None
    ) = None

    def banner(self, preset: str) -> str:
        """Return what stands above a report made with a preset; empty: nothing."""
        return next((one.banner for one in self.presets if one.name == preset), "")


@dataclass(frozen=True, kw_only=True)  # no slots: they and Generic exclude each other on 3.11
class Metric(Generic[Row]):
    """Rows of a report: keeps of each record what it needs, and turns that into estimates."""

    name: str
    summary: str
    version: str = "1"
    #: The evaluation whose records it reads.
    evaluation: str
    #: What it keeps of a record; None: nothing. Metrics with the same function share its work. Plain data: the rows of
    #: a large run are made by several processes.
    row: Callable[[Record, Task], Row | None]
    #: Makes the place where rows are kept, in document order, and which `estimate` gets. A run may have millions.
    kept: Callable[[], Kept[Row]] = list
    estimate: Callable[[Any, Mapping[str, Task]], Iterable[Estimate]]
