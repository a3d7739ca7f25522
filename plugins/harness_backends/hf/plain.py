"""One batch through transformers' own `generate`: for beams, and for models whose keys and values cannot be shared.

lm-eval goes on until every row has met the same stop; the texts are equal, for it cuts them afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from harness import BackendError, Json, Request, Response
from harness_backends.hf.decoding import OURS, Asked, Stops, continuation
from harness_backends.hf.draws import SeededDraws
from harness_backends.hf.engine import Engine


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


class RowEnds:
    """A stopping criterion: ends each row at its own stop, and remembers where that was."""

    def __init__(self, engine: Engine, batch: Sequence[Asked], width: int, *, beams: int) -> None:
        self._engine = engine
        self._width = width
        self._stops = [one.stops for one in batch]
        self._met = Stops(engine)
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
        tails = input_ids[:, -min(made, max(map(self._met.back, self._stops))) :].tolist()
        for row, (tail, stops) in enumerate(zip(tails, self._stops, strict=True)):
            if row not in self._ended and self._met.met(tail, stops):
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
