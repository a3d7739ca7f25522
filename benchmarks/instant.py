"""A plugin for benchmarks: a model that answers at once, and a task of as many sums as the environment says.

`--plugin benchmarks/instant.py --tasks instant --model instant`; INSTANT_DOCS documents, each made as it is reached.
`--model "instant:#### 7"` says the same to everything.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harness import (
    Backend,
    Doc,
    Estimate,
    Json,
    Kind,
    Message,
    Prompt,
    Request,
    Response,
    Sampling,
    Score,
    TaskSpec,
    TaskSuite,
    Usage,
    hookimpl,
)
from harness.testing import ListSource

#: An answer that has words, sentences and lines for constraints to be taken from.
ANSWER = (
    "First we look at what is given. There are two numbers, and they are to be added.\n\n"
    "Then we add them, one step after the other, and check the sum once more.\n\nSo the answer is {}."
)


@dataclass(frozen=True, slots=True)
class Instant:
    """The model. It says one and the same, or answers sums; draws differ by a word, so that none is a copy."""

    says: str = ""
    can: frozenset[Kind] = frozenset({"generate"})
    deterministic: bool = False
    concurrency: int = 64

    @property
    def identity(self) -> Mapping[str, str]:
        """What tells it from another."""
        return {"backend": "instant", "says": self.says}

    async def generate(self, request: Request) -> Response:
        """Return the right answer, but for one document in eight; or what it always says."""
        if self.says:
            return Response(text=self.says)
        number = int(request.prompt.asked.content.partition("What is ")[2].partition(" ")[0])
        text = ANSWER.format(2 * number + (number % 8 == 0))
        usage = Usage(prompt_tokens=20, completion_tokens=50)
        return Response(text=text.replace("First", f"To begin {request.draw}", 1), usage=usage)

    async def loglikelihood(self, request: Request) -> Response:
        """Be there for the protocol; `can` says that nothing else than generation is asked."""
        raise NotImplementedError(request.kind)  # a request of this kind would be a fault of the harness


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The task."""

    name: str = "instant_sums"
    version: str = "1"
    domain: str = "math"
    spec: TaskSpec = field(default_factory=lambda: TaskSpec(name="instant_sums"))
    kinds: frozenset[Kind] = frozenset({"generate"})
    blocking: bool = False
    facts: Mapping[str, Json] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(os.environ.get("INSTANT_DOCS", "1000"))

    def docs(self, start: int = 0) -> Iterator[Doc]:
        """Yield the sums."""
        for index in range(start, len(self)):
            fields = {"question": f"What is {index} + {index}?"}
            yield Doc(id=f"{self.name}/{index}", task=self.name, index=index, fields=fields, golds=(str(2 * index),))

    def requests(self, doc: Doc) -> tuple[Request, ...]:
        """Return the question."""
        text = f"Question: {doc.fields['question']}\nAnswer:"
        prompt = Prompt(messages=(Message(role="user", content=text),), slot=len(text) - len("\nAnswer:"))
        return (Request(kind="generate", prompt=prompt, sampling=Sampling(temperature=1.0), draw="0"),)

    def score(self, doc: Doc, responses: Sequence[Response]) -> Score:
        """Compare the last word."""
        said = responses[0].text.split()[-1].rstrip(".")
        right = said == doc.golds[0]
        return Score(values={"exact_match,none": float(right)}, filtered={"none": said}, solved=right)

    def aggregate(self, scores: Sequence[Score]) -> tuple[Estimate, ...]:
        """Return the share of right answers."""
        value = sum(score.solved is True for score in scores) / max(len(scores), 1)
        return (
            Estimate(metric="exact_match,none", value=value, n=len(scores), unit="share", labels={"task": self.name}),
        )


@hookimpl
def harness_backends() -> Iterable[Backend]:
    """Yield the backend `instant`."""

    @asynccontextmanager
    async def opened(rest: str, _options: object) -> AsyncIterator[Instant]:
        yield Instant(says=rest)

    yield Backend(name="instant", summary="answers at once, for benchmarks", open=opened)


@hookimpl
def harness_task_suites() -> Iterable[TaskSuite]:
    """Yield the suite `instant`."""
    task = Sums()
    yield TaskSuite(name="instant", summary="sums", tasks=(task.spec,), source=ListSource(tasks={task.name: task}))
