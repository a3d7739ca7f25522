"""What is decided of one continuation at a time: where it ends, as lm-eval's `hf` has it, and what answer it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness import Request, RequestFailed, Response, Usage
from harness_backends.hf.draws import WARPERS, Warp, noise_seed, warp
from harness_backends.hf.engine import Engine

#: So many tokens more than a stop takes are looked back over, as lm-eval does: texts can be tokenised in many ways.
LOOK_BACK = 2
#: Settings that are ours to decide; lm-eval's task files may name them.
OURS = frozenset({"do_sample", "max_length", "until", "max_gen_toks", *WARPERS})
#: What stands for bytes that are no character yet.
UNFINISHED = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request ready for the model."""

    request: Request
    tokens: tuple[int, ...]
    #: Tokens cut off on the left.
    cut: int
    #: Texts before which the continuation ends; the end token among them.
    stops: tuple[str, ...]
    warp: Warp | None
    seed: int


def asked(engine: Engine, request: Request) -> Asked:
    """Return a request with its prompt as tokens.

    Raises:
        RequestFailed: it cannot be rendered, or leaves no room for a prompt.
    """
    text = engine.text
    room = text.length - request.sampling.max_tokens
    if room <= 0:
        raise RequestFailed(
            f"{request.sampling.max_tokens} tokens are to be generated and the model holds {text.length}: "
            "lower max_gen_toks of the task, or set --model-option max_length=N"
        )
    shown = text.rendered(request.prompt)
    tokens = text.encoded(shown) or [text.start]
    stops = request.sampling.stop if text.end in ("", *request.sampling.stop) else (*request.sampling.stop, text.end)
    return Asked(
        request=request,
        tokens=tuple(tokens[-room:]),
        cut=max(0, len(tokens) - room),
        stops=tuple(stop for stop in stops if stop),
        warp=warp(request, engine.draws),
        seed=noise_seed(request, shown),
    )


def continuation(engine: Engine, one: Asked, tokens: Sequence[int]) -> Response:
    """Return the answer that the generated tokens of one row make."""
    whole = str(engine.text.tokenizer.decode(tokens, skip_special_tokens=True))
    text = answer_of(whole, one.stops, engine.text.think_end)
    stopped = len(text) < len(whole) or any(token in engine.ends for token in tokens)
    stopped = stopped or len(tokens) < one.request.sampling.max_tokens
    return Response(
        text=text,
        finish="stop" if stopped else "length",
        usage=Usage(prompt_tokens=len(one.tokens), completion_tokens=len(tokens)),
        cut=one.cut,
        tokens=tuple(tokens) if engine.tells_tokens else (),
    )


def answer_of(whole: str, stops: Sequence[str], think_end: str) -> str:
    """Return a text with what follows its first stop cut off; stops within the thinking are the model's own words.

    >>> answer_of("so: Q: hm</think> 4 Q: 5", ("Q:",), "</think>"), answer_of("4 Q: 5", ("Q:",), "")
    ('so: Q: hm</think> 4 ', '4 ')
    >>> answer_of("Q: hm", ("Q:",), "</think>")
    'Q: hm'
    """
    if not think_end:
        return cut_before(whole, stops)
    thought, end, answer = whole.partition(think_end)
    return thought + end + cut_before(answer, stops)


def cut_before(text: str, stops: Sequence[str]) -> str:
    """Return the text before the stops, cut by one after the other.

    >>> cut_before("a b STOP c", ("STOP", " b"))
    'a'
    """
    for stop in stops:
        text = text.split(stop, 1)[0]
    return text


@dataclass(slots=True)
class Stops:
    """Tells whether a continuation has met one of its stops; remembers what it learnt of stops and tokens."""

    engine: Engine
    _back: dict[tuple[str, ...], int] = field(default_factory=dict)
    _pieces: dict[int, str] = field(default_factory=dict)

    def met(self, tokens: Sequence[int], stops: tuple[str, ...]) -> bool:
        """Return whether the last token ended the continuation."""
        if tokens[-1] in self.engine.ends:
            return True
        if not self._may_end(tokens[-1], stops):
            return False
        ending = self.engine.text.tokenizer.decode(tokens[-self.back(stops) :])
        return any(stop in ending for stop in stops) and self._answers(tokens)

    def _answers(self, tokens: Sequence[int]) -> bool:
        """Return whether the thinking is over, where there is any."""
        end = self.engine.text.think_end
        return not end or end in self.engine.text.tokenizer.decode(tokens)

    def back(self, stops: tuple[str, ...]) -> int:
        """Return how many tokens are looked back over."""
        if stops not in self._back:
            encode = self.engine.text.tokenizer.encode
            sizes = [len(encode(stop, add_special_tokens=False)) for stop in stops]
            self._back[stops] = max(sizes, default=0) + LOOK_BACK
        return self._back[stops]

    def _may_end(self, token: int, stops: tuple[str, ...]) -> bool:
        """Return whether a stop can end in a token; where none can, nothing need be decoded."""
        if token not in self._pieces:
            self._pieces[token] = str(self.engine.text.tokenizer.decode([token]))
        piece = self._pieces[token]
        return UNFINISHED in piece or any(stop[-1] in piece or stop[-1].isspace() for stop in stops)
