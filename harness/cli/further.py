"""Subcommands that plugins add; plugins are loaded only when the first word is none of ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence

OURS = frozenset({"run", "list", "show", "plugins", "validate"})


def call_further(words: Sequence[str]) -> bool:
    """Call the plugin's command that the first word names; return whether there was one."""
    if not words or words[0].startswith("-") or words[0] in OURS:
        return False
    from harness.registry import load_registry

    commands = load_registry().checked().commands
    if words[0] not in commands:
        return False
    sys.exit(commands[words[0]].call(words[1:]))
