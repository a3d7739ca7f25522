"""What a user can set of a server that speaks OpenAI's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIOptions:
    """Options of `--model openai:MODEL`.

    With `endpoint` "auto" or "chat" everything goes to /chat/completions: a conversation as it is, and a plain
    text (a task without chat template) as ONE user message, because most servers offer nothing else. That is
    another prompt than the raw text, so scores differ; "completions" sends the raw text to /completions.
    """

    base_url: str = field(
        default="", metadata={"help": "empty: the variable OPENAI_BASE_URL, else https://api.openai.com/v1"}
    )
    api_key: str = field(default="", metadata={"secret": True, "help": "empty: the variable OPENAI_API_KEY, else none"})
    endpoint: Literal["auto", "chat", "completions"] = field(
        default="auto", metadata={"help": "auto and chat: plain texts go as one user message; completions: raw text"}
    )
    timeout: float = field(default=600.0, metadata={"help": "seconds for one attempt as a whole"})
    connect_timeout: float = field(default=10.0, metadata={"help": "seconds for reaching the server"})
    max_retries: int = field(
        default=6, metadata={"help": "attempts after 408, 409, 425, 429, 5xx, lost connections, broken answers"}
    )
    backoff: float = field(
        default=0.5, metadata={"help": "seconds before the second attempt, then doubled; Retry-After goes first"}
    )
    concurrency: int = field(default=32, metadata={"help": "requests in flight, where the run does not say"})
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = field(
        default="max_tokens", metadata={"help": "reasoning models of OpenAI want max_completion_tokens"}
    )
    extra_body: Mapping[str, Json] = field(
        default_factory=dict, metadata={"help": "further fields of every request, as JSON"}
    )
    omit: tuple[str, ...] = field(
        default=(), metadata={"help": "fields that the server refuses: temperature,seed,stop"}
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, metadata={"secret": True, "help": "further headers, as JSON; kept as secret as the key"}
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
        for name in ("timeout", "connect_timeout", "concurrency"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        for name in ("max_retries", "backoff", "top_logprobs"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}={getattr(self, name)} must not be negative")
        if self.logprobs and self.endpoint != "completions":
            raise ValueError("logprobs=true needs endpoint=completions: chats give none of the prompt")
