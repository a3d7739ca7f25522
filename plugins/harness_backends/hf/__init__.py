"""Local weights through transformers, scored and continued exactly as lm-eval's `hf` does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness import Model
from harness_backends.hf.options import HfOptions

__all__ = ["HfOptions", "open_hf"]


@asynccontextmanager
async def open_hf(name: str, options: HfOptions, **named: str) -> AsyncIterator[Model]:
    """Open the model in a folder, or of a repository on the hub.

    Args:
        name: the folder or the repository.
        options: as the user set them.
        named: what the model is called in its identity by a plugin that brings weights of its own:
            `backend="tiny", model="tiny"`. The hash of the weights stays.

    Raises:
        BackendError: it cannot be had; the message says what to do.
    """
    from harness_backends.hf.model import opened

    async with opened(name, options, named) as model:
        yield model
