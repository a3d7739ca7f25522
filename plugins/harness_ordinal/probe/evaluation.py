"""The evaluation `probe`: each document embedded once, and linear ordinal heads trained on what the model has of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from harness import Doc, Estimate, Evaluation, HarnessError, Kind, Metric, Record, Score, Task, Trial
from harness.bench import Bench
from harness_ordinal.errors import OrdinalError
from harness_ordinal.probe.figures import Setup, probe_estimates
from harness_ordinal.probe.fitting import Sample
from harness_ordinal.probe.options import ProbeOptions
from harness_ordinal.probe.splits import folds_of, groups_of
from harness_ordinal.ratings.scale import LOOKED_AT, check_choices, check_golds, scale_of

#: The only arm.
ARM = "embed"


async def evaluate(doc: Doc, bench: Bench, options: ProbeOptions) -> Record:
    """Embed one document's prompt, and keep the poolings that are wanted."""
    scale = scale_of(bench.task(doc), options.labels)
    response = await bench.embed(bench.prompt(doc), options.layers)
    if response.finish == "error":
        why = f"request failed: {response.error}"
        return bench.record(doc, trials=(), marks=("unscored",), why=why)
    kept = {name: value for name, value in response.vectors.items() if name.partition("/")[2] in options.pooling}
    if not kept:
        known = ", ".join(sorted({name.partition("/")[2] for name in response.vectors}))
        raise HarnessError(f"option pooling={','.join(options.pooling)}: the model pools by {known}")
    gold = scale.gold(doc)
    values = {
        "gold": gold,
        "classes": len(scale),
        "heads": options.heads,
        "l2": options.l2,
        "folds": options.folds,
        "decodings": options.decoding,
        "seed": bench.seed,
    }
    trial = Trial(arm=ARM, draw=0, responses=(replace(response, vectors=kept),), score=Score(values=values))
    if gold is None:
        return bench.record(doc, trials=(trial,), marks=("unscored",), why="no right label")
    return bench.record(doc, trials=(trial,), marks=("embedded",))


def fit(tasks: Mapping[str, Task], options: ProbeOptions, can: frozenset[Kind] | None) -> None:
    """Check tasks and model before the first request.

    Raises:
        TaskError: labels that are no order, or right labels off the scale. HarnessError: the model cannot embed.
    """
    for task in tasks.values():
        scale = scale_of(task, options.labels)
        docs = list(islice(task.docs(), LOOKED_AT))
        if docs:
            check_choices(task, docs[0], scale)
        check_golds(task, docs, scale)
    if can is not None and "embed" not in can:
        raise HarnessError(
            f"evaluation probe needs a model that can embed; it can do {', '.join(sorted(can))} (hf and tiny can, and "
            "openai with --model-option embeddings=true)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRow:
    """What the probes keep of a record."""

    task: str
    cluster: str
    #: The prompt: equal ones are never apart.
    text: str
    gold: int
    settings: Mapping[str, Any]
    vectors: Mapping[str, bytes]


def probe_row(record: Record, _task: Task) -> ProbeRow | None:
    """Keep of a record its label and its vectors; None where it has not both."""
    trial = next(iter(record.arm(ARM)), None)
    if trial is None or trial.score.values["gold"] is None:
        return None
    return ProbeRow(
        task=record.task,
        cluster=record.cluster,
        text="\n".join(message.content for message in record.prompt),
        gold=int(trial.score.values["gold"]),
        settings=trial.score.values,
        vectors=trial.response.vectors,
    )


def estimates(rows: Sequence[ProbeRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Yield, for each task, what its probes are worth."""
    for task in dict.fromkeys(row.task for row in rows):
        yield from of_task([row for row in rows if row.task == task], {"task": task})


def of_task(rows: Sequence[ProbeRow], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield what the probes of one task are worth; one line that says why where nothing can be trained."""
    import numpy as np

    settings = rows[0].settings
    groups = groups_of([row.cluster or None for row in rows], [row.text for row in rows])
    golds = [row.gold for row in rows]
    folds = folds_of(groups, golds, int(settings["folds"]), int(settings["seed"]))
    features = {
        name: np.stack([np.frombuffer(row.vectors[name], "<f4") for row in rows]).astype(float)
        for name in rows[0].vectors
    }
    setup = Setup(heads=tuple(settings["heads"]), l2=tuple(settings["l2"]), decodings=tuple(settings["decodings"]))
    try:
        sample = Sample(labels=np.array(golds), num_classes=int(settings["classes"]), folds=np.array(folds))
    except OrdinalError as error:
        yield Estimate(metric="mae", value=None, n=len(rows), note=str(error), labels=labels)
        return
    yield from probe_estimates(sample, features, tuple(map(str, groups)), setup, labels)


PROBE = Evaluation(
    name="probe",
    summary="train ordinal heads on the model's frozen hidden states, and test them on documents apart",
    evaluate=evaluate,
    options=ProbeOptions,
    fit=fit,
    funnel=("unscored", "cut", "embedded"),
    requests=lambda _: {ARM: 1},
)

FIGURES: Metric[ProbeRow] = Metric(
    name="probe",
    summary="layer curves, and all heads side by side on the layer that validation chooses",
    evaluation="probe",
    row=probe_row,
    estimate=estimates,
)
