"""For authors of plugins: contract checks that anybody can run on his own plugin, and a model that follows a script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness.conformance import answered, check_constraint_type, check_speed
from harness.contracts import Backend, Task, TaskSpec, TaskSuite
from harness.data import Doc, Json, Kind, Message, Prompt, Request, Response, Sampling, Score, Usage
from harness.figures import Estimate
from harness.plan import TaskSettings
from harness.sample_texts import HARD_TEXTS, adversarial_texts

__all__ = [
    "HARD_TEXTS",
    "ListSource",
    "ListTask",
    "ScriptedModel",
    "adversarial_texts",
    "answered",
    "check_backend",
    "check_constraint_type",
    "check_speed",
    "check_task_suite",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedModel:
    """A model that answers by a function of the request: no mock, a real `Model` with known answers.

    The function returns a text, a whole `Response`, or raises what a backend would raise.
    """

    script: Callable[[Request], str | Response]
    identity: Mapping[str, str] = field(default_factory=lambda: {"backend": "scripted"})
    can: frozenset[Kind] = frozenset({"generate", "loglikelihood", "rolling"})
    deterministic: bool = True
    concurrency: int = 64
    #: Every request that reached the model.
    seen: list[Request] = field(default_factory=list)

    async def generate(self, request: Request) -> Response:
        """Return what the script says."""
        self.seen.append(request)
        said = self.script(request)
        if isinstance(said, Response):
            return said
        return Response(
            text=said, usage=Usage(prompt_tokens=len(request.prompt.text.split()), completion_tokens=len(said.split()))
        )

    async def loglikelihood(self, request: Request) -> Response:
        """Return what the script says; it must be a `Response` with a `logprob`."""
        return await self.generate(request)

    def backend(self, name: str = "scripted") -> Backend:
        """Return a backend that opens this model, for a registry in a test."""

        @asynccontextmanager
        async def opened(_rest: str, _options: object) -> AsyncIterator[ScriptedModel]:
            yield self

        return Backend(name=name, summary="answers by a script", open=opened)


def check_task_suite(suite: TaskSuite) -> None:
    """Check what a suite declares.

    Raises:
        AssertionError: it lists a task twice, its folder is not there, or it offers nothing.
    """
    names = [spec.name for spec in suite.tasks]
    assert len(names) == len(set(names)), f"suite {suite.name}: a task is listed twice"
    assert names or suite.source, f"suite {suite.name}: no tasks and no source of tasks"
    assert suite.folder is None or suite.folder.is_dir(), f"suite {suite.name}: no folder {suite.folder}"


async def check_backend(backend: Backend, rest: str, options: object = None) -> None:
    """Open a backend and check what its model promises.

    Raises:
        AssertionError: no identity, nothing it can do, or an answer that is no answer.
    """
    chosen = backend.options() if options is None else options
    async with backend.open(rest, chosen) as model:
        assert model.identity, f"backend {backend.name}: an empty identity would mix its answers with another model's"
        assert all(isinstance(value, str) for value in model.identity.values()), (
            f"backend {backend.name}: identity values must be text"
        )
        assert model.can, f"backend {backend.name}: its model can do nothing"
        assert model.concurrency > 0, f"backend {backend.name}: concurrency {model.concurrency}"
        if "generate" in model.can:
            request = Request(
                kind="generate", prompt=Prompt(messages=(Message(role="user", content="Question: 1 + 1?\nAnswer:"),))
            )
            response = await model.generate(request)
            assert isinstance(response, Response), (
                f"backend {backend.name}: generate returned {type(response).__name__}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTask:
    """A task over rows in memory: `question` is asked, the last word of the response must be `answer`."""

    name: str
    rows: tuple[Mapping[str, str], ...]
    version: str = "1"
    domain: str = ""
    spec: TaskSpec = field(default_factory=lambda: TaskSpec(name=""))
    kinds: frozenset[Kind] = frozenset({"generate"})
    blocking: bool = False
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def facts(self) -> Mapping[str, Json]:
        """How many rows there are."""
        return {"documents": len(self.rows)}

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def docs(self) -> Iterator[Doc]:
        """Yield the rows as documents."""
        for index, row in enumerate(self.rows):
            yield Doc(id=f"{self.name}/{index}", task=self.name, index=index, fields=row, golds=(row["answer"],))

    def requests(self, doc: Doc) -> tuple[Request, ...]:
        """Return the question as one generation."""
        text = f"Question: {doc.fields['question']}\nAnswer:"
        prompt = Prompt(messages=(Message(role="user", content=text),), slot=len(text) - len("\nAnswer:"))
        return (Request(kind="generate", prompt=prompt, sampling=self.sampling, draw="0"),)

    def score(self, doc: Doc, responses: Sequence[Response]) -> Score:
        """Compare the last word of the response."""
        words = responses[0].text.split()
        said = words[-1].rstrip(".") if words else ""
        right = said == doc.fields["answer"]
        return Score(values={"exact_match,none": float(right)}, filtered={"none": said}, solved=right)

    def aggregate(self, scores: Sequence[Score]) -> tuple[Estimate, ...]:
        """Return the share of right answers."""
        hits = [bool(score.solved) for score in scores if score.solved is not None]
        value = sum(hits) / len(hits) if hits else None
        return (
            Estimate(metric="exact_match,none", value=value, n=len(hits), unit="share", labels={"task": self.name}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """Opens `ListTask`s by name."""

    tasks: Mapping[str, Task]

    def find(self, pattern: str, _settings: TaskSettings) -> tuple[str, ...]:
        """Return the name, if it is known."""
        return (pattern,) if pattern in self.tasks else ()

    def open(self, name: str, _settings: TaskSettings, _spec: TaskSpec | None, _domain: str) -> Task:
        """Return the task."""
        return self.tasks[name]

    def catalogue(self, _settings: TaskSettings) -> Iterator[Mapping[str, Json]]:
        """Yield the names."""
        yield from ({"name": name, "kind": "task", "path": ""} for name in self.tasks)
