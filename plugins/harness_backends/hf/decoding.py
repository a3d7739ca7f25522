"""One batch of continuations: the tokens and texts of lm-eval's `hf`, each row ended at its own stop.

lm-eval goes on until every row has met the same stop; the texts are equal, for it cuts them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from harness import BackendError, Json, Request, RequestFailed, Response, Usage
from harness_backends.hf.draws import WARPERS, SeededDraws, Warp, noise_seed, warp
from harness_backends.hf.engine import Engine

#: So many tokens more than a stop takes are looked back over, as lm-eval does: texts can be tokenised in many ways.
LOOK_BACK = 2
#: Settings that are ours to decide; lm-eval's task files may name them.
OURS = frozenset({"do_sample", "max_length", "until", "max_gen_toks", *WARPERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request ready for the model."""

    request: Request
    tokens: list[int]
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
        tokens=tokens[-room:],
        cut=max(0, len(tokens) - room),
        stops=tuple(stop for stop in stops if stop),
        warp=warp(request, engine.draws),
        seed=noise_seed(request, shown),
    )


def generated(engine: Engine, batch: Sequence[Asked]) -> list[Response]:
    """Return the continuations of requests that share `max_tokens` and `extra`."""
    tokens, mask = engine.padded([one.tokens for one in batch], left=True)
    sampling = batch[0].request.sampling
    extra = {name: value for name, value in sampling.extra.items() if name not in OURS}
    ends = RowEnds(engine, batch, tokens.shape[1], beams=int(extra.get("num_beams") or 1))
    draws = SeededDraws([one.warp for one in batch], [one.seed for one in batch], engine.device)
    with torch.inference_mode():
        output = engine.model.generate(
            input_ids=tokens,
            attention_mask=mask,
            max_length=tokens.shape[1] + sampling.max_tokens,
            do_sample=False,
            use_cache=True,
            pad_token_id=pad_token(engine),
            stopping_criteria=criteria(ends),
            logits_processor=criteria(draws) if draws else None,
            **extra,
        )
    if engine.closing.is_set():
        raise BackendError("the model was closed while it generated")
    rows = output[:, tokens.shape[1] :].tolist()
    return [
        continuation(engine, one, ends.kept(place, row))
        for place, (one, row) in enumerate(zip(batch, rows, strict=True))
    ]


def continuation(engine: Engine, one: Asked, tokens: Sequence[int]) -> Response:
    """Return the answer that the generated tokens of one row make."""
    whole = str(engine.text.tokenizer.decode(tokens, skip_special_tokens=True))
    text = cut_before(whole, one.stops)
    stopped = len(text) < len(whole) or any(token in engine.ends for token in tokens)
    stopped = stopped or len(tokens) < one.request.sampling.max_tokens
    return Response(
        text=text,
        finish="stop" if stopped else "length",
        usage=Usage(prompt_tokens=len(one.tokens), completion_tokens=len(tokens)),
        cut=one.cut,
    )


def cut_before(text: str, stops: Sequence[str]) -> str:
    """Return the text before the stops, cut by one after the other.

    >>> cut_before("a b STOP c", ("STOP", " b"))
    'a'
    """
    for stop in stops:
        text = text.split(stop, 1)[0]
    return text


class RowEnds:
    """A stopping criterion: ends each row at its own stop, and remembers where that was."""

    def __init__(self, engine: Engine, batch: Sequence[Asked], width: int, *, beams: int) -> None:
        self._engine = engine
        self._width = width
        self._stops = [one.stops for one in batch]
        encode = engine.text.tokenizer.encode
        sizes = {stop: len(encode(stop, add_special_tokens=False)) for stops in self._stops for stop in set(stops)}
        self._back = [max((sizes[stop] for stop in stops), default=0) + LOOK_BACK for stops in self._stops]
        self._beams = beams > 1  # beams change places: no row can be told to end
        self._ended: dict[int, int] = {}

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ARG002  # its protocol
        """Return which rows have ended."""
        if self._engine.closing.is_set():
            return torch.ones(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
        if not self._beams:
            self._look(input_ids)
        done = [row in self._ended for row in range(input_ids.shape[0])]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)

    def kept(self, row: int, tokens: list[int]) -> list[int]:
        """Return the tokens of a row up to its end; what follows was made while other rows went on."""
        tokens = tokens[: self._ended.get(row, len(tokens))]
        for place, token in enumerate(tokens):
            if token in self._engine.ends:
                return tokens[: place + 1]
        return tokens

    def _look(self, input_ids: torch.Tensor) -> None:
        """Note the rows whose last tokens hold one of their stops."""
        made = input_ids.shape[1] - self._width
        tails = input_ids[:, -min(made, max(self._back)) :].tolist()
        for row, (tail, stops, back) in enumerate(zip(tails, self._stops, self._back, strict=True)):
            if row in self._ended:
                continue
            if tail[-1] in self._engine.ends:
                self._ended[row] = made
                continue
            ending = self._engine.text.tokenizer.decode(tail[-back:])
            if any(stop in ending for stop in stops):
                self._ended[row] = made


def criteria(one: Any) -> Any:
    """Return a list of one, of the class that `generate` asks for."""
    from transformers import LogitsProcessorList, StoppingCriteriaList

    return (StoppingCriteriaList if isinstance(one, RowEnds) else LogitsProcessorList)([one])


def pad_token(engine: Engine) -> int:
    """Return the token that fills ended rows; it is cut off again, so any will do."""
    tokenizer = engine.text.tokenizer
    known = (tokenizer.pad_token_id, getattr(tokenizer, "unk_token_id", None), tokenizer.eos_token_id)
    return next((token for token in known if token is not None), 0)


def generation_group(request: Request) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Return what the requests of one batch must share."""
    return request.sampling.max_tokens, shared(request.sampling.extra)


def shared(extra: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
    """Return further settings as a value that can be compared."""
    return tuple(sorted((name, repr(value)) for name, value in extra.items() if name not in OURS))
