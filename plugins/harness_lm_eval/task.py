"""One opened task of lm-eval as a task of ours: the same prompts, the same scores, one document at a time."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import (
    Doc,
    Estimate,
    Json,
    Kind,
    Prompt,
    Request,
    Response,
    Sampling,
    Score,
    TaskError,
    TaskSettings,
    TaskSpec,
    blame,
)
from harness_lm_eval.aggregate import estimates
from harness_lm_eval.bootstrap import DRAWS
from harness_lm_eval.outline import Branch
from harness_lm_eval.paths import last_at, named_in
from harness_lm_eval.prompts import prompt_of, sampling_of
from harness_lm_eval.scoring import answers_of, golds_of, judged, scored
from harness_lm_eval.shots import Shots
from harness_sandbox import Choice, using

KINDS: Mapping[str, Kind] = {
    "generate_until": "generate",
    "loglikelihood": "loglikelihood",
    "multiple_choice": "loglikelihood",
    "loglikelihood_rolling": "rolling",
}

#: Documents whose requests are kept, since the arms of one document ask for them again and again: all those in flight.
KEPT = 2048


def as_messages(messages: Any, **_: Any) -> Any:
    """Stand in for a chat template: keep the messages, since the backend renders them."""
    return messages


def choice_of(settings: TaskSettings) -> Choice | None:
    """Return what is to confine programs by what the run says; None: it says nothing, and the environment decides."""
    if not settings.sandbox and settings.allow_weak_sandbox is None:
        return None
    told = Choice.of_environment()
    weak = told.weak if settings.allow_weak_sandbox is None else settings.allow_weak_sandbox
    return Choice(name=settings.sandbox or told.name, weak=weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class LmEvalTask:
    """A task of lm-eval, opened."""

    name: str
    #: What lm-eval calls it, where a group of ours gives it another name.
    called: str
    version: str
    domain: str
    spec: TaskSpec
    settings: TaskSettings
    #: lm-eval's own object: it renders and scores.
    engine: Any
    #: The evaluated split.
    rows: Sequence[Mapping[str, Any]]
    shots: Shots | None
    kinds: frozenset[Kind]
    blocking: bool
    facts: Mapping[str, Json]
    #: The groups through which it was asked for.
    groups: tuple[Branch, ...] = ()
    #: Resamples for standard errors without a closed form.
    draws: int = DRAWS
    kept: dict[int, tuple[Request, ...]] = field(default_factory=dict, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    #: Begins anew with every document.
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.rows)

    def docs(self, start: int = 0) -> Iterator[Doc]:
        """Yield the documents in lm-eval's order, each row converted as it is reached."""
        for index in range(start, len(self)):
            yield self.doc(index, self.rows[index])

    def doc(self, index: int, row: Mapping[str, Any] | None = None) -> Doc:
        """Return one document."""
        if row is None:
            row = self.rows[index]
        with self.blamed("right answer of", index):
            golds = golds_of(self.engine, row, self.spec)
        return Doc(
            id=f"{self.name}/{index}",
            task=self.name,
            index=index,
            fields=row,
            golds=golds,
            hops=named_in(row, self.spec.hops),
            question=named_in(row, self.spec.question),
            worked=named_in(row, self.spec.worked),
            program=named_in(row, self.spec.program),
            cluster=last_at(row, self.spec.cluster),
        )

    def requests(self, doc: Doc) -> tuple[Request, ...]:
        """Return what lm-eval asks about a document, each request `repeats` times in a row."""
        return self.requests_of(doc.index, doc.fields)

    def requests_of(self, index: int, row: Mapping[str, Any]) -> tuple[Request, ...]:
        """Return what lm-eval asks about a row."""
        with self.lock:
            known = self.kept.get(index)
            if known is None:
                with self.blamed("prompt of", index):
                    known = tuple(self.asked(index, row))
                while len(self.kept) >= KEPT:
                    del self.kept[next(iter(self.kept))]
                self.kept[index] = known
            return known

    def asked(self, index: int, row: Mapping[str, Any]) -> Iterator[Request]:
        """Yield the requests of lm-eval for one row."""
        instances = self.instances(index, row)
        questions = self.questions(row, len(instances))
        prompts: dict[int, Prompt] = {}
        repeats = range(self.repeats)
        for instance, question in zip(instances, questions, strict=True):
            context, rest = instance.args[0], instance.args[1:]
            prompt = prompts.get(id(context))
            if prompt is None:
                prompt = prompts[id(context)] = prompt_of(context, question, self.tail(row, question, context))
            kind = KINDS[instance.request_type]
            continuation = str(rest[0]) if kind == "loglikelihood" else ""
            sampling = sampling_of(rest[0]) if kind == "generate" else Sampling()
            for number in repeats:
                yield Request(kind=kind, prompt=prompt, continuation=continuation, sampling=sampling, draw=str(number))

    def instances(self, index: int, row: Mapping[str, Any]) -> list[Any]:
        """Return lm-eval's own requests, made as its evaluator makes them."""
        if self.shots is not None:
            self.shots.choose(index)
        engine, chat = self.engine, self.settings.apply_chat_template
        self.chance.seed(f"{self.settings.fewshot_seed}:{index}")
        engine.fewshot_rnd = self.chance  # for tasks without a sampler
        context = engine.fewshot_context(
            row,
            num_fewshot=engine.config.num_fewshot or 0,
            system_instruction=self.settings.system_instruction,
            apply_chat_template=chat,
            fewshot_as_multiturn=chat and self.settings.fewshot_as_multiturn,
            chat_template=as_messages if chat else None,
            gen_prefix=engine.doc_to_prefix(row),
        )
        made = engine.construct_requests(
            doc=row,
            ctx=context,
            metadata=(self.called, index, self.repeats),
            apply_chat_template=chat,
            chat_template=as_messages if chat else None,
        )
        return made if isinstance(made, list) else [made]

    def questions(self, row: Mapping[str, Any], number: int) -> list[str | None]:
        """Return the document's own text in the context of each request; None where it has none."""
        if self.engine.OUTPUT_TYPE == "loglikelihood_rolling":
            return [None] * number
        text = self.engine.doc_to_text(row)
        if isinstance(text, str):
            return [text] * number
        choices = list(self.engine.doc_to_choice(row))  # a text for each choice, as in Winogrande
        return (choices + [None] * number)[:number]

    def tail(self, row: Mapping[str, Any], question: str | None, context: Any) -> str:
        """Return what stands after the question in a plain context: the beginning of the answer."""
        if question is None or not isinstance(context, str):
            return ""
        prefix = self.engine.doc_to_prefix(row)
        if not prefix or not context.endswith(prefix):
            return ""
        delimiter = str(self.engine.config.target_delimiter)
        return delimiter + prefix if context.endswith(question + delimiter + prefix) else str(prefix)

    @property
    def repeats(self) -> int:
        """How often each request is asked."""
        return int(getattr(self.engine.config, "repeats", 1) or 1)

    def score(self, doc: Doc, responses: Sequence[Response]) -> Score:
        """Return lm-eval's grades, and the suite's verdict on them; what the scorer raises passes through."""
        kind = next(iter(self.kinds)) if len(self.kinds) == 1 else None
        with using(choice_of(self.settings)):
            values, left, notes = scored(self.engine, doc.fields, answers_of(responses, self.repeats, kind))
        return judged(values, left, self.spec, self.engine.higher_is_better(), notes)

    def aggregate(self, scores: Sequence[Score]) -> tuple[Estimate, ...]:
        """Return lm-eval's figures over the documents that could be scored."""
        with blame(f"task {self.name}, aggregation", TaskError):
            return tuple(estimates(self.engine, scores, self.name, self.draws))

    def blamed(self, what: str, index: int) -> Any:
        """Attribute what a template or a function of the task raises to the task and the document."""
        return blame(f"task {self.name}, {what} document {index}", TaskError)
