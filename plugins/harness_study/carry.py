"""Carrying out a study: every part of every member is a run like any other, and what is stored is never asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness import Estimate, Json, Plan
from harness.plugin_flags import plugin_words
from harness.registry import Registry
from harness_study.config import Part, Study

OWN, PORTABLE, SCALE = "own", "portable", "scale"
#: The constraints that all members share.
SHARED = "portable.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One run of a study."""

    member: str
    part: str
    folder: Path
    estimates: tuple[Estimate, ...]
    funnel: Mapping[str, int]


Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """What all runs of a study share."""

    study: Study
    registry: Registry
    #: The folder of the study.
    output: Path
    #: First documents of each task at the most; None: as the study says.
    limit: int | None
    say: Say

    def outcome(self, member: str, name: str, more: Mapping[str, Json] | None = None) -> Outcome:
        """Run one part of one member, with further options."""
        from harness.run import run

        part: Part = getattr(self.study, name)
        wanted = part.limit or self.study.limit
        plan = Plan(
            tasks=self.study.tasks,
            model=self.study.models[member],
            constraint_type=part.constraint_type,
            option={**part.option, **(more or {})},
            limit=wanted if self.limit is None else min(self.limit, wanted),
            seed=self.study.seed,
            output=str(self.output / "runs"),
        )
        self.say(f"{member}: {name}, {plan.limit} documents a task")
        end = asyncio.run(run(plan, self.registry))
        return Outcome(member=member, part=name, folder=end.folder, estimates=end.estimates, funnel=dict(end.funnel))


def carried_out(carrier: Carrier) -> list[Outcome]:
    """Run every part of every member; the shared constraints are taken from the runs with own ones.

    Raises:
        HarnessError: as a run does.
    """
    study = carrier.study
    found = [carrier.outcome(member, OWN) for member in study.models]
    if study.portable is not None and len(study.models) > 1:
        file = carrier.output / SHARED
        carrier.say("constraints that all members share")
        export(found, study.portable, file, carrier.registry)
        shared = {"constraint_source": "portable", "constraint_file": str(file)}
        found += [carrier.outcome(member, PORTABLE, shared) for member in study.models]
    if study.scale is not None:
        found += [carrier.outcome(member, SCALE) for member in study.models]
    return found


def export(own: list[Outcome], part: Part, file: Path, registry: Registry) -> None:
    """Write the constraints that the answers of all members share."""
    from harness_sustainscore import constraints

    words = ["export", *(str(one.folder) for one in own), "--output", str(file)]
    constraints([*words, "--constraint-type", ",".join(part.constraint_type), *plugin_words(registry)])
