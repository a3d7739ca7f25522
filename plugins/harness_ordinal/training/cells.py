"""One training run as a question and an answer, both JSON, so that the store remembers it like any response."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import msgspec

from harness import Message, Prompt, Request
from harness_ordinal.training.loop import Trained

#: Little-endian single precision, the digits that training has.
FORMAT = "<f4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is trained: all that tells one run from another, beside the recipe, which is the model's identity."""

    #: Name in the catalogue, or path of a CSV file.
    dataset: str
    #: The folder of the catalogue's files.
    folder: str
    #: SHA-256 of the rows and ranks, so that changed data are trained on again.
    content: str
    head: str
    seed: int


def asked(cell: Cell) -> Request:
    """Return the question."""
    text = msgspec.json.encode(cell, order="deterministic").decode()
    return Request(kind="generate", prompt=Prompt(messages=(Message(role="user", content=text),)))


def cell_of(request: Request) -> Cell:
    """Return what a question asks for.

    Raises:
        msgspec.ValidationError: it is not such a question.
    """
    return msgspec.json.decode(request.prompt.asked.content, type=Cell)


def answer(run: Trained) -> str:
    """Return a run as JSON; the logits in base64."""
    import numpy as np

    logits = np.ascontiguousarray(run.logits, dtype=FORMAT)
    held = {
        "logits": base64.b64encode(logits.tobytes()).decode("ascii"),
        "shape": list(logits.shape),
        "epoch": run.epoch,
        "epochs": run.epochs,
        "history": list(run.history),
        "seconds": round(run.seconds, 3),
    }
    return msgspec.json.encode(held).decode()


def logits_of(text: str) -> Any:
    """Return the logits of an answer, shape (n_test, columns), float64."""
    import numpy as np

    held = msgspec.json.decode(text)
    return np.frombuffer(base64.b64decode(held["logits"]), dtype=FORMAT).reshape(held["shape"]).astype(float)
