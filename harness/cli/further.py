"""Subcommands that plugins add; plugins are loaded only when the first word is none of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from harness.errors import blame

OURS = frozenset({"run", "plan", "list", "show", "plugins", "validate", "verify"})


def call_further(words: Sequence[str]) -> bool:
    """Call the plugin's command that the first word names; return whether there was one.

    `--plugin FILE` and `--disable-plugin NAME` after it are ours, unless it loads plugins itself; every other word is
    the command's.
    """
    if not words or words[0].startswith("-") or words[0] in OURS:
        return False
    from harness.registry import load_registry

    files, left = taken(words, "--plugin")
    disabled, left = taken(left, "--disable-plugin")
    commands = load_registry(files=files, disabled=disabled).checked().commands
    if left[0] not in commands:
        return False
    command = commands[left[0]]
    with blame(f"command {command.name}"):
        status = command.call(words[1:] if command.loads_plugins else left[1:])
    sys.exit(status)


def taken(words: Sequence[str], flag: str) -> tuple[list[str], list[str]]:
    """Return the values of a flag, and the words without it.

    >>> taken(["greet", "--plugin", "a.py", "you", "--plugin=b.py"], "--plugin")
    (['a.py', 'b.py'], ['greet', 'you'])
    """
    values: list[str] = []
    left: list[str] = []
    rest: Iterator[str] = iter(words)
    for word in rest:
        if word == flag:
            values += [value for value in [next(rest, "")] if value]
        elif word.startswith(f"{flag}="):
            values.append(word.removeprefix(f"{flag}="))
        else:
            left.append(word)
    return values, left
