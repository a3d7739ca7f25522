"""The evaluation `ifeval`: are a prompt's instructions followed? Strict and loose, by prompt and by instruction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from harness import Constraint, Doc, Estimate, HarnessError, Kind, Record, Task, Trial, Verdict
from harness_ifeval.instruction import Args, Instruction
from harness_ifeval.verdicts import asked

#: The only arm; accuracy's as well, so that both evaluations share the answers.
ARM = "plain"
FUNNEL = ("unscored", "cut", "followed")
#: Version of the verdicts: records of two versions are never mixed.
VERSION = "1"
LEVELS = ("strict", "loose")


@dataclass(frozen=True, slots=True, kw_only=True)
class IfevalOptions:
    """How often each prompt is asked."""

    draws: int = field(default=1, metadata={"help": "answers to each prompt"})
    temperature: float | None = field(default=None, metadata={"help": "in place of the task's own; 0 is greedy"})

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise ValueError(f"draws={self.draws} must be at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class IfevalRow:
    """What the figures need of a prompt: by level and draw the verdict on each instruction."""

    task: str
    cluster: str
    names: tuple[str, ...]
    strict: tuple[tuple[bool | None, ...], ...]
    loose: tuple[tuple[bool | None, ...], ...]


def fit(tasks: Mapping[str, Task], _options: IfevalOptions, can: frozenset[Kind] | None) -> None:
    """Check that every task has published instructions and that the model can generate.

    Raises:
        HarnessError: a task has none, or the model cannot.
    """
    for task in tasks.values():
        for doc in islice(task.docs(), 1):
            asked(doc.fields)
    if can is not None and "generate" not in can:
        raise HarnessError(f"it needs a model that can generate; this one can do {', '.join(sorted(can))}")


async def evaluate(doc: Doc, bench: Any, options: IfevalOptions) -> Record:
    """Ask the prompt, and keep the official verdict on each of its instructions."""
    wanted = tuple(constraint_of(instruction, args) for instruction, args in asked(doc.fields))
    trials = await bench.trials(doc, ARM, draws=options.draws, temperature=options.temperature)
    judged = tuple(with_verdicts(trial, len(wanted)) for trial in trials)
    unscored = next((trial.score.note or "no verdict" for trial in judged if not trial.verdicts), None)
    if unscored is not None:
        return bench.record(doc, trials=judged, marks=("unscored",), why=unscored, constraints=wanted)  # type: ignore[no-any-return]
    marks = ("followed",) if judged[0].score.solved else ()
    return bench.record(doc, trials=judged, marks=marks, constraints=wanted)  # type: ignore[no-any-return]


def constraint_of(instruction: Instruction, args: Args) -> Constraint:
    """Return a published instruction as a record keeps it."""
    return Constraint(
        type=instruction.id,
        family=instruction.family,
        version=VERSION,
        params={name: args[name] for name in instruction.args if name in args},
        text=instruction.text(args),
    )


def with_verdicts(trial: Trial, wanted: int) -> Trial:
    """Return the trial with the strict verdict on each instruction; with none where there is no grade."""
    strict = verdicts_of(trial, "strict")
    if len(strict) != wanted:
        return trial
    return replace(trial, verdicts=tuple(Verdict(met=met) for met in strict))


def verdicts_of(trial: Trial, level: str) -> tuple[bool | None, ...]:
    """Return the verdicts of a level that the task's grade gave; empty where it gave none."""
    for key, value in trial.score.values.items():
        if key.startswith(f"inst_level_{level}_acc,"):
            return tuple(value)
    return ()


def row(record: Record, task: Task) -> IfevalRow | None:
    """Keep the verdicts of a record; nothing if it was not judged."""
    trials = [trial for trial in record.arm(ARM) if trial.verdicts]
    if not trials:
        return None
    return IfevalRow(
        task=task.name,
        cluster=record.cluster,
        names=tuple(constraint.type for constraint in record.constraints),
        strict=tuple(verdicts_of(trial, "strict") for trial in trials),
        loose=tuple(verdicts_of(trial, "loose") for trial in trials),
    )


def estimate(rows: Sequence[IfevalRow], tasks: Mapping[str, Task]) -> Iterator[Estimate]:
    """Yield the four accuracies of each task, the number of verdicts that could not be given, and a table by kind."""
    for name in tasks:
        mine = [one for one in rows if one.task == name]
        for level in LEVELS:
            yield prompt_accuracy(mine, level, name)
            yield instruction_accuracy(mine, level, {"task": name})
        unknown = sum(verdict is None for one in mine for draw in one.strict for verdict in draw)
        yield Estimate(metric="unjudged", value=unknown, n=len(mine), unit="count", labels={"task": name})
        for kind in sorted({kind for one in mine for kind in one.names}):
            for level in LEVELS:
                yield instruction_accuracy(mine, level, {"task": name, "instruction": kind}, kind)


def prompt_accuracy(rows: Sequence[IfevalRow], level: str, task: str) -> Estimate:
    """Return the share of prompts of which every instruction was followed, draws averaged within the prompt."""
    from harness.stats import mean_interval
    from harness_ifeval.verdicts import together

    judged = [(one.cluster, [together(draw) for draw in getattr(one, level)]) for one in rows]
    kept = [(cluster, [float(met) for met in draws if met is not None]) for cluster, draws in judged]
    kept = [(cluster, draws) for cluster, draws in kept if draws]
    labels, metric = {"task": task}, f"prompt_{level}"
    if not kept:
        return Estimate(metric=metric, value=None, n=0, unit="share", labels=labels, note="nothing was judged")
    found = mean_interval([sum(draws) / len(draws) for _, draws in kept], [cluster for cluster, _ in kept])
    return Estimate(
        metric=metric,
        value=found.value,
        low=found.low,
        high=found.high,
        n=len(kept),
        unit="share",
        method=found.method,
        labels=labels,
    )


def instruction_accuracy(
    rows: Sequence[IfevalRow], level: str, labels: Mapping[str, str], kind: str | None = None
) -> Estimate:
    """Return the share of instructions followed, of one kind if given; the prompt is the unit of resampling."""
    from harness.stats import ratio_interval

    counts = [counted(one, level, kind) for one in rows]
    kept = [(one.cluster, met, told) for one, (met, told) in zip(rows, counts, strict=True) if told]
    metric = f"instruction_{level}"
    if not kept:
        return Estimate(metric=metric, value=None, n=0, unit="share", labels=labels, note="nothing was judged")
    clusters, met, told = zip(*kept, strict=True)
    found = ratio_interval(met, told, clusters)
    assert found is not None  # each row has one at least
    return Estimate(
        metric=metric,
        value=found.value,
        low=None if found.low is None else max(found.low, 0.0),
        high=None if found.high is None else min(found.high, 1.0),
        n=len(kept),
        unit="share",
        method=found.method,
        labels=labels,
    )


def counted(one: IfevalRow, level: str, kind: str | None) -> tuple[int, int]:
    """Return how many instructions of a prompt were followed, and how many were judged, over all draws."""
    found: Counter[bool | None] = Counter(
        verdict
        for draw in getattr(one, level)
        for name, verdict in zip(one.names, draw, strict=True)
        if kind in {None, name}
    )
    return found[True], found[True] + found[False]
