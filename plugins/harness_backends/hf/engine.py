"""An opened model and its tokenizer, as the worker thread sees them."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from harness_backends.hf.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Weights on a device. Not re-entrant: one thread at a time."""

    model: Any
    text: Text
    device: torch.device
    #: What the model's generation configuration says of drawing; greedy decoding knows nothing of it.
    draws: Mapping[str, Any] = field(default_factory=dict)
    #: Tokens that end a generation.
    ends: frozenset[int] = frozenset()
    #: Whether the model can be asked for the logits of the last tokens alone.
    slices_logits: bool = False
    #: Whether beginnings that prompts have in common can be computed once; see `probe`.
    shares: bool = False
    #: What one token of a row takes of the device's memory; 0 where nothing is shared.
    column_bytes: int = 0
    #: Whether answers come with the ids of their tokens.
    tells_tokens: bool = False
    #: Settings of its logits that the model's generation configuration asks for in every search.
    habits: Mapping[str, Any] = field(default_factory=dict)
    #: Sliding windows by layer, as the model's attention told them.
    sliding: dict[int, int | None] = field(default_factory=dict)
    #: Set when nobody waits any more, so that a long generation ends at its next token.
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def configs(self) -> list[Any]:
        """The configurations that say which attention is used."""
        top = self.model.config
        return [top] if top.get_text_config() is top else [top, top.get_text_config()]

    def padded(self, rows: Sequence[Sequence[int]], *, left: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Return rows of tokens as one tensor, and the mask of what is no padding."""
        width = max(map(len, rows))
        tokens, mask = [], []
        for row in rows:
            empty = [0] * (width - len(row))
            full = [1] * len(row)
            tokens.append([*empty, *row] if left else [*row, *empty])
            mask.append([*empty, *full] if left else [*full, *empty])
        return torch.tensor(tokens, device=self.device), torch.tensor(mask, device=self.device)


#: Parts of the memory that is free once the weights are there: for rows in flight, and for prompts that are kept.
ROWS_PART, KEPT_PART = 2, 8
#: Where nobody says how much is free.
UNTOLD = 4 * 1024**3


@dataclass(slots=True, kw_only=True)
class Room:
    """How much goes at once; memory that runs out makes it less, for good."""

    #: Rows of one pass.
    most: int
    row_bytes: int
    kept_bytes: int

    def halve(self, rows: int) -> None:
        """Let later passes have half as many rows as one that found no memory."""
        self.most = max(1, min(self.most, (rows + 1) // 2))


def room_on(device: torch.device, most: int) -> Room:
    """Return how much goes at once on a device as it is now."""
    free = free_bytes(device)
    return Room(most=most, row_bytes=free // ROWS_PART, kept_bytes=free // KEPT_PART)


def free_bytes(device: torch.device) -> int:
    """Return the memory of a device that nobody has taken."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "cpu" and "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return UNTOLD


#: What allocators say where they raise no error of their own class.
MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in MEMORY_WORDS)


def give_back_memory(device: torch.device) -> None:
    """Give cached memory back to the device, so that a smaller batch finds it."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
