"""Post-training compared within lineages (method 8): what a stage changes in the interference of its parent.

A lineage file tells which checkpoints come from which; `harness paradigms FILE.yaml` compares their runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness import Command, hookimpl
from harness.faces import face

if TYPE_CHECKING:
    from harness_paradigms.ladder import draw_ladders
    from harness_paradigms.lineage import STAGES, Lineage, Member, lineage_file, lineages_of
    from harness_paradigms.report import Compared, compared, tables_of
    from harness_paradigms.runs import Runs, opened_runs

#: For other plugins that compare members of a lineage.
__all__ = [
    "STAGES",
    "Compared",
    "Lineage",
    "Member",
    "Runs",
    "compared",
    "draw_ladders",
    "lineage_file",
    "lineages_of",
    "opened_runs",
    "tables_of",
]
#: Where these names live.
HOMES = ("lineage", "runs", "report", "ladder")
if not TYPE_CHECKING:
    __getattr__ = face(__name__, __all__, HOMES)


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield the command `paradigms`."""
    yield Command(
        name="paradigms", summary="FILE.yaml: what each stage of post-training changes, within lineages", call=paradigms
    )


def paradigms(words: Sequence[str]) -> int:
    """Call `harness paradigms`."""
    from harness_paradigms.command import call

    return call(words)
