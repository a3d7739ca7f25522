"""What every backend promises of the models that it opens."""

from __future__ import annotations

import asyncio
import math
import typing
from collections.abc import Sequence

import msgspec

from harness.contracts import Backend, Model
from harness.data import Kind, Message, Prompt, Request, Response, Sampling

#: What a model is asked, unless the author asks something else.
QUESTION = "Question: 1 + 1?\nAnswer:"


async def check_backend(
    backend: Backend, rest: str, options: object = None, *, prompts: Sequence[str] = (QUESTION,)
) -> None:
    """Open a backend and check what its model promises.

    Args:
        backend: what the plugin offers.
        rest: what follows the colon in `--model NAME:REST`.
        options: an instance of its option dataclass; None: the defaults.
        prompts: what it is asked; several tell whether answers are kept apart when they are asked for at once.

    Raises:
        AssertionError: no identity, nothing it can do, or an answer that is no answer.
    """
    chosen = backend.options() if options is None else options
    async with backend.open(rest, chosen) as model:
        _check_identity(backend, model)
        if "generate" in model.can:
            await _check_generation(backend.name, model, prompts)
        for kind in sorted(model.can & {"loglikelihood", "rolling"}):
            await _check_loglikelihood(backend.name, model, kind, prompts[0])
    async with backend.open(rest, chosen) as again:
        assert dict(again.identity) == dict(model.identity), (
            f"backend {backend.name}: another identity when opened again: nothing of a run could be taken up"
        )


def _check_identity(backend: Backend, model: Model) -> None:
    """Check what a model says of itself."""
    assert model.identity, f"backend {backend.name}: an empty identity would mix its answers with another model's"
    assert all(isinstance(value, str) for value in model.identity.values()), (
        f"backend {backend.name}: identity values must be text"
    )
    assert model.can, f"backend {backend.name}: its model can do nothing"
    unknown = model.can - set(typing.get_args(Kind))
    assert not unknown, f"backend {backend.name}: {sorted(unknown)} is nothing that can be asked"
    assert model.concurrency > 0, f"backend {backend.name}: concurrency {model.concurrency}"


async def _check_generation(name: str, model: Model, prompts: Sequence[str]) -> None:
    """Check continuations: bounded, ended where they should be, and kept apart when asked for at once."""
    requests = [Request(kind="generate", prompt=_asking(text), sampling=Sampling(stop=("\n",))) for text in prompts]
    together = await asyncio.gather(*map(model.generate, requests))
    for request, response in zip(requests, together, strict=True):
        assert isinstance(response, Response), f"backend {name}: generate returned {type(response).__name__}"
        msgspec.json.encode(response)
        used = response.usage.completion_tokens
        assert used is None or used <= request.sampling.max_tokens + 1, (  # the end of the text may be counted
            f"backend {name}: {used} tokens, and max_tokens is {request.sampling.max_tokens}"
        )
        assert "\n" not in response.text, f"backend {name}: {response.text!r} goes on after the stop"
    if model.deterministic:
        alone = [(await model.generate(request)).text for request in requests]
        assert alone == [response.text for response in together], (
            f"backend {name}: says it is deterministic, and answers otherwise when it is asked several things at once"
        )


async def _check_loglikelihood(name: str, model: Model, kind: Kind, text: str) -> None:
    """Check the weight of a continuation, or of a whole text."""
    response = await model.loglikelihood(
        Request(kind=kind, prompt=_asking(text), continuation=" 2" if kind == "loglikelihood" else "")
    )
    assert response.logprob is not None, f"backend {name}: {kind} without a logprob"
    assert math.isfinite(response.logprob), f"backend {name}: {kind} of {response.logprob}"
    assert kind == "rolling" or response.greedy is not None, (
        f"backend {name}: does not say whether it is the greedy one"
    )


def _asking(text: str) -> Prompt:
    """Return a prompt of one message."""
    return Prompt(messages=(Message(role="user", content=text),))
