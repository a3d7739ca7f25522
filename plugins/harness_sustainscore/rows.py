"""What the estimators keep of a record: for each item and number of constraints, how the draws of each arm went.

A draw that could not be had or judged is missing, and takes the same draw of every other arm with it (method 3.5); the
estimates with missing = wrong are the sensitivity check.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness import Record, Task, Trial
from harness_sustainscore.arms import BASE, CONSTRAINED, DEMANDING, PLACEBO, REPEAT, TRANSPLANTED, WRAPPER
from harness_sustainscore.natural import Observed, observed
from harness_sustainscore.sharing import made, shared

#: The label of what is not split, and of what several kinds share.
ALL, MIXED = "all", "mixed"
#: The labels that split a cell, a task at one number of constraints.
SPLITS = ("family", "type", "stratum")


def split_of(labels: Mapping[str, str]) -> str:
    """Return what splits the cell that has these labels; empty if it is whole.

    >>> split_of({"task": "t", "family": "format", "type": "all"}), split_of({"task": "t"})
    ('family', '')
    """
    return next((name for name in SPLITS if labels.get(name, ALL) != ALL), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the draws of one arm went at one item; draws that any compared arm lacks are left out, but for `asked`."""

    #: Draws, and how many of them are solved.
    draws: int
    solved: int
    #: Solved by the lenient grade; None where the task has none.
    lenient: int | None
    #: Ended by the limit on tokens.
    truncated: int
    #: Draws before any was left out, and how many of them are solved.
    asked: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One item at one number of constraints."""

    k: int
    family: str
    type: str
    constrained: Tally
    #: None where the arm was not asked.
    placebo: Tally | None
    repeat: Tally | None
    #: Draws of the constrained arm that met every constraint and were solved, met them and were not, did not meet
    #: them and were solved, neither; None where no verdict was had, or a model gave it: that is reported apart.
    outcomes: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """One of the arms that only a part of the items is asked in, beside the placebo and one constraint."""

    arm: Tally
    placebo: Tally
    constrained: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class SustainRow:
    """What the estimators keep of a record."""

    task: str
    domain: str
    doc: str
    #: Its cluster, or itself; of its own task.
    cluster: str
    #: Solved or not, by base draw.
    base: tuple[bool, ...]
    #: Whether the selection sample, base draw 0, is solved: only then does the item count in what is sustained.
    selected: bool
    #: Whether every repeated answer is the base answer word for word; None where it was not asked again.
    echoed: bool | None
    #: Whether some answer to another prompt differs from the base answer.
    moved: bool
    cells: tuple[Cell, ...] = ()
    further: Mapping[str, Further] = field(default_factory=dict)
    #: What the other base answers say of each constraint, for natural compliance.
    observed: tuple[Observed, ...] = ()
    #: Draws missing, by arm; arms without any are left out.
    missing: Mapping[str, int] = field(default_factory=dict)


def sustain_row(record: Record, task: Task) -> SustainRow | None:
    """Keep of a record what the estimators need; None where its base answer could not be judged."""
    arms = by_arm(record.trials)
    base = arms.get((BASE, 0), [])
    if not base or base[0].score.solved is None:
        return None
    repeats, said = arms.get((REPEAT, 0), []), texts(base[0])
    missing: dict[str, int] = {}
    for trial in record.trials:
        if trial.score.solved is None:
            missing[trial.arm] = missing.get(trial.arm, 0) + 1
    return SustainRow(
        task=record.task,
        domain=task.domain,
        doc=record.doc,
        cluster=record.unit,
        base=shared(tuple(bool(trial.score.solved) for trial in base if trial.score.solved is not None)),
        selected=bool(base[0].score.solved),
        echoed=all(texts(again) == said for again in repeats) if repeats else None,
        moved=any(texts(trial) != said for (arm, _), asked in arms.items() if arm in OTHERS for trial in asked),
        cells=shared(tuple(cells(record, arms))),
        further=dict(further(arms)) or NONE,
        observed=shared(observed(record)),
        missing=missing or NONE,
    )


Arms = Mapping[tuple[str, int], Sequence[Trial]]
#: What most rows have of arms and counts that only a part of the items has. Never written to; a mapping that cannot be
#: could not be sent from a process to another, as rows are.
NONE: Mapping[str, Any] = {}
#: Arms whose prompt is another one than the base's.
OTHERS = frozenset({PLACEBO, CONSTRAINED})


def texts(trial: Trial) -> tuple[str, ...]:
    """Return what was said."""
    return tuple([response.text for response in trial.responses])


def by_arm(trials: Sequence[Trial]) -> Arms:
    """Return the trials of each arm and number of constraints, in order of draw."""
    found: dict[tuple[str, int], list[Trial]] = defaultdict(list)
    for trial in trials:
        found[trial.arm, trial.k].append(trial)
    return found


def cells(record: Record, arms: Arms) -> Iterator[Cell]:
    """Yield the cell of each number of constraints."""
    repeats = arms.get((REPEAT, 0), ())
    for k in sorted(k for arm, k in arms if arm == CONSTRAINED):
        treated, idle = arms[CONSTRAINED, k], arms.get((PLACEBO, k), ())
        whole = judged_draws(treated, idle, repeats)
        used = record.constraints[:k]
        yield made(
            Cell,
            k=k,
            family=common([constraint.family for constraint in used]),
            type=common([constraint.type for constraint in used]),
            constrained=tally(treated, whole),
            placebo=tally(idle, whole) if idle else None,
            repeat=tally(repeats, whole) if repeats else None,
            outcomes=None if any(one.judged for one in used) else outcomes(treated, whole, k),
        )


def further(arms: Arms) -> Iterator[tuple[str, Further]]:
    """Yield the arms that only a part of the items is asked in."""
    treated, idle = arms.get((CONSTRAINED, 1), ()), arms.get((PLACEBO, 1), ())
    for name, k in ((WRAPPER, 0), (TRANSPLANTED, 1), (DEMANDING, 1)):
        trials = arms.get((name, k), ())
        if trials and treated and idle:
            whole = judged_draws(trials, treated, idle)
            yield name, Further(arm=tally(trials, whole), placebo=tally(idle, whole), constrained=tally(treated, whole))


def common(words: Sequence[str]) -> str:
    """Return the word if it is always the same."""
    return words[0] if len(set(words)) == 1 else MIXED


def judged_draws(*arms: Sequence[Trial]) -> frozenset[int]:
    """Return the draws that every arm has judged; an arm that was not asked says nothing against any."""
    asked = [arm for arm in arms if arm]
    found = [{trial.draw for trial in arm if trial.score.solved is not None} for arm in asked]
    return frozenset(set.intersection(*found)) if found else frozenset()


def tally(trials: Sequence[Trial], whole: frozenset[int]) -> Tally:
    """Return how the draws of an arm went."""
    solved = truncated = kept = lenient = draws = 0
    graded = True
    for trial in trials:  # one pass: a large run has millions
        score = trial.score
        right = score.solved is True
        kept += right
        if trial.draw in whole:
            draws += 1
            solved += right
            graded = graded and score.lenient is not None
            lenient += score.lenient is True
            truncated += "length" in [one.finish for one in trial.responses]
    found: Tally = made(
        Tally,
        draws=draws,
        solved=solved,
        lenient=lenient if graded else None,
        truncated=truncated,
        asked=len(trials),
        kept=kept,
    )
    return found


def outcomes(trials: Sequence[Trial], whole: frozenset[int], k: int) -> tuple[int, int, int, int] | None:
    """Return how many draws complied and were right, complied and were wrong, violated and were right, and neither."""
    counts = [0, 0, 0, 0]
    for trial in trials:
        met = [verdict.met for verdict in trial.verdicts[:k]]
        if trial.draw in whole and met and None not in met:
            counts[2 * (not all(met)) + (not trial.score.solved)] += 1
    return (counts[0], counts[1], counts[2], counts[3]) if any(counts) else None
