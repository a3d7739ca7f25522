"""Finished runs as a site: a leaderboard on which ties are ties, and a viewer of the answers behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness import Command, hookimpl


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield the commands that make the site and serve it."""
    yield Command(
        name="leaderboard",
        summary="RUN... --output DIR: a static site that ranks runs, with ties",
        call=call_leaderboard,
        loads_plugins=True,
    )
    yield Command(
        name="view",
        summary="[RUN...]: the answers of runs side by side in a browser, also while they go on",
        call=call_view,
        loads_plugins=True,
    )


def call_leaderboard(words: Sequence[str]) -> int:
    """Call `harness leaderboard`."""
    from harness_site.leaderboard import call

    return call(words)


def call_view(words: Sequence[str]) -> int:
    """Call `harness view`."""
    from harness_site.view.command import call

    return call(words)
