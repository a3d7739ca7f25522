"""`harness new plugin NAME`: a package to start from, which passes its own tests as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness import Command, hookimpl


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield `harness new`."""
    yield Command(name="new", summary="write a plugin package to start from", call=new)


def new(words: Sequence[str]) -> int:
    """Call `harness new`."""
    from harness_new.command import new as call

    return call(words)
