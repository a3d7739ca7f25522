"""One text through a model: the mass that each token of the response puts on each span, layer by layer.

Layers whose window ends before the text does, and layers without a softmax, are told and left out: beyond a window the
mass is zero whatever the model attends to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import torch

from harness import BackendError
from harness_attention.interface import Watched, attending

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: How a layer attends: to all that came before, to what a window or chunk holds, or without weights.
LayerKind = Literal["full", "windowed", "linear"]
#: Tokens of the text on which a model is compared with its own eager attention, before it is believed.
CHECKED = 96
#: How far the two may be off, in 32 bits and in 16.
EXACT, ROUGH = 1e-4, 3e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Masses:
    """What one response attended to."""

    kinds: tuple[LayerKind, ...]
    #: Layers of kind "full", shape (n,).
    layers: tuple[int, ...]
    #: Shape (n, heads, tokens of the response, spans).
    values: NDArray[np.float32]


def span_masses(model: Any, tokens: Sequence[int], start: int, spans: Sequence[Sequence[int]], longest: int) -> Masses:
    """Return the masses of spans, summed as the model goes; peak memory is linear in the response.

    Args:
        model: of transformers, causal.
        tokens: of prompt and response.
        start: position of the response's first token.
        spans: positions of the tokens of each span.
        longest: tokens of the longest text of the analysis; a window that holds it is none.

    Raises:
        BackendError: the model cannot be watched, or has no layer that attends to everything.
    """
    seen = watched(model, tokens, start, spans)
    kinds = layer_kinds(model.config, seen.windows, longest)
    layers = tuple(layer for layer, kind in enumerate(kinds) if kind == "full")
    if not layers:
        raise BackendError(f"attention: {type(model).__name__} has no layer that attends to all of a text")
    values = torch.stack([seen.masses[layer].float().cpu() for layer in layers])
    return Masses(kinds=kinds, layers=layers, values=values.numpy())


def watched(model: Any, tokens: Sequence[int], start: int, spans: Sequence[Sequence[int]]) -> Watched:
    """Return what a forward pass over a text shows."""
    device = model.device
    columns = torch.zeros(len(tokens), len(spans), device=device)
    for number, places in enumerate(spans):
        columns[list(places), number] = 1.0
    seen = Watched(start=start, spans=columns)
    with attending(model, seen), torch.inference_mode():
        # The head is left out: logits of a long text by a large vocabulary are larger than all else.
        model.base_model(input_ids=torch.tensor([list(tokens)], device=device), use_cache=False)
    return seen


def layer_kinds(config: Any, windows: dict[int, int | None], longest: int) -> tuple[LayerKind, ...]:
    """Return the kind of each layer.

    Args:
        config: of the model.
        windows: by layer that has weights, the window that it says it has.
        longest: tokens of the longest text.
    """
    config = config.get_text_config()
    types = getattr(config, "layer_types", None)
    chunk = getattr(config, "attention_chunk_size", None)
    kinds: list[LayerKind] = []
    for layer in range(config.num_hidden_layers):
        if layer not in windows:
            kinds.append("linear")
            continue
        window = windows[layer]
        if types is not None:
            named = types[layer]
            window = {"full_attention": None, "chunked_attention": chunk}.get(
                named, window or getattr(config, "sliding_window", None)
            )
        kinds.append("full" if window is None or window >= longest else "windowed")
    return tuple(kinds)


def check(model: Any, tokens: Sequence[int]) -> None:
    """Compare a model's watched attention with its own eager one on the beginning of a text.

    Raises:
        BackendError: they differ: it bends its weights in a way that is not known here.
    """
    some = list(tokens[:CHECKED])
    half = len(some) // 2
    seen = watched(model, some, 0, [range(half), range(half, len(some))])
    before = model.config._attn_implementation  # noqa: SLF001  # there is no public name
    model.set_attn_implementation("eager")
    try:
        with torch.inference_mode():
            told = model.base_model(
                input_ids=torch.tensor([some], device=model.device), use_cache=False, output_attentions=True
            ).attentions
    finally:
        model.set_attn_implementation(before)
    given = [one for one in told or () if one is not None]
    if len(given) != len(seen.masses):
        raise BackendError(
            f"attention: {type(model).__name__} shows the attention of {len(given)} layers, and {len(seen.masses)} "
            "were watched: it cannot be checked, so it is not measured"
        )
    allowed = EXACT if model.dtype in (torch.float32, torch.float64) else ROUGH
    for layer, weights in zip(sorted(seen.masses), given, strict=True):
        mine = seen.masses[layer]
        off = float((weights[0].float() @ seen.spans.to(weights.device) - mine.to(weights.device)).abs().max())
        if off > allowed:
            raise BackendError(
                f"attention: layer {layer} of {type(model).__name__} is off its own eager attention by {off:.2g}: it "
                "bends its weights in a way that is not known here"
            )
