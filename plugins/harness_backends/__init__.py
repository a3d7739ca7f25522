"""Ways to reach a model: `openai` and `anthropic` (any server that speaks so), `hf` (local weights), `replay`.

Other plugins may open local weights through `open_hf` with `HfOptions`, and look inside through `engine_of`.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness import Backend, hookimpl
from harness_backends.anthropic import AnthropicOptions, open_anthropic, price_of_anthropic
from harness_backends.hf import HfOptions, engine_of, open_hf, plain_answers
from harness_backends.openai import OpenAIOptions, open_openai, price_of_openai
from harness_backends.replay import ReplayOptions, open_replay

__all__ = [
    "AnthropicOptions",
    "HfOptions",
    "OpenAIOptions",
    "ReplayOptions",
    "engine_of",
    "open_anthropic",
    "open_hf",
    "open_openai",
    "open_replay",
    "plain_answers",
]


@hookimpl
def harness_backends() -> Iterator[Backend]:
    """Yield the ways to reach a model."""
    yield Backend(
        name="anthropic",
        summary="any server that speaks Anthropic's protocol: anthropic:MODEL",
        open=open_anthropic,
        options=AnthropicOptions,
        price=price_of_anthropic,
    )
    yield Backend(
        name="hf",
        summary="local weights through transformers, as lm-eval's hf: hf:FOLDER_OR_REPOSITORY",
        open=open_hf,
        options=HfOptions,
    )
    yield Backend(
        name="openai",
        summary="any server that speaks OpenAI's protocol (vLLM, SGLang, TGI, llama.cpp, OpenAI): openai:MODEL",
        open=open_openai,
        options=OpenAIOptions,
        price=price_of_openai,
    )
    yield Backend(
        name="replay",
        summary="recorded answers, lm-eval's sample logs among them: replay:FILE_OR_FOLDER",
        open=open_replay,
        options=ReplayOptions,
    )
