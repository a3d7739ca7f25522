"""What plugins hand over: frozen declarations, and the protocols of the things they open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from harness.data import (
    Answered,
    Constraint,
    Doc,
    Estimate,
    Json,
    Kind,
    Prompt,
    Record,
    Request,
    Response,
    Score,
    Table,
    Verdict,
)
from harness.plan import Plan, TaskSettings

Row = TypeVar("Row")

# ---------------------------------------------------------------- tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What a suite knows of a task beyond its task file."""

    name: str
    #: Where the suite holds several; empty: the suite's.
    domain: str = ""
    #: The "metric,filter" that decides whether a document is solved. Empty: the first of the task.
    solved: str = ""
    #: The lenient second opinion. Empty: none.
    lenient: str = ""
    #: A value of the grade from here on counts as solved.
    threshold: float = 1.0
    #: Regular expression of the marks by which an answer is found (`####`, `Answer:`); no constraint names them.
    channel: str = ""
    #: Path to the field that items of one cluster share, such as a passage or a template; of several values the last,
    #: where a chain of facts ends. Empty: every item is its own.
    cluster: str = ""
    #: Field of the row that holds further right answers (a list). Empty: none.
    aliases: str = ""
    #: The labels of a rating in their order, the lowest first. Empty: what the task file says, if anything.
    labels: tuple[str, ...] = ()
    #: Where the row holds answers to steps and titles of supporting passages: "parts.answer", "passages[used].title"
    #: (of the members of a list for which a flag is true).
    hops: tuple[str, ...] = ()
    #: Likewise the texts that ask the question: what they say is no secret. Empty: all that the prompt says of it.
    question: tuple[str, ...] = ()
    #: Likewise worked solutions, whose numbers and names are steps to the answer; and reference programs.
    worked: tuple[str, ...] = ()
    program: tuple[str, ...] = ()


class Task(Protocol):
    """An opened task: documents in, requests out, responses in, scores out."""

    @property
    def name(self) -> str:
        """The name that `--tasks` takes."""

    @property
    def version(self) -> str:
        """Raised whenever a score could change."""

    @property
    def domain(self) -> str:
        """mathematics, multi-hop QA, code ...; empty if unknown."""

    @property
    def spec(self) -> TaskSpec:
        """How it is graded."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """What its requests ask of a model."""

    @property
    def blocking(self) -> bool:
        """Whether `score` waits (for a child process, say) and so belongs in a thread."""

    @property
    def facts(self) -> Mapping[str, Json]:
        """What a manifest records of it: configuration, hashes, number of documents; JSON, no secrets."""

    def __len__(self) -> int:
        """Return the number of documents."""

    def docs(self) -> Iterator[Doc]:
        """Yield the documents in order."""

    def requests(self, doc: Doc) -> tuple[Request, ...]:
        """Return what is asked about a document, in the order in which `score` wants the responses."""

    def score(self, doc: Doc, responses: Sequence[Response]) -> Score:
        """Return what the responses are worth. Never called with a failed response."""

    def aggregate(self, scores: Sequence[Score]) -> tuple[Estimate, ...]:
        """Return the task's own figures over all its scored documents."""


class TaskSource(Protocol):
    """Opens tasks by name."""

    def find(self, pattern: str, settings: TaskSettings) -> tuple[str, ...]:
        """Return the names of the tasks that a name, group, tag, glob or path stands for; empty if none."""

    def open(self, name: str, settings: TaskSettings, spec: TaskSpec | None, domain: str) -> Task:
        """Return the task.

        Raises:
            TaskError: it cannot be built; DataUnavailable: its rows cannot be had.
        """

    def catalogue(self, settings: TaskSettings) -> Iterable[Mapping[str, Json]]:
        """Yield one row a task, group or tag for `harness list tasks`: name, kind, path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSuite:
    """Tasks that belong together, and how they are graded; `--tasks NAME`."""

    name: str
    summary: str
    version: str = "1"
    domain: str = ""
    tasks: tuple[TaskSpec, ...] = ()
    #: A folder of lm-eval task files that comes with the suite.
    folder: Path | None = None
    #: Who opens the tasks. None: whoever reads lm-eval's task files.
    source: TaskSource | None = None


# ---------------------------------------------------------------- constraints


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposing:
    """What a type is given that asks a model for constraints."""

    answered: Answered
    #: The bench of the run, through which it asks.
    bench: Any
    #: Temperature of the base arm; None: the task's own. Other answers are asked for in the same way.
    temperature: float | None = None
    #: How often a constraint is tried alone, without its question, before it is believed to tell nothing; 0: never.
    leak_tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What became of the constraints that a model wrote."""

    #: Those that passed every gate: no guard is asked again.
    constraints: tuple[Constraint, ...] = ()
    #: How many there were ("candidates"), and how many each gate turned away.
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintType:
    """One kind of requirement: how it is taken from an answer, and how an answer is checked."""

    name: str
    family: str
    summary: str
    version: str = "1"
    #: Domains it suits; empty: all.
    domains: frozenset[str] = frozenset()
    #: Types of one group imply or exclude each other, so a prompt holds at most one of them. Empty: its own.
    group: str = ""
    #: Constraints that the answer meets; none where it offers none. Total: never raises.
    extract: Callable[[Answered], tuple[Constraint, ...]]
    #: Whether another answer meets one. Total, deterministic.
    check: Callable[[Constraint, Response], Verdict]
    #: The further models that it asks: "extractor" (`--extractor-model`), "judge" (`--judge-model`).
    asks: frozenset[str] = frozenset()
    #: In place of `extract`, where a model is asked. Its constraints may be of other types, by whose rules they hold.
    propose: Callable[[Proposing], Awaitable[Proposed]] | None = None
    #: In place of `check`, for constraints that are `judged`: with the bench, through which the judge is asked.
    judge: Callable[[Constraint, Response, Any], Awaitable[Verdict]] | None = None
    #: The same constraint in the wording of this name (imperative, declarative, polite, checklist); None: it has one.
    reworded: Callable[[Constraint, str], Constraint] | None = None
    #: What `harness show constraint NAME` prints besides: measurement, relation, wordings. `harness list constraints`
    #: has columns for `hint`, `stratum` and `example`.
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintFormat:
    """A kind of file that declares constraint types; `--constraint-type FILE`, `harness validate FILE`."""

    name: str
    summary: str
    #: Whether a file is of its kind, however faulty.
    claims: Callable[[Path], bool]
    #: The types of a file. Raises a HarnessError that names everything that is wrong with it.
    read: Callable[[Path], tuple[ConstraintType, ...]]


# ---------------------------------------------------------------- models


class Model(Protocol):
    """An opened model."""

    @property
    def identity(self) -> Mapping[str, str]:
        """All that tells its answers from another model's: backend, name, revision or hashes, dtype, template."""

    @property
    def can(self) -> frozenset[Kind]:
        """What it can be asked for."""

    @property
    def deterministic(self) -> bool:
        """Whether greedy decoding of one prompt gives one text, whatever else is in flight."""

    @property
    def concurrency(self) -> int:
        """How many requests it likes to have in flight."""

    async def generate(self, request: Request) -> Response:
        """Return a continuation; for `alternatives` the likeliest first tokens of one.

        Raises:
            RequestFailed: this request failed for good. BackendError: no request can succeed.
        """

    async def loglikelihood(self, request: Request) -> Response:
        """Return `logprob` and `greedy` of a continuation, or `logprob` of a whole text (`rolling`)."""


class Embedder(Model, Protocol):
    """A model that can `embed`."""

    async def embed(self, request: Request) -> Response:
        """Return the hidden states of a prompt as `vectors`: for each layer asked for, the poolings it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """A backend or an evaluation without options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A way to reach models; `--model NAME:REST`."""

    name: str
    summary: str
    #: Opens the model that `rest` names, with an instance of `options`.
    open: Callable[[str, Any], AbstractAsyncContextManager[Model]]
    #: A dataclass whose fields are the backend's options; `metadata={"secret": True}` keeps a value out of every file.
    options: type = NoOptions


# ---------------------------------------------------------------- evaluations


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
    #: How its estimates are laid out: given them and what stands between a value and its interval, the tables, and
    #: the estimates that it leaves to the general ones. None: all of them.
    layout: Callable[[Sequence[Estimate], str], tuple[Sequence[Table], Sequence[Estimate]]] | None = None
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
    #: What it keeps of a record; None: nothing. Metrics with the same function share its work.
    row: Callable[[Record, Task], Row | None]
    estimate: Callable[[Sequence[Row], Mapping[str, Task]], Iterable[Estimate]]


# ---------------------------------------------------------------- runs


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
