"""The runs of the members: those with portable constraints, which are primary, and those with each one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness import HarnessError
from harness_paradigms.lineage import Lineage, Member
from harness_sustainscore import StoredRun, stored_run

Source = Literal["portable", "own"]
SOURCES: tuple[Source, ...] = ("portable", "own")
#: A member: its lineage and name.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """At most one run of each kind for each member."""

    found: Mapping[tuple[Key, Source], StoredRun]

    def of(self, lineage: str, member: Member, source: Source) -> StoredRun | None:
        """Return a member's run; None where it has none of this kind."""
        return self.found.get(((lineage, member.name), source))


def opened_runs(lineages: Iterable[Lineage], added: Mapping[Key, tuple[Path, ...]]) -> Runs:
    """Read the runs that the members name, and those that were added.

    Raises:
        HarnessError: a folder is no run of sustainscore, or a member has two of one kind.
    """
    found: dict[tuple[Key, Source], StoredRun] = {}
    for lineage in lineages:
        for member in lineage.members:
            key = (lineage.id, member.name)
            for folder in (*member.runs, *added.get(key, ())):
                run = stored_run(folder)
                place = (key, source_of(run))
                if place in found:
                    raise HarnessError(
                        f"lineage {lineage.id!r}, member {member.name!r}: two runs with {place[1]} constraints, "
                        f"{found[place].folder} and {folder}: give one"
                    )
                found[place] = run
    return Runs(found=found)


def source_of(run: StoredRun) -> Source:
    """Return where the constraints of a run come from."""
    return "portable" if run.results["plan"]["option"].get("constraint_source") == "portable" else "own"


def added_runs(words: Iterable[str], lineages: Iterable[Lineage]) -> dict[Key, tuple[Path, ...]]:
    """Return what `--run MEMBER=FOLDER` adds; a member is named alone, or as LINEAGE/MEMBER.

    Raises:
        HarnessError: it names no member, or several.
    """
    members = [(lineage.id, member.name) for lineage in lineages for member in lineage.members]
    found: dict[Key, tuple[Path, ...]] = {}
    for word in words:
        name, equals, folder = word.partition("=")
        fitting = [key for key in members if name in {key[1], "/".join(key)}]
        if not equals or len(fitting) != 1:
            why = "is no MEMBER=FOLDER" if not equals else f"names {len(fitting)} members"
            shown = ", ".join("/".join(key) for key in members)
            raise HarnessError(f"--run {word}: {why}; the members are {shown}")
        found[fitting[0]] = (*found.get(fitting[0], ()), Path(folder))
    return found
