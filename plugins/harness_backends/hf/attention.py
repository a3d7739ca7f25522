"""Attention of rows that stand on shared trunks: a trunk's keys are read once for all its rows, not once a row.

Registered with transformers under a name of its own, and in force only while a `Window` is open; so any model that
asks transformers' attention interface gets it, with its grouped heads, sliding windows, soft caps and sinks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AttentionInterface

from harness_backends.hf.rows import Rows, Trunk

NAME = "harness_shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """The rows of a window that stand on one trunk."""

    trunk: Trunk
    rows: torch.Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one forward pass sees: rows `start` on, their new tokens, their trunks.

    n rows, s new tokens each (padded on the left), t columns of their own.
    """

    rows: Rows
    start: int
    stands: Sequence[Stand]
    #: (n, s): positions of the new tokens.
    queries: torch.Tensor
    #: (n, t): positions of the columns.
    keys: torch.Tensor
    #: (n, s, t): which columns a new token may see. Of its trunk it may see all.
    visible: torch.Tensor
    #: Tokens of the longest trunk.
    stem: int
    #: Whether all rows stand on the same trunk, or on none.
    one_trunk: bool
    #: Masks by sliding window, made once for all layers.
    masks: dict[int | None, torch.Tensor] = field(default_factory=dict)
    #: Sliding windows by layer, as the model told them.
    seen: dict[int, int | None] = field(default_factory=dict)

    def mask(self, sliding: int | None, device: torch.device) -> torch.Tensor:
        """Return (n, 1, s, stem + t): what a new token may see of its trunk and of its row."""
        found = self.masks.get(sliding)
        if found is None or found.device != device:
            found = self.masks[sliding] = self._mask(sliding).unsqueeze(1).to(device)
        return found

    def _mask(self, sliding: int | None) -> torch.Tensor:
        n, s = self.queries.shape
        stem = torch.arange(self.stem, device=self.queries.device)
        lengths = torch.zeros(n, dtype=torch.long, device=stem.device)
        for stand in self.stands:
            lengths[stand.rows] = stand.trunk.length
        trunk = (stem < lengths[:, None])[:, None].expand(n, s, -1)
        own = self.visible
        if sliding is not None:
            first = self.queries[:, :, None] - sliding
            trunk = trunk & (stem > first)
            own = own & (self.keys[:, None] > first)
        return torch.cat([trunk, own], dim=-1)


_OPEN: ContextVar[Window] = ContextVar("open window of rows")


@contextmanager
def opened(window: Window, configs: Sequence[Any]) -> Iterator[None]:
    """Let a model's attention see a window, for one forward pass."""
    before = [config._attn_implementation for config in configs]  # noqa: SLF001  # transformers' own way to switch
    token = _OPEN.set(window)
    try:
        for config in configs:
            config._attn_implementation = NAME  # noqa: SLF001
        yield
    finally:
        for config, name in zip(configs, before, strict=True):
            config._attn_implementation = name  # noqa: SLF001
        _OPEN.reset(token)


def attend(  # noqa: PLR0913  # transformers' protocol
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,  # noqa: ARG001  # the rows hold them by now
    value: torch.Tensor,  # noqa: ARG001
    attention_mask: Any,  # noqa: ARG001  # the window has its own
    *,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Return what new tokens gather from trunk and row: (n, s, heads, width).

    Args:
        query: (n, heads, s, width).
        s_aux: a sink for each head, which takes its share of the attention and gives nothing.
    """
    window = _OPEN.get()
    layer = module.layer_idx
    window.seen[layer] = sliding_window
    mask = window.mask(sliding_window, query.device)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if query.shape[2] > 1 and softcap is None and s_aux is None and window.one_trunk:
        return by_kernel(query, window, layer, mask, scale), None
    scores = scored(query, window, layer) * scale
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    n, heads, s, total = scores.shape
    scores = scores.masked_fill_(~mask, -torch.inf)
    if s_aux is not None:
        sink = s_aux.reshape(1, heads, 1, 1).expand(n, heads, s, 1).to(scores)
        weights = torch.cat([scores, sink], dim=-1).softmax(dim=-1, dtype=torch.float32)[..., :total]
    else:
        weights = scores.softmax(dim=-1, dtype=torch.float32)
    return gathered(weights.to(query.dtype), window, layer).transpose(1, 2).contiguous(), None


def own(window: Window, held: Sequence[torch.Tensor], layer: int) -> torch.Tensor:
    """Return (n, kv heads, t, width): the columns of the rows of a window."""
    n, t = window.keys.shape
    return held[layer][window.start : window.start + n, :, :t]


def scored(query: torch.Tensor, window: Window, layer: int) -> torch.Tensor:
    """Return (n, heads, s, stem + t): new tokens times keys; the part of a trunk is one product for all its rows."""
    n, heads, s, width = query.shape
    keys = own(window, window.rows.keys, layer)
    grouped = query.reshape(n, keys.shape[1], -1, width)
    stem = window.stem
    scores = query.new_empty((n, keys.shape[1], grouped.shape[2], stem + keys.shape[2]))
    scores[..., stem:] = torch.matmul(grouped, keys.transpose(-1, -2))
    for stand in window.stands:
        trunk = stand.trunk.kept.keys[layer]
        mine = grouped if window.one_trunk else grouped[stand.rows]
        folded = mine.transpose(0, 1).reshape(trunk.shape[0], -1, width)
        part = torch.matmul(folded, trunk.transpose(-1, -2))
        part = part.view(trunk.shape[0], len(mine), -1, stand.trunk.length).transpose(0, 1)
        if window.one_trunk:
            scores[..., :stem] = part
        else:
            scores[stand.rows, :, :, : stand.trunk.length] = part.contiguous()
    return scores.view(n, heads, s, -1)


def gathered(weights: torch.Tensor, window: Window, layer: int) -> torch.Tensor:
    """Return (n, heads, s, width): values by their weights."""
    n, heads, s, _ = weights.shape
    values = own(window, window.rows.values, layer)
    grouped = weights.view(n, values.shape[1], -1, weights.shape[-1])
    stem = window.stem
    result = torch.matmul(grouped[..., stem:], values)
    for stand in window.stands:
        trunk = stand.trunk.kept.values[layer]
        mine = grouped if window.one_trunk else grouped[stand.rows]
        folded = mine[..., : stand.trunk.length].transpose(0, 1).reshape(trunk.shape[0], -1, stand.trunk.length)
        part = torch.matmul(folded, trunk).view(trunk.shape[0], len(mine), -1, trunk.shape[-1]).transpose(0, 1)
        if window.one_trunk:
            result += part
        else:
            result[stand.rows] += part
    return result.view(n, heads, s, -1)


def by_kernel(query: torch.Tensor, window: Window, layer: int, mask: torch.Tensor, scale: float) -> torch.Tensor:
    """Return the same by torch's fused kernel, which holds no scores but wants each row's keys whole."""
    keys, values = own(window, window.rows.keys, layer), own(window, window.rows.values, layer)
    for stand in window.stands:
        trunk = stand.trunk.kept
        keys = torch.cat([trunk.keys[layer].expand(len(keys), -1, -1, -1), keys], dim=2)
        values = torch.cat([trunk.values[layer].expand(len(values), -1, -1, -1), values], dim=2)
    found = torch.nn.functional.scaled_dot_product_attention(
        query, keys, values, attn_mask=mask, scale=scale, enable_gqa=query.shape[1] != keys.shape[1]
    )
    return found.transpose(1, 2).contiguous()


AttentionInterface.register(NAME, attend)
