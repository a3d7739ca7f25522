"""One batch of hidden states: each layer's mean over the prompt's tokens, and its last token's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from harness import BackendError, Request, Response, Usage
from harness_backends.hf.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A prompt ready to be embedded."""

    tokens: list[int]
    layers: tuple[int, ...]
    #: Tokens cut off on the left.
    cut: int


def embeddable(engine: Engine, request: Request) -> Embedded:
    """Return the tokens of a prompt.

    Raises:
        RequestFailed: it cannot be rendered.
    """
    tokens = engine.text.encoded(engine.text.rendered(request.prompt)) or [engine.text.start]
    kept = tokens[-engine.text.length :]
    return Embedded(tokens=kept, layers=request.layers, cut=len(tokens) - len(kept))


def embedded(engine: Engine, batch: Sequence[Embedded]) -> list[Response]:
    """Return the vectors of prompts that want the same layers, pooled on the device.

    Padding stands on the right, where no token sees it, and is left out of the mean.

    Raises:
        BackendError: a layer that the model does not have.
    """
    tokens, mask = engine.padded([one.tokens for one in batch], left=False)
    with torch.inference_mode():
        states = engine.model.base_model(tokens, output_hidden_states=True, use_cache=False).hidden_states
        wanted = wanted_layers(batch[0].layers, len(states))
        pooled = {layer: poolings(states[layer], mask) for layer in wanted}
    return [
        Response(
            vectors={
                f"{layer}/{name}": rows[place].numpy().astype("<f4").tobytes()
                for layer, found in pooled.items()
                for name, rows in found.items()
            },
            usage=Usage(prompt_tokens=len(one.tokens)),
            cut=one.cut,
        )
        for place, one in enumerate(batch)
    ]


def poolings(states: torch.Tensor, mask: torch.Tensor) -> Mapping[str, torch.Tensor]:
    """Return the poolings of one layer, each of shape (batch, width), in float32 on the CPU."""
    raised = states.float()
    weights = mask.unsqueeze(-1).to(raised)
    last = mask.sum(dim=1) - 1
    return {
        "mean": ((raised * weights).sum(dim=1) / weights.sum(dim=1)).cpu(),
        "last": raised[torch.arange(len(last), device=raised.device), last].cpu(),
    }


def wanted_layers(layers: Sequence[int], number: int) -> list[int]:
    """Return layers counted from the token embedding, 0; none wanted: all.

    Raises:
        BackendError: one that is not there.

    >>> wanted_layers((0, -1), 5), wanted_layers((), 3)
    ([0, 4], [0, 1, 2])
    """
    for layer in layers:
        if not -number <= layer < number:
            raise BackendError(f"hf: no layer {layer}: the model has 0 (its token embedding) to {number - 1}")
    return sorted({layer % number for layer in layers}) if layers else list(range(number))
