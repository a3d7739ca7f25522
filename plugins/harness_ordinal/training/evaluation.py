"""The evaluation `ordinal-train`: for every seed, the same backbone trained with every head; errors by decoding.

A result is model x head x decoding. The published decoding (argmax for a softmax, the median for threshold methods)
is one of them and not the only one, since much of what separates losses in published tables is the decoding.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import Doc, Estimate, Evaluation, HarnessError, Kind, Metric, Record, Task

#: Figures of decoded ranks, and of the distribution.
OF_RANKS = ("mae", "rmse", "accuracy", "accuracy_within_1", "macro_mae", "qwk")
OF_DISTRIBUTION = ("rps", "log_score", "threshold_ece", "inconsistent_share", "inconsistent_count")
#: Runs from which a spread can be told.
ENOUGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainEvaluationOptions:
    """What is compared."""

    #: Heads, by method: corn, corn:nll, corn:task_mean, coral, ornn, clm, ce, rps, cdw, sord. The first is the base.
    heads: tuple[str, ...] = ("corn", "ce", "ornn", "coral")


def fit(tasks: Mapping[str, Task], options: TrainEvaluationOptions, can: frozenset[Kind] | None) -> None:
    """Check that the tasks are data sets, the model a recipe, and every head known.

    Raises:
        HarnessError: they are not.
    """
    from harness_ordinal.heads import head_named
    from harness_ordinal.training.tasks import TrainTask

    for name, task in tasks.items():
        if not isinstance(task, TrainTask):
            raise HarnessError(
                f"task {name} holds no data to train on; ordinal-train takes --tasks ordinal_data or a CSV file"
            )
        for head in options.heads:
            head_named(head, 1, task.num_classes)
    if can is not None and "generate" not in can:
        raise HarnessError("ordinal-train needs a recipe: --model train:table")


async def evaluate(doc: Doc, bench: Any, options: TrainEvaluationOptions) -> Record:
    """Train every head on one seed."""
    task = bench.task(doc)
    wanted = (bench.asked(doc, head, [task.request(doc.index, head)]) for head in options.heads)
    trials = await asyncio.gather(*wanted)
    failed = next((trial.score.note for trial in trials if not trial.score.values), None)
    marks = ("unscored",) if failed else ("trained",)
    return bench.record(doc, trials=trials, marks=marks, why=failed or "")  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one run, by (decoding, metric)."""

    task: str
    head: str
    seed: int
    figures: Mapping[tuple[str, str], float | None]


def row(record: Record, task: Task) -> tuple[Row, ...] | None:
    """Return the figures of every head of a record; None where nothing was trained."""
    rows = tuple(
        _row(task, trial.arm, record.index, trial.response.text) for trial in record.trials if trial.score.values
    )
    return rows or None


def _row(task: Any, head: str, seed: int, text: str) -> Row:
    """Return the figures of one run from its stored logits."""
    import torch

    from harness_ordinal.heads import head_named
    from harness_ordinal.metrics import METRICS, predictions_of
    from harness_ordinal.training.cells import logits_of
    from harness_ordinal.training.loop import own_decoding

    module = head_named(head, 1, task.num_classes)
    exceedance = module.exceedance(torch.from_numpy(logits_of(text))).numpy()
    truth = task.truth(seed)
    figures: dict[tuple[str, str], float | None] = {}
    for rule in ("median", "argmax", "mean"):
        decoded = predictions_of(truth, task.num_classes, exceedance=exceedance, decoding=rule)
        names = [name for name in OF_RANKS if METRICS[name].applies(decoded)]
        label = f"{rule} (published)" if rule == own_decoding(module) else rule
        figures |= {(label, name): METRICS[name].value(decoded) for name in names}
    figures |= {("", name): METRICS[name].value(decoded) for name in OF_DISTRIBUTION}
    return Row(task=task.name, head=head, seed=seed, figures=figures)


def estimate(rows: Sequence[tuple[Row, ...]], tasks: Mapping[str, Task]) -> Iterator[Estimate]:
    """Yield the mean over seeds of every figure, then its paired difference to the first head."""
    runs = [one for held in rows for one in held]
    for task in tasks:
        own = [one for one in runs if one.task == task]
        heads = list(dict.fromkeys(one.head for one in own))
        for head in heads:
            mine = {one.seed: one.figures for one in own if one.head == head}
            base = {one.seed: one.figures for one in own if one.head == heads[0]}
            for key in dict.fromkeys(key for figures in mine.values() for key in figures):
                values = {seed: figures[key] for seed, figures in mine.items() if figures.get(key) is not None}
                labels = {"task": task, "head": head} | ({"decoding": key[0]} if key[0] else {})
                found = over_seeds(key[1], list(values.values()), labels)
                yield replace(found, note=leak_note(tasks[task])) if key[1] == "mae" else found
                others = {seed: _of(base[seed], key) for seed in values if seed in base}
                pairs = [values[seed] - other for seed, other in others.items() if other is not None]  # type: ignore[operator]
                if head != heads[0] and key[1] in ("mae", "rps") and len(pairs) >= ENOUGH:
                    yield over_seeds(f"{key[1]} minus {heads[0]}'s", pairs, labels, test=True)


def leak_note(task: Task) -> str:
    """Return what the split lets through, which makes an error smaller than it is; empty if nothing."""
    leaks = task.facts.get("leaks_of_seed_0", {})
    told = {"duplicates": "test rows stand in train or valid too", "contradictions": "stand there with another label"}
    return "; ".join(f"{leaks[kind]} {words}" for kind, words in told.items() if leaks.get(kind))


def _of(figures: Mapping[tuple[str, str], float | None], key: tuple[str, str]) -> float | None:
    """Return the figure of the base by the same rule, whichever of the two published it."""
    plain = key[0].removesuffix(" (published)")
    return next((value for (rule, name), value in figures.items() if name == key[1] and rule.startswith(plain)), None)


def over_seeds(name: str, values: Sequence[Any], labels: Mapping[str, str], *, test: bool = False) -> Estimate:
    """Return the mean of a figure over seeds with the t interval; None where there is no figure."""
    import numpy as np
    from scipy.stats import t as student

    if not values:
        return Estimate(metric=name, value=None, n=0, note="undefined", labels=labels)
    array = np.array(values, dtype=float)
    mean, runs = float(array.mean()), len(array)
    if runs < ENOUGH or np.ptp(array) == 0:
        return Estimate(metric=name, value=mean, n=runs, method="mean over seeds", note="no spread", labels=labels)
    error = float(array.std(ddof=1) / np.sqrt(runs))
    half = float(student.ppf(0.975, runs - 1)) * error
    p = 2 * float(student.sf(abs(mean) / error, runs - 1)) if test else None
    return Estimate(
        metric=name,
        value=mean,
        low=mean - half,
        high=mean + half,
        p=p,
        n=runs,
        stderr=error,
        method="paired t over seeds" if test else "mean over seeds, t interval",
        labels=labels,
    )


ORDINAL_TRAIN = Evaluation(
    name="ordinal-train",
    summary="train one backbone with every ordinal head and compare: data sets, heads, seeds, decodings",
    evaluate=evaluate,
    options=TrainEvaluationOptions,
    fit=fit,
    funnel=("unscored", "trained"),
    requests=lambda options: dict.fromkeys(options.heads, 1),
)

FIGURES: Metric[tuple[Row, ...]] = Metric(
    name="ordinal-train",
    summary="errors, scores and inconsistency of every head by decoding, over seeds",
    evaluation="ordinal-train",
    row=row,
    estimate=estimate,
)
