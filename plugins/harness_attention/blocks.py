"""Softmax attention over blocks of query rows, so that no matrix of all rows by all columns is ever held.

The weights are those of transformers' eager attention: scaled products, a soft cap where the model has one (Gemma 2),
the mask, and a softmax in 32 bits whose total holds the model's learned sinks where it has them (gpt-oss).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

#: Memory for the weights of one block.
BLOCK_BYTES = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Push:
    """A number added to attention logits: in some columns, for the rows that make the answer."""

    #: Positions of the columns in the whole sequence.
    columns: torch.Tensor
    #: Added; minus infinity hides the columns.
    beta: float
    #: The first row that it is added in: the prompt's last token, whose output is the answer's first.
    first: int
    #: Which heads of a layer, shape (layers, heads); None: all.
    heads: torch.Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Attended:
    """One layer's queries and keys, with all that bends their weights."""

    #: Shape (batch, heads, rows, width).
    query: torch.Tensor
    #: Shape (batch, key heads, columns, width); each serves `heads / key heads` heads (GQA).
    key: torch.Tensor
    scaling: float
    #: Shape (1 or batch, 1 or heads, rows, columns): true where a row sees a column, or a number to add. None: see
    #: `causal`.
    mask: torch.Tensor | None
    #: Without a mask: whether a row sees no column after itself.
    causal: bool
    softcap: float | None = None
    #: Logits of columns that take weight and give nothing, shape (heads,).
    sinks: torch.Tensor | None = None
    push: Push | None = None
    layer: int = 0

    def blocks(self, start: int) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield, from row `start` on, the first row of a block and its weights, shape (batch, heads, rows, columns)."""
        batch, heads, rows, _ = self.query.shape
        columns = self.key.shape[2]
        step = max(1, BLOCK_BYTES // (4 * batch * heads * columns))
        keys = self.key.float().transpose(2, 3)
        for first in range(start, rows, step):
            yield first, self._weights(self.query[:, :, first : first + step].float(), keys, first)

    def output(self, value: torch.Tensor) -> torch.Tensor:
        """Return the output of all rows, shape (batch, rows, heads, width of value)."""
        batch, heads, rows, _ = self.query.shape
        groups = value.shape[1]
        out = value.new_empty((batch, rows, heads, value.shape[3]))
        for first, weights in self.blocks(0):
            count = weights.shape[2]
            mixed = weights.to(value.dtype).reshape(batch, groups, -1, weights.shape[3]) @ value
            out[:, first : first + count] = mixed.reshape(batch, heads, count, -1).transpose(1, 2)
        return out

    def _weights(self, query: torch.Tensor, keys: torch.Tensor, first: int) -> torch.Tensor:
        """Return the weights of one block; all that is large is worked on in place."""
        batch, heads, rows, width = query.shape
        groups, columns = keys.shape[1], keys.shape[3]
        grouped = query.reshape(batch, groups, heads // groups * rows, width)
        logits = (grouped @ keys).reshape(batch, heads, rows, columns).mul_(self.scaling)
        if self.softcap is not None:
            logits.div_(self.softcap).tanh_().mul_(self.softcap)
        self._mask(logits, first)
        self._push(logits, first)
        top = logits.amax(-1, keepdim=True)
        if self.sinks is not None:
            sinks = self.sinks.float().reshape(1, heads, 1, 1)
            top = torch.maximum(top, sinks)
        logits.sub_(top).exp_()
        total = logits.sum(-1, keepdim=True)
        if self.sinks is not None:
            total = total + (sinks - top).exp()
        return logits.div_(total)

    def _mask(self, logits: torch.Tensor, first: int) -> None:
        """Hide what the rows of a block do not see."""
        rows, columns = logits.shape[2:]
        if self.mask is not None:
            block = self.mask[:, :, first : first + rows, :columns]
            if block.dtype == torch.bool:
                logits.masked_fill_(~block, -torch.inf)
            else:
                logits.add_(block)
        elif self.causal and self.query.shape[2] > 1:
            at = torch.arange(first, first + rows, device=logits.device)
            later = torch.arange(columns, device=logits.device) > at[:, None]
            logits.masked_fill_(later, -torch.inf)

    def _push(self, logits: torch.Tensor, first: int) -> None:
        """Add the push to the rows of a block that make the answer."""
        if self.push is None:
            return
        offset = self.key.shape[2] - self.query.shape[2]  # what stands in the cache
        skipped = max(0, self.push.first - offset - first)
        heads = slice(None) if self.push.heads is None else self.push.heads[self.layer]
        chosen = logits[:, heads, skipped:]
        chosen[..., self.push.columns.to(logits.device)] += self.push.beta
        logits[:, heads, skipped:] = chosen
