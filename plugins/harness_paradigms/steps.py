"""Which members are compared: each with its parent; one whose parent is not in the lineage, with its first member."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness_paradigms.lineage import Lineage, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one member of a lineage to another."""

    lineage: str
    before: Member
    after: Member
    #: Whether `before` is known to be the parent of `after`; else it is the first member of the lineage.
    descends: bool

    @property
    def name(self) -> str:
        """The two members."""
        return f"{self.before.name} → {self.after.name}"

    @property
    def stages(self) -> str:
        """What kind of step it is; the summary over lineages is made for each kind."""
        return f"{self.before.stage or 'unknown'} → {self.after.stage or 'unknown'}"


def steps_of(lineage: Lineage) -> Iterator[Step]:
    """Yield the steps of a lineage, in the order of its members."""
    named = {one.name: one for one in lineage.members}
    for number, member in enumerate(lineage.members):
        if member.parent:
            yield Step(lineage=lineage.id, before=named[member.parent], after=member, descends=True)
        elif number:
            yield Step(lineage=lineage.id, before=lineage.members[0], after=member, descends=False)
