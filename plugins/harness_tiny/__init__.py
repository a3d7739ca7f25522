"""A language model small enough to ship: it lets every command of the harness run offline, in seconds, on a CPU.

What it is, how it was trained and what it can do stands in `weights/README.md`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from harness import Backend, BackendError, Model, hookimpl
from harness_backends import HfOptions, open_hf

#: The folder that holds weights and tokenizer, as `from_pretrained` wants it.
WEIGHTS = Path(__file__).parent / "weights"


@asynccontextmanager
async def open_tiny(rest: str, options: HfOptions) -> AsyncIterator[Model]:
    """Open the embedded model by the way of any local model.

    Raises:
        BackendError: something follows the name; there is one embedded model.
    """
    if rest:
        raise BackendError(
            f"model 'tiny:{rest}': there is one embedded model, `--model tiny`; other weights are hf:PATH"
        )
    async with open_hf(str(WEIGHTS), options, backend="tiny", model="tiny") as model:
        yield model


@hookimpl
def harness_backends() -> Iterable[Backend]:
    """Yield the backend `tiny`."""
    yield Backend(
        name="tiny",
        summary="the embedded model: one million parameters, word problems, two-hop questions, one-line functions",
        open=open_tiny,
        options=HfOptions,
    )
