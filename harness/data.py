"""The values that flow through a run: frozen, complete when made, written to disk as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harness.thinking import final_part

#: What JSON can hold. msgspec checks it at the edge.
Json = Any

#: What a model can be asked for: to go on, to weigh a continuation or a whole text, to name the likeliest first
#: tokens of an answer, to give its hidden states.
Kind = Literal["generate", "loglikelihood", "rolling", "alternatives", "embed"]

#: Where text can be added to a prompt: after the document's text, before it, or in the system message.
Position = Literal["appended", "prepended", "system"]

#: Why a generation ended; "error" is a request that failed for good.
Finish = Literal["stop", "length", "error"]


def plain(value: Any) -> Json:
    """Return a number of numpy or torch as Python's; for msgspec's `enc_hook`.

    Raises:
        TypeError: anything else that JSON cannot hold.
    """
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a value of type {type(value).__name__} is no JSON")


#: Raised whenever the shape of a Record changes, so that an old reader can say so.
RECORD_SCHEMA = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """One item of a task."""

    #: Unique in a run: task name, "/", position in the evaluated split.
    id: str
    task: str
    #: Position in the evaluated split, as lm-eval counts it (its `doc_id`).
    index: int
    #: The row, as the task's templates see it.
    fields: Mapping[str, Json]
    #: The right answer and its aliases, as text; empty where the task has none.
    golds: tuple[str, ...] = ()
    #: Answers to the steps of a question and titles of the passages that hold them, as text; empty where it has none.
    hops: tuple[str, ...] = ()
    #: The texts that ask; empty where nobody said which of the prompt's they are.
    question: tuple[str, ...] = ()
    #: Worked solutions, and reference programs; empty where it has none.
    worked: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    #: Items that share a passage or a template share this; it is the unit of resampling. Empty: its own.
    cluster: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of one message of a prompt."""

    #: Which of the messages, as sent.
    message: int
    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is shown, before any backend renders it.

    Without `chat` the contents are one plain text: joined as they are, no template. With it the
    backend applies its chat template, and `prefix` is the beginning of the assistant's turn.
    """

    messages: tuple[Message, ...]
    chat: bool = False
    prefix: str = ""
    #: Where the document's own text begins in the last user message; examples may stand before it.
    start: int = 0
    #: Where that text ends, but for a cue such as "Answer:": an offset in the last user message. None: at its end.
    slot: int | None = None
    #: Where added text goes: to the slot ("appended"), before the document's own text, or into the system message.
    place: Position = "appended"
    #: Where added text went.
    spans: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The prompt as one plain text, which is what a model sees where `chat` is false."""
        return "".join(message.content for message in self.messages) + self.prefix

    @property
    def asking(self) -> int:
        """Which message is the last of the user's: the one that asks the question.

        Raises:
            ValueError: the prompt has no user message.
        """
        found = [number for number, message in enumerate(self.messages) if message.role == "user"]
        if not found:
            raise ValueError("a prompt without a user message")
        return found[-1]

    @property
    def asked(self) -> Message:
        """The message that asks the question."""
        return self.messages[self.asking]

    @property
    def around(self) -> tuple[str, str]:
        """The text before and after the place of added text, as far as nothing separates it from that."""
        ready = self._with_system() if self.place == "system" else self
        number, at = ready._gap()  # noqa: SLF001  # its own kind
        content = ready.messages[number].content
        follows = "" if self.chat else "".join(message.content for message in ready.messages[number + 1 :])
        return content[:at], content[at:] or follows

    def with_inserted(self, pieces: tuple[tuple[str, str], ...]) -> Prompt:
        r"""Return this prompt with text added at its place, and the spans of the labelled pieces.

        Args:
            pieces: (label, text) in order; an empty label is glue, and gets no span.

        >>> plain = Prompt(messages=(Message(role="user", content="Q: 1+1?\nA:"),), slot=7)
        >>> new = plain.with_inserted((("", "\n\n"), ("c0", "One line.")))
        >>> new.text, [new.text[s.start:s.end] for s in new.spans]
        ('Q: 1+1?\n\nOne line.\nA:', ['One line.'])
        """
        ready = self._with_system() if self.place == "system" else self
        number, at = ready._gap()  # noqa: SLF001  # its own kind
        spans, end = [], at
        for label, text in pieces:
            if label:
                spans.append(Span(message=number, start=end, end=end + len(text), label=label))
            end += len(text)
        message = ready.messages[number]
        content = message.content[:at] + "".join(text for _, text in pieces) + message.content[at:]
        changed = (*ready.messages[:number], replace(message, content=content), *ready.messages[number + 1 :])
        start, slot = self.start, self.slot
        if self.place == "appended":
            slot = end
        elif self.place == "prepended":
            start, slot = end, None if slot is None else slot + end - at
        return replace(ready, messages=changed, start=start, slot=slot, spans=tuple(spans))

    def _with_system(self) -> Prompt:
        """Return this prompt with a system message to add to."""
        if self.messages and self.messages[0].role == "system":
            return self
        return replace(self, messages=(Message(role="system", content=""), *self.messages))

    def _gap(self) -> tuple[int, int]:
        """Return the message and the offset in it where added text goes."""
        if self.place == "system":
            return 0, len(self.messages[0].content)
        if self.place == "prepended":
            return self.asking, self.start
        return self.asking, len(self.asked.content) if self.slot is None else self.slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a continuation is drawn. Temperature 0 is greedy."""

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float | None = None
    top_k: int | None = None
    #: The continuation ends before the first of these.
    stop: tuple[str, ...] = ()
    #: Further settings by the name the backend knows, unchanged (`num_beams`, ...).
    extra: Mapping[str, Json] = field(default_factory=dict)

    @property
    def greedy(self) -> bool:
        """Whether every draw of one prompt is meant to be the same."""
        return self.temperature == 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a model: a continuation to draw, a text to weigh, or a text to embed."""

    kind: Kind
    prompt: Prompt
    #: The text whose log-likelihood is wanted (`loglikelihood` alone).
    continuation: str = ""
    sampling: Sampling = Sampling()
    #: Tells apart draws of the same prompt: arm and number, so that `repeat` is never served `base`.
    draw: str = ""
    #: Seed of the run, for drawn continuations; 0 where it cannot matter.
    seed: int = 0
    #: The layers whose hidden states are wanted (`embed` alone), 0 the token embedding, -1 the last; empty: all.
    layers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the model counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    #: Those of the prompt that the provider read from its cache, at a lower price.
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one request."""

    text: str = ""
    finish: Finish = "stop"
    #: Sum of the log-probabilities (natural logarithm) of the tokens asked about.
    logprob: float | None = None
    #: Whether greedy decoding would have given the continuation.
    greedy: bool | None = None
    usage: Usage = Usage()
    #: Tokens cut off the left of the prompt because it was longer than the context.
    cut: int = 0
    #: Ids of the answer's tokens, its stop among them; empty where nobody asked the backend for them.
    tokens: tuple[int, ...] = ()
    #: Log-probabilities of the likeliest first tokens of an answer, by their text (`alternatives` alone).
    alternatives: Mapping[str, float] = field(default_factory=dict)
    #: Vectors by "layer/pooling" (`4/mean`, `4/last`), little-endian float32 (`embed` alone).
    vectors: Mapping[str, bytes] = field(default_factory=dict)
    #: Why there is no answer (`finish == "error"` alone).
    error: str = ""

    @property
    def final(self) -> str | None:
        """The answer without the thinking before it; None if it was cut off while thinking."""
        return final_part(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a task says of the responses to one document."""

    #: Per-document values by "metric,filter"; JSON, because corpus metrics keep more than a number.
    values: Mapping[str, Json] = field(default_factory=dict)
    #: What each filter left of the response.
    filtered: Mapping[str, Json] = field(default_factory=dict)
    #: Whether the primary grade calls it right; None where it could not be judged.
    solved: bool | None = None
    #: The same by the lenient second grade; None where there is none.
    lenient: bool | None = None
    #: Why it could not be judged; of an answer that is wrong, what the grader saw ("failed: NameError").
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One requirement on an answer; the text is rendered from the parameters and never parsed back."""

    #: Name of the constraint type that made it and can check it.
    type: str
    family: str
    #: Version of the type, so that verdicts of two versions are never mixed.
    version: str
    params: Mapping[str, Json]
    text: str
    #: Whether it is the exact value, without slack.
    tight: bool = False
    #: 0: says nothing of the solution. 1: names a method. 2: tells a part of the answer.
    hint: int = 0
    #: Whether it speaks of the place where the answer stands; such ones are analysed apart.
    touches_answer: bool = False
    #: The share of other good answers that its type expects to meet it: "strict" (from 0.95), "soft" (from 0.80),
    #: "forcing"; empty: it expects nothing.
    stratum: str = ""
    #: Whether a model judges it; else a rule checks it. The two are never counted in one number.
    judged: bool = False
    #: Of one that a model wrote: which model, the hash of its prompt, its evidence. Empty: its type made it.
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a response met a constraint; None when it could not be judged."""

    met: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A document with an answer of the model: what a constraint is taken from."""

    doc: Doc
    prompt: Prompt
    response: Response
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One answered and judged attempt at a document, in one arm."""

    arm: str
    draw: int
    #: Number of constraints in the prompt.
    k: int = 0
    #: The text added to the document's prompt, exactly; empty in the base arm.
    inserted: str = ""
    #: Where it was added; None: nothing was.
    position: Position | None = None
    #: Where its labelled parts stand in the messages as sent.
    spans: tuple[Span, ...] = ()
    responses: tuple[Response, ...]
    score: Score
    #: One verdict for each of the record's constraints, in their order, whether or not the prompt held them; after
    #: them one for each of the arm's own (`Record.foreign`).
    verdicts: tuple[Verdict, ...] = ()

    @property
    def response(self) -> Response:
        """The response, where the trial asked one question."""
        return self.responses[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that became of one document; one line of `records.jsonl`."""

    schema: int = RECORD_SCHEMA
    doc: str
    task: str
    index: int
    cluster: str = ""
    #: The stages reached and the mishaps met, counted in the funnel line.
    marks: tuple[str, ...] = ()
    #: Why the document went no further; empty if it went all the way.
    why: str = ""
    #: The right answers and the steps to them (see `Doc`), so that a failure can be read without the task.
    golds: tuple[str, ...] = ()
    hops: tuple[str, ...] = ()
    #: The prompt of the base arm; whether it is shown as a chat, and the beginning of the answer that it gives.
    prompt: tuple[Message, ...] = ()
    chat: bool = False
    prefix: str = ""
    #: Draw of the base answer that the constraints were taken from; 0 is the selection sample. None: no constraints.
    source: int | None = None
    #: The constraints drawn, in order of use.
    constraints: tuple[Constraint, ...] = ()
    #: Constraints that were not taken from this document's answer, by the arm that held them.
    foreign: Mapping[str, tuple[Constraint, ...]] = field(default_factory=dict)
    #: By family: how many candidate constraints there were, and how many each guard turned away.
    guards: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()

    @property
    def unit(self) -> str:
        """What is resampled as a whole: its cluster within its task, else the document itself."""
        return f"{self.task}/{self.cluster}" if self.cluster else self.doc

    def arm(self, name: str, k: int | None = None) -> tuple[Trial, ...]:
        """Return the trials of one arm, in order of draw; of one number of constraints, if given."""
        return tuple(trial for trial in self.trials if trial.arm == name and k in (None, trial.k))
