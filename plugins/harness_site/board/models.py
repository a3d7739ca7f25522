"""What a board may know of a model beyond its name, from a lineage file: family, stage, parent; never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from harness_paradigms import STAGES, Lineage, Member, lineages_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a model; empty is unknown."""

    #: Of the member in its lineage.
    name: str = ""
    family: str = ""
    stage: str = ""
    #: The member that it was trained from, named likewise.
    parent: str = ""


UNKNOWN = Facts()


def read_facts(name: str) -> dict[str, Facts]:
    """Return the facts of models by all that a run may call them: the member's name, its repo, a run's folder.

    Args:
        name: of a lineage file, or of a ready-made one.

    Raises:
        HarnessError: the lineage file cannot be read, or has faults.
    """
    found: dict[str, Facts] = {}
    for lineage in lineages_of(name):
        for member in lineage.members:
            facts = facts_of(lineage, member)
            names = [name for name in (member.name, member.repo) if name]
            found |= dict.fromkeys([*names, *(str(run.resolve()) for run in member.runs)], facts)
    return found


def facts_of(lineage: Lineage, member: Member) -> Facts:
    """Return what a lineage tells of one of its members."""
    return Facts(
        name=f"{lineage.id}/{member.name}",
        family=lineage.family or "",
        stage=member.stage or "",
        parent=f"{lineage.id}/{member.parent}" if member.parent else "",
    )


def stage_place(stage: str) -> tuple[int, str]:
    """Return what sorts stages in the order of post-training.

    >>> sorted(["rlvr", "mine", "base", "dpo"], key=stage_place)
    ['base', 'dpo', 'rlvr', 'mine']
    """
    return (STAGES.index(stage) if stage in STAGES else len(STAGES), stage)
