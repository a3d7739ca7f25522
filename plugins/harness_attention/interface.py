"""Attention functions put into a model by transformers' `AttentionInterface`: one that watches, one that pushes.

The watching one returns the model's usual output; for the rows of a response it also sums the weights over spans of
columns, a block at a time. `output_attentions` is never asked for: 8,000 tokens and 32 heads take 8.6 GB a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from harness import BackendError
from harness_attention.blocks import Attended, Push

#: Under this name transformers knows our function; there is one at a time.
NAME = "harness_spans"
#: What models hand to their attention function that bends weights in ways not written here.
UNKNOWN_BENDS = ("position_bias", "sinks", "indices", "top_k", "cache")

Function = Callable[..., tuple[torch.Tensor, None]]


@contextmanager
def attending(model: Any, function: Function) -> Iterator[None]:
    """Put an attention function into a model for a while.

    Raises:
        BackendError: the model has its attention written out, and not through the interface.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    if not model._can_set_attn_implementation():  # noqa: SLF001  # the only place that knows
        raise BackendError(
            f"attention: {type(model).__name__} does not go through transformers' AttentionInterface, so its "
            "attention cannot be watched"
        )
    before = model.config._attn_implementation  # noqa: SLF001  # there is no public name
    AttentionInterface.register(NAME, function)
    AttentionMaskInterface.register(NAME, sdpa_mask)  # else causal and windowed masks are lost
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What one forward pass showed."""

    #: First row of the response.
    start: int
    #: The columns of each span as ones, shape (columns, spans).
    spans: torch.Tensor
    #: By layer: the mass of each span, shape (heads, rows of the response, spans).
    masses: dict[int, torch.Tensor] = field(default_factory=dict)
    #: By layer: the window that it says it has.
    windows: dict[int, int | None] = field(default_factory=dict)

    def __call__(
        self, module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Any, **how: Any
    ) -> tuple[torch.Tensor, None]:
        """Return the usual output, and keep the masses."""
        layer = layer_of(module)
        if layer in self.masses:
            raise BackendError(f"attention: {type(module).__name__} is asked twice in layer {layer}")
        attended = attended_of(module, query, key, mask, how)
        self.windows[layer] = how.get("sliding_window")
        spans = self.spans.to(query.device)
        parts = [weights[0] @ spans for _, weights in attended.blocks(self.start)]
        self.masses[layer] = torch.cat(parts, dim=1)
        return usual(module, attended, value, mask, how), None


@dataclass(frozen=True, kw_only=True)
class Pushing:
    """Attention whose logits are pushed in some columns."""

    push: Push

    def __call__(
        self, module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Any, **how: Any
    ) -> tuple[torch.Tensor, None]:
        """Return the output of pushed attention."""
        return attended_of(module, query, key, mask, how, self.push).output(value), None


def attended_of(
    module: Any, query: torch.Tensor, key: torch.Tensor, mask: Any, how: dict[str, Any], push: Push | None = None
) -> Attended:
    """Return what a model handed to its attention function.

    Raises:
        BackendError: it bends weights in a way that is not known here.
    """
    bends = [name for name in UNKNOWN_BENDS if how.get(name) is not None]
    if bends or not (mask is None or isinstance(mask, torch.Tensor)):
        raise BackendError(
            f"attention: {type(module).__name__} bends its weights by {', '.join(bends) or 'a mask of its own kind'}, "
            "which is not known here"
        )
    scaling = how.get("scaling")
    causal = how.get("is_causal")
    return Attended(
        query=query,
        key=key,
        scaling=query.shape[-1] ** -0.5 if scaling is None else scaling,
        mask=mask,
        causal=bool(getattr(module, "is_causal", True) if causal is None else causal),
        softcap=how.get("softcap"),
        sinks=how.get("s_aux"),
        push=push,
        layer=layer_of(module),
    )


def usual(
    module: Any, attended: Attended, value: torch.Tensor, mask: torch.Tensor | None, how: dict[str, Any]
) -> torch.Tensor:
    """Return the usual output: by sdpa, and by blocks where that knows no soft cap or sinks."""
    if attended.softcap is not None or attended.sinks is not None:
        return attended.output(value)
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    output: torch.Tensor = sdpa_attention_forward(module, attended.query, attended.key, value, mask, **how)[0]
    return output


def layer_of(module: Any) -> int:
    """Return which layer an attention module stands in.

    Raises:
        BackendError: it does not say.
    """
    layer = getattr(module, "layer_idx", None)
    if layer is None:
        raise BackendError(f"attention: {type(module).__name__} does not say which layer it is")
    return int(layer)
