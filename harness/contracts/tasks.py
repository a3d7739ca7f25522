"""Tasks and suites: documents in, requests out, responses in, scores out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.data import Doc, Json, Kind, Request, Response, Score
from harness.figures import Estimate
from harness.plan import TaskSettings


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

    def docs(self, start: int = 0) -> Iterator[Doc]:
        """Yield the documents in order, from one on: a run on several machines begins in many places."""

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
