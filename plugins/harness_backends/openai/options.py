"""What a user can set of a server that speaks OpenAI's protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from harness_backends.http.options import ServerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIOptions(ServerOptions):
    """Options of `--model openai:MODEL`.

    With `endpoint` "auto" or "chat" everything goes to /chat/completions: a conversation as it is, and a plain
    text (a task without chat template) as ONE user message, because most servers offer nothing else. That is
    another prompt than the raw text, so scores differ; "completions" sends the raw text to /completions.
    "responses" sends the same messages to /responses, which knows neither seeds nor stop strings: those are cut here.
    """

    base_url: str = field(
        default="", metadata={"help": "empty: the variable OPENAI_BASE_URL, else https://api.openai.com/v1"}
    )
    api_key: str = field(default="", metadata={"secret": True, "help": "empty: the variable OPENAI_API_KEY, else none"})
    endpoint: Literal["auto", "chat", "completions", "responses"] = field(
        default="auto",
        metadata={"help": "auto, chat, responses: plain texts go as one user message; completions: raw text"},
    )
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = field(
        default="max_tokens", metadata={"help": "reasoning models of OpenAI want max_completion_tokens"}
    )
    continue_final_message: bool = field(
        default=False, metadata={"help": "the server continues an unfinished assistant turn, told so as vLLM is"}
    )
    logprobs: bool = field(
        default=False, metadata={"help": "/completions gives log-probabilities of the prompt (echo), as vLLM does"}
    )
    top_logprobs: int = field(
        default=0,
        metadata={"help": "likeliest first tokens the server tells of an answer (OpenAI: 20); 0: it does not"},
    )
    embeddings: bool = field(default=False, metadata={"help": "the model embeds texts, through /embeddings"})

    def __post_init__(self) -> None:
        # slots make a class anew, so that a bare super() would look in the wrong one
        super(OpenAIOptions, self).__post_init__()
        if self.top_logprobs < 0:
            raise ValueError(f"top_logprobs={self.top_logprobs} must not be negative")
        if self.logprobs and self.endpoint != "completions":
            raise ValueError("logprobs=true needs endpoint=completions: chats give none of the prompt")
