"""An opened model and its tokenizer, as the worker thread sees them."""

from __future__ import annotations

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
    #: Set when nobody waits any more, so that a long generation ends at its next token.
    closing: threading.Event = field(default_factory=threading.Event)

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
