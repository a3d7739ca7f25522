"""From records to chains: one item's draws at k = 1, 2, 4, 8 nested constraints, in order, up to the first loss."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import Record, Task, Trial

CONSTRAINED = "constrained"
BASE = "base"
#: A chain has two steps or more: one alone is SustainScore itself.
FEWEST_STEPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One draw at one number of constraints."""

    k: int
    #: Whether the task was still solved; None where that could not be judged.
    sustained: bool | None
    #: 1 - q of the constraint that the model's other base answers meet least; None where nothing is known of it.
    forced: float | None
    #: Natural logarithm of the characters added.
    log_length: float
    position: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One draw of an item through the nested sets; what follows the first loss is kept to tell recoveries."""

    task: str
    #: Item or cluster: the unit of resampling.
    unit: str
    #: The family of all its constraints; "mixed" where there are several.
    family: str
    steps: tuple[Step, ...]

    @property
    def survived(self) -> int | None:
        """How many steps were sustained before the first loss; None where one of them could not be judged."""
        for place, step in enumerate(self.steps):
            if step.sustained is None:
                return None
            if not step.sustained:
                return place
        return len(self.steps)

    @property
    def recovered(self) -> bool:
        """Whether a later, larger set was sustained after a loss."""
        lost = [step.sustained for step in self.steps]
        return False in lost and any(lost[lost.index(False) + 1 :])


def chains_of(record: Record, _task: Task) -> tuple[Chain, ...] | None:
    """Return the chains of a record, one a draw; None where it was not asked with several nested sets."""
    levels = sorted({trial.k for trial in record.arm(CONSTRAINED)})
    if len(levels) < FEWEST_STEPS:
        return None
    arms = [record.arm(CONSTRAINED, k) for k in levels]
    families = {constraint.family for constraint in record.constraints[: levels[-1]]}
    met = natural(record)
    return tuple(
        Chain(
            task=record.task,
            unit=record.unit,
            family=next(iter(families)) if len(families) == 1 else "mixed",
            steps=tuple(step(arm[draw], met) for arm in arms),
        )
        for draw in range(min(map(len, arms)))
    )


def step(trial: Trial, met: Mapping[int, float]) -> Step:
    """Return one draw at one number of constraints."""
    known = [met[number] for number in range(trial.k) if number in met]
    return Step(
        k=trial.k,
        sustained=trial.score.solved,
        forced=1 - min(known) if len(known) == trial.k else None,
        log_length=math.log(max(1, len(trial.inserted))),
        position=trial.position or "",
    )


def natural(record: Record) -> dict[int, float]:
    """Return, by number of constraint, the share of the other base answers that meet it (Laplace's rule)."""
    others = [trial for trial in record.arm(BASE) if trial.draw != (record.source or 0)]
    shares = {}
    for number in range(len(record.constraints)):
        verdicts = [trial.verdicts[number].met for trial in others if number < len(trial.verdicts)]
        judged = [bool(one) for one in verdicts if one is not None]
        if judged:
            shares[number] = (sum(judged) + 1) / (len(judged) + 2)
    return shares


def of_levels(chains: Sequence[Chain]) -> dict[tuple[int, ...], list[Chain]]:
    """Return chains by the numbers of constraints they went through."""
    groups: dict[tuple[int, ...], list[Chain]] = {}
    for chain in chains:
        groups.setdefault(tuple(one.k for one in chain.steps), []).append(chain)
    return groups
