"""Whose protocol a server speaks, as plain values: where the provider itself is, and what carries a key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness_backends.http.options import ServerOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider, and what is different where its protocol is spoken."""

    name: str
    #: Its own address, and the variables that hold another one, and the key.
    url: str
    url_variable: str
    key_variable: str
    #: What a user may have copied from elsewhere behind the base.
    endings: tuple[str, ...]
    #: The header that carries a key, and the word before the key.
    key_header: str
    key_word: str = ""
    #: Further headers of every request.
    headers: Mapping[str, str] = field(default_factory=dict)

    def address(self, options: ServerOptions) -> str:
        """Return where requests go, as the user wrote it: by the options, else the variable, else to the provider."""
        return (options.base_url or os.environ.get(self.url_variable, "") or self.url).strip()

    def key(self, options: ServerOptions) -> str:
        """Return the key, by the options or else the variable; empty if there is none."""
        return (options.api_key or os.environ.get(self.key_variable, "")).strip()


OPENAI = Provider(
    name="openai",
    url="https://api.openai.com/v1",
    url_variable="OPENAI_BASE_URL",
    key_variable="OPENAI_API_KEY",
    endings=("/chat/completions", "/completions", "/embeddings", "/responses"),
    key_header="authorization",
    key_word="Bearer ",
)

ANTHROPIC = Provider(
    name="anthropic",
    url="https://api.anthropic.com/v1",
    url_variable="ANTHROPIC_BASE_URL",
    key_variable="ANTHROPIC_API_KEY",
    endings=("/messages",),
    key_header="x-api-key",
)
