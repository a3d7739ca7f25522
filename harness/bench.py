"""What an evaluation sees of a run: trials, single questions, constraint types, and seeded randomness."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from harness.asker import Asker
from harness.contracts import ConstraintType, Task
from harness.data import Constraint, Doc, Position, Prompt, Record, Request, Response, Score, Trial, plain
from harness.errors import HarnessError, TaskError, blame
from harness.limits import limited

#: Text added to a prompt: (label, text) pieces, see `Prompt.with_inserted`.
Pieces = tuple[tuple[str, str], ...]

#: A task file's filters are regular expressions of strangers, run on texts of models.
SCORING_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Bench:
    """The bench on which documents are worked. Hides store, batches and executor."""

    asker: Asker
    tasks: Mapping[str, Task]
    #: The constraint types that the plan chose.
    constraint_types: Mapping[str, ConstraintType]
    seed: int = 0
    #: Where text is added to prompts, in every arm alike.
    place: Position = "appended"
    #: Further models by what they are for: "extractor", "judge". Their answers are remembered as theirs.
    further: Mapping[str, Asker] = field(default_factory=dict)
    #: All constraint types there are: a constraint that a model wrote names the one by whose rule it holds.
    known_types: Mapping[str, ConstraintType] = field(default_factory=dict)

    def placed(self, place: Position) -> Bench:
        """Return this bench with another place for added text."""
        return replace(self, place=place)

    def task(self, doc: Doc) -> Task:
        """Return the task of a document."""
        return self.tasks[doc.task]

    def random(self, *key: object) -> random.Random:
        """Return random numbers that depend on the run's seed and the key alone."""
        return random.Random(":".join(map(str, (self.seed, *key))))  # noqa: S311  # not for secrets

    @property
    def model(self) -> str:
        """The model's identity as one line of text, for seeds that depend on it."""
        return msgspec.json.encode(dict(self.asker.model.identity), order="sorted").decode()

    @property
    def deterministic(self) -> bool:
        """Whether the model gives one text for one greedy prompt, so that asking again tells nothing."""
        return self.asker.model.deterministic

    async def ask(self, request: Request) -> Response:
        """Return the response to any request, remembered like all others."""
        return await self.asker.ask(request)

    async def ask_further(self, role: str, request: Request) -> Response:
        """Return a further model's response, remembered under its own identity.

        Raises:
            HarnessError: the run has no such model.
        """
        if role not in self.further:
            raise HarnessError(f"no {role} model: name one with --{role}-model BACKEND:NAME")
        return await self.further[role].ask(request)

    def kind_of(self, constraint: Constraint) -> ConstraintType:
        """Return the type that checks a constraint."""
        return self.constraint_types.get(constraint.type) or self.known_types[constraint.type]

    async def embed(self, prompt: Prompt, layers: tuple[int, ...] = ()) -> Response:
        """Return the hidden states of a prompt at some layers (none given: all), remembered like all answers."""
        return await self.asker.ask(Request(kind="embed", prompt=prompt, layers=layers))

    async def asked(
        self,
        doc: Doc,
        arm: str,
        requests: Sequence[Request] | None = None,
        *,
        draw: int = 0,
        k: int = 0,
        inserted: str = "",
    ) -> Trial:
        """Ask all requests of a document together, and score the responses.

        Args:
            requests: None: the ones of its task.

        Returns:
            A trial. Where a request failed or the scorer raised, its score is unjudged and says why.
        """
        wanted = self.task(doc).requests(doc) if requests is None else requests
        named = [replace(request, draw=f"{arm}/{draw}/{request.draw}", seed=self.seed) for request in wanted]
        responses = tuple(await asyncio.gather(*map(self.asker.ask, named)))
        shown = named[0].prompt if named else None
        score = await self._score(doc, responses)
        return Trial(
            arm=arm,
            draw=draw,
            k=k,
            inserted=inserted,
            position=shown.place if shown and inserted else None,
            spans=shown.spans if shown else (),
            responses=responses,
            score=score,
        )

    async def trials(
        self, doc: Doc, arm: str, *, draws: int, insert: Pieces = (), k: int = 0, temperature: float | None = None
    ) -> tuple[Trial, ...]:
        """Draw answers to the document's prompt, with text added at the place of this bench.

        Args:
            draws: how many; each is its own request, in its own arm.
            insert: what is added; see `Prompt.with_inserted`.
            temperature: in place of the task's own.
        """
        requests = self.requests(doc, temperature)
        if insert:
            requests = tuple(replace(one, prompt=one.prompt.with_inserted(insert)) for one in requests)
        inserted = "".join(text for _, text in insert)
        wanted = (self.asked(doc, arm, requests, draw=draw, k=k, inserted=inserted) for draw in range(draws))
        return tuple(await asyncio.gather(*wanted))

    def requests(self, doc: Doc, temperature: float | None = None) -> tuple[Request, ...]:
        """Return what a document's task asks: one generation, or several where the task votes over them."""
        requests = self.task(doc).requests(doc)
        if self.place != "appended":
            requests = tuple(replace(one, prompt=replace(one.prompt, place=self.place)) for one in requests)
        if temperature is None:
            return requests
        return tuple(replace(one, sampling=replace(one.sampling, temperature=temperature)) for one in requests)

    def prompt(self, doc: Doc) -> Prompt:
        """Return the document's prompt as its task asks it, with the place for added text."""
        return replace(self.task(doc).requests(doc)[0].prompt, place=self.place)

    async def _score(self, doc: Doc, responses: tuple[Response, ...]) -> Score:
        """Score responses; what cannot be judged is a score that says so."""
        failed = next((response.error for response in responses if response.finish == "error"), None)
        if failed is not None:
            return Score(note=f"request failed: {failed}")
        task = self.task(doc)
        try:
            with blame(f"task {task.name}, score", TaskError):
                if task.blocking:
                    score = await asyncio.to_thread(task.score, doc, responses)
                else:
                    with limited(SCORING_SECONDS):
                        score = task.score(doc, responses)
                msgspec.json.encode(score, enc_hook=plain)  # what no record can hold is the scorer's fault, here
                return score
        except HarnessError as error:
            return Score(note=self.asker.secrets.hide(str(error)))

    def record(  # noqa: PLR0913  # the fields of a record
        self,
        doc: Doc,
        *,
        trials: Sequence[Trial],
        marks: Sequence[str] = (),
        why: str = "",
        source: int | None = None,
        constraints: tuple[Constraint, ...] = (),
        foreign: Mapping[str, tuple[Constraint, ...]] | None = None,
        guards: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Record:
        """Return the record of a document; marks it "cut" where a prompt was too long for the model."""
        cut = any(response.cut for trial in trials for response in trial.responses)
        prompt = self.prompt(doc)
        return Record(
            doc=doc.id,
            task=doc.task,
            index=doc.index,
            cluster=doc.cluster,
            marks=(*marks, "cut") if cut else tuple(marks),
            why=why,
            golds=doc.golds,
            hops=doc.hops,
            prompt=prompt.messages,
            chat=prompt.chat,
            prefix=prompt.prefix,
            source=source,
            constraints=constraints,
            foreign=dict(foreign or {}),
            guards=dict(guards or {}),
            trials=tuple(trials),
        )
