"""Keys and values of the rows in flight: a trunk that many share is held once, and each row's own columns after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Cache

#: Columns are added so many at a time, so that a batch does not grow at every token.
GRAIN = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """Keys and values of one row's columns, by layer, each of shape (heads, columns, width)."""

    keys: tuple[torch.Tensor, ...] = ()
    values: tuple[torch.Tensor, ...] = ()

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(one.nbytes for one in (*self.keys, *self.values))

    def cut(self, length: int) -> Kept:
        """Return the first columns, without a copy."""
        return Kept(tuple(one[:, :length] for one in self.keys), tuple(one[:, :length] for one in self.values))

    def since(self, first: int) -> Kept:
        """Return a copy of the columns from one on."""
        return Kept(
            tuple(one[:, first:].clone() for one in self.keys), tuple(one[:, first:].clone() for one in self.values)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trunk:
    """The beginning that rows have in common, computed once."""

    length: int
    kept: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Where a forward pass puts new columns: token `column[i]` of row `row[i]` goes to `slot[i]`, `place[i]`."""

    slot: torch.Tensor
    place: torch.Tensor
    #: None, as `column`: every row has one token.
    row: torch.Tensor | None = None
    column: torch.Tensor | None = None

    def put(self, held: torch.Tensor, new: torch.Tensor) -> None:
        """Put new columns, (rows, heads, tokens, width), into what is held, (slots, heads, columns, width)."""
        slot, place = self.slot.to(held.device), self.place.to(held.device)
        if self.row is None or self.column is None:
            held[slot, :, place] = new[:, :, 0]
        else:
            held[slot, :, place] = new[self.row.to(held.device), :, self.column.to(held.device)]


class Rows(Cache):  # type: ignore[misc]  # transformers is untyped
    """A cache whose rows are of unequal length; what is read of it, attention takes itself (see `attention`)."""

    def __init__(self, slots: int) -> None:
        super().__init__(layers=[])
        self.slots = slots
        self.width = 0
        self.keys: list[torch.Tensor] = []
        self.values: list[torch.Tensor] = []
        #: Of the forward pass under way.
        self.write: Write | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Put new columns of one layer in their places; called by the model's attention."""
        if layer_idx > len(self.keys):
            raise ValueError(f"layer {layer_idx} before layer {len(self.keys)}")
        if layer_idx == len(self.keys):
            self.keys.append(self._empty(key_states))
            self.values.append(self._empty(value_states))
        if self.write is None:
            raise ValueError("no forward pass of rows is under way")
        self.write.put(self.keys[layer_idx], key_states)
        self.write.put(self.values[layer_idx], value_states)
        return key_states, value_states

    def get_seq_length(self, layer_idx: int = 0) -> int:  # noqa: ARG002  # its protocol
        """Return 0: positions are always given."""
        return 0

    def grow(self, *, slots: int, width: int) -> None:
        """Make room."""
        slots, width = max(slots, self.slots), max(-(-width // GRAIN) * GRAIN, self.width)
        if (slots, width) == (self.slots, self.width):
            return
        self.keys = [enlarged(one, slots, width) for one in self.keys]
        self.values = [enlarged(one, slots, width) for one in self.values]
        self.slots, self.width = slots, width

    def put(self, slot: int, kept: Kept, length: int) -> None:
        """Copy columns into the beginning of a row."""
        if not length:
            return
        if not self.keys:
            self.keys = [self._empty(one.unsqueeze(0)) for one in kept.keys]
            self.values = [self._empty(one.unsqueeze(0)) for one in kept.values]
        for ours, theirs in zip((*self.keys, *self.values), (*kept.keys, *kept.values), strict=True):
            ours[slot, :, :length] = theirs[:, :length]

    def take(self, slot: int, length: int) -> Kept:
        """Return a copy of the first columns of a row."""
        return Kept(
            tuple(one[slot, :, :length].clone() for one in self.keys),
            tuple(one[slot, :, :length].clone() for one in self.values),
        )

    def move(self, slot: int, to: int, length: int) -> None:
        """Copy a row into another slot, so that rows in flight stand close together."""
        for one in (*self.keys, *self.values):
            one[to, :, :length] = one[slot, :, :length]

    def release(self) -> None:
        """Give the memory back."""
        self.keys, self.values = [], []
        self.slots, self.width = 0, 0

    @property
    def bytes_per_column(self) -> int:
        """What one column of one row takes; 0 before anything was held."""
        return sum(one[0, :, 0].nbytes for one in (*self.keys, *self.values)) if self.width else 0

    def _empty(self, like: torch.Tensor) -> torch.Tensor:
        shape = (self.slots, like.shape[1], self.width, like.shape[3])
        return torch.zeros(shape, dtype=like.dtype, device=like.device)  # zeros: weight 0 times NaN were NaN


def enlarged(one: torch.Tensor, slots: int, width: int) -> torch.Tensor:
    """Return a tensor with more slots and columns."""
    new = torch.zeros((slots, one.shape[1], width, one.shape[3]), dtype=one.dtype, device=one.device)
    new[: one.shape[0], :, : one.shape[2]] = one
    return new


def joined(trunk: Trunk | None, kept: Kept, length: int) -> Trunk:
    """Return a trunk of a shorter one and the columns after it, `length` tokens in all."""
    if trunk is None:
        return Trunk(
            length=length, kept=Kept(*(tuple(one.clone() for one in some) for some in halves(kept.cut(length))))
        )
    if length <= trunk.length:
        return trunk if length == trunk.length else Trunk(length=length, kept=trunk.kept.cut(length))
    more = kept.cut(length - trunk.length)
    both: Sequence[tuple[torch.Tensor, ...]] = [
        tuple(torch.cat(pair, dim=1) for pair in zip(old, new, strict=True))
        for old, new in zip(halves(trunk.kept), halves(more), strict=True)
    ]
    return Trunk(length=length, kept=Kept(*both))


def halves(kept: Kept) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
    """Return keys and values."""
    return kept.keys, kept.values
