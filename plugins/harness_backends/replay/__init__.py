r"""Recorded answers in place of a model: our own rows, lm-eval's sample logs, or foreign files by their fields.

    harness run --tasks gsm8k --model replay:samples_gsm8k_2026.jsonl
    harness run --tasks gsm8k --model replay:predictions.jsonl --model-option by=question \
        --model-option join=test.jsonl:id --model-option response_field=completion

A row of ours is `{"prompt": TEXT or MESSAGES, "text": TEXT or LIST, "draw": NAME or NUMBER}`, the draw being
optional. Any other file becomes one in a line or two:

    for row in map(json.loads, open("outputs.json")):
        print(json.dumps({"question": row["input"]["q"], "text": row["generation"]}))
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harness import Model
from harness_backends.replay.options import ReplayOptions

__all__ = ["ReplayOptions", "open_replay"]


@asynccontextmanager
async def open_replay(name: str, options: ReplayOptions) -> AsyncIterator[Model]:
    """Open the recorded answers in a file or folder.

    Raises:
        BackendError: there are none, or they cannot be read.
    """
    from harness_backends.replay.model import opened

    async with opened(name, options) as model:
        yield model
