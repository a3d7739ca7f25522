"""Studies: a file that says which models are run on what, and a report with all figures of the paper's design."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness import Command, hookimpl


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield the command `study`."""
    yield Command(
        name="study",
        summary="NAME or FILE.yaml: run a study of a lineage, and write its report",
        call=study,
        loads_plugins=True,
    )


def study(words: Sequence[str]) -> int:
    """Call `harness study`."""
    from harness_study.command import call

    return call(words)
