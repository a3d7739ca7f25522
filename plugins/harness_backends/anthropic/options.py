"""What a user can set of a server that speaks Anthropic's protocol."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness_backends.http.options import ServerOptions

#: The least that the protocol takes.
LEAST_THINKING = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AnthropicOptions(ServerOptions):
    """Options of `--model anthropic:MODEL`. A plain text (a task without chat template) goes as ONE user message."""

    base_url: str = field(
        default="", metadata={"help": "empty: the variable ANTHROPIC_BASE_URL, else https://api.anthropic.com/v1"}
    )
    api_key: str = field(
        default="", metadata={"secret": True, "help": "empty: the variable ANTHROPIC_API_KEY, else none"}
    )
    version: str = field(default="2023-06-01", metadata={"help": "of the protocol: the header anthropic-version"})
    thinking: int = field(
        default=0,
        metadata={"help": "tokens for thinking before the answer, besides its own; at least 1024; 0: no thinking"},
    )

    def __post_init__(self) -> None:
        # slots make a class anew, so that a bare super() would look in the wrong one
        super(AnthropicOptions, self).__post_init__()
        if self.thinking and self.thinking < LEAST_THINKING:
            raise ValueError(f"thinking={self.thinking} must be 0 or at least {LEAST_THINKING}")
