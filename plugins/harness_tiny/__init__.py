"""Language models small enough to ship: they let every command of the harness run offline, in seconds, on a CPU.

`tiny` is the embedded model; what it is, how it was trained and what it can do stands in `weights/README.md`. It is one
of a lineage (`lineage/README.md`), whose members are `tiny:base`, `tiny:sft` and so on.
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
    """Open the embedded model, or a member of its lineage, by the way of any local model.

    Raises:
        BackendError: there is no such member.
    """
    from harness_tiny.members import MEMBERS

    if rest and rest not in MEMBERS:
        raise BackendError(
            f"model 'tiny:{rest}': the members of the lineage are {', '.join(MEMBERS)}; `--model tiny` is the embedded "
            "model, and other weights are hf:PATH"
        )
    folder = MEMBERS[rest].folder if rest else WEIGHTS
    async with open_hf(str(folder), options, backend="tiny", model=f"tiny:{rest}" if rest else "tiny") as model:
        yield model


@hookimpl
def harness_backends() -> Iterable[Backend]:
    """Yield the backend `tiny`."""
    yield Backend(
        name="tiny",
        summary="embedded: word problems, two-hop questions, one-line functions; tiny:base and others are its lineage",
        open=open_tiny,
        options=HfOptions,
    )
