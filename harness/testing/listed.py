"""Tasks over rows in memory: a world small enough that every answer in it is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contracts import Task, TaskSpec
from harness.data import Doc, Json, Kind, Message, Prompt, Request, Response, Sampling, Score
from harness.figures import Estimate
from harness.plan import TaskSettings


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

    def docs(self, start: int = 0) -> Iterator[Doc]:
        """Yield the rows as documents."""
        for index in range(start, len(self.rows)):
            row = self.rows[index]
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
