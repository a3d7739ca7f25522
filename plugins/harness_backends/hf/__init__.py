"""Local weights through transformers, scored and continued exactly as lm-eval's `hf` does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from harness import BackendError, Model, Request, Response
from harness_backends.hf.options import HfOptions

if TYPE_CHECKING:
    from harness_backends.hf.engine import Engine

__all__ = ["HfOptions", "engine_of", "open_hf", "plain_answers"]


def engine_of(model: Model) -> Engine:
    """Return the weights and the tokenizer of an opened local model, for an analysis of what goes on inside.

    Raises:
        BackendError: it is none.
    """
    from harness_backends.hf.model import HfModel

    if not isinstance(model, HfModel):
        named = model.identity.get("backend", type(model).__name__)
        raise BackendError(f"model {named!r}: its weights are not at hand; open local ones: hf:FOLDER_OR_REPOSITORY")
    return model.engine


def plain_answers(model: Model, requests: Sequence[Request]) -> list[Response]:
    """Return the answers to requests that share their settings, one batch through transformers' own `generate`.

    Nothing is computed once for several prompts, and nothing is kept: whoever changes what goes on inside the model for
    a while gets answers of the changed model, and leaves none of it behind. Waits; no other request may be under way.

    Raises:
        BackendError: the model is no local one.
        RequestFailed: a prompt cannot be rendered, or leaves no room.
    """
    from harness_backends.hf.decoding import asked
    from harness_backends.hf.plain import generated

    engine = engine_of(model)
    return generated(engine, [asked(engine, one) for one in requests])


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
