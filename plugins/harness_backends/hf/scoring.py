"""One batch of log-likelihoods: the numbers of lm-eval's `hf`, with equal inputs computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from harness import Request, Response, Usage
from harness_backends.hf.engine import Engine
from harness_backends.hf.text import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What one pair of context and continuation came to."""

    logprob: float
    greedy: bool
    #: Tokens of context cut off on the left.
    cut: int


def pairs(engine: Engine, request: Request) -> list[Pair]:
    """Return the pairs a request is made of: one, or the windows over a whole text.

    Raises:
        RequestFailed: it cannot be rendered, or has nothing to weigh.
    """
    shown = engine.text.rendered(request.prompt)
    if request.kind == "rolling":
        return engine.text.windows(shown)
    return [engine.text.pair(shown, request.continuation)]


def weighed(engine: Engine, batch: Sequence[Pair]) -> list[Weighed]:
    """Return the log-likelihoods of continuations; pairs that differ in their last token alone share a row."""
    length = engine.text.length
    wholes = [tuple((*pair.context, *pair.continuation)[-(length + 1) :]) for pair in batch]
    inputs = list(dict.fromkeys(whole[:-1] for whole in wholes))
    row_of = {tokens: row for row, tokens in enumerate(inputs)}
    first = min(len(whole) - 1 - len(pair.continuation) for whole, pair in zip(wholes, batch, strict=True))
    logits = last_logits(engine, inputs, first)
    results = []
    for whole, pair in zip(wholes, batch, strict=True):
        end = len(whole) - 1 - first
        rows = logits[row_of[whole[:-1]], end - len(pair.continuation) : end]
        chosen = torch.tensor(pair.continuation, device=engine.device)
        logprobs = torch.nn.functional.log_softmax(rows, dim=-1)
        results.append(
            Weighed(
                logprob=float(logprobs.gather(1, chosen.unsqueeze(1)).sum()),
                greedy=bool((logprobs.argmax(dim=-1) == chosen).all()),
                cut=len(pair.context) + len(pair.continuation) - len(whole),
            )
        )
    return results


def last_logits(engine: Engine, inputs: Sequence[Sequence[int]], first: int) -> torch.Tensor:
    """Return the logits from position `first` on; padding stands on the right, where no token sees it."""
    tokens, _ = engine.padded(inputs, left=False)
    with torch.inference_mode():
        if engine.slices_logits:
            logits: torch.Tensor = engine.model(tokens, logits_to_keep=tokens.shape[1] - first, use_cache=False).logits
        else:
            logits = engine.model(tokens, use_cache=False).logits[:, first:]
    return logits


def likelihood(request: Request, windows: Sequence[Pair], results: Sequence[Weighed]) -> Response:
    """Return the answer to one request from its windows."""
    return Response(
        logprob=sum(one.logprob for one in results),
        greedy=all(one.greedy for one in results) if request.kind == "loglikelihood" else None,
        usage=Usage(
            prompt_tokens=sum(len(pair.context) for pair in windows),
            completion_tokens=sum(len(pair.continuation) for pair in windows),
        ),
        cut=sum(one.cut for one in results),
    )
