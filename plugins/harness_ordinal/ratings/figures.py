"""What the ratings are worth: every row is model x elicitation x decoding, with intervals over items or clusters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from harness import Estimate, Metric, Record, Task
from harness.stats import Interval, difference_interval, mean_interval
from harness_ordinal.metrics import Predictions, compared, estimated, metric_named, predictions_of

#: Figures of a decoded rating, in the order of their columns.
POINT = ("mae", "rmse", "accuracy", "accuracy_within_1", "macro_mae", "qwk", "spearman", "kendall_tau_b")
#: Figures of the whole distribution.
WHOLE = ("rps", "log_score", "threshold_ece")
#: How far single questions contradict one another.
CONTRADICTION = ("inconsistent_share", "inconsistent_count", "inconsistent_magnitude")
#: Thresholds as they were said need not be a distribution.
RAW = "threshold_raw"
#: Resamples of an interval: a report has hundreds of them.
DRAWS = 1_000
#: Elicitations are compared with the first of these that was read.
BASELINES = ("labels", "generated", "threshold")
#: Standard errors by which a higher label must be rated lower before its place is doubted.
DOUBTED = 4.0
FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    """What the figures keep of a record."""

    task: str
    #: Its cluster, or itself; of its own task.
    cluster: str
    gold: int
    classes: int
    decodings: tuple[str, ...]
    #: P(y > k) by elicitation; None where it could not be read.
    read: Mapping[str, tuple[float, ...] | None]
    #: Probability of all labels, or of yes and no, by elicitation.
    mass: Mapping[str, float]


def rating_row(record: Record, _task: Task) -> RatingRow | None:
    """Keep of a record what the figures need; None where the document has no right label or nothing was asked."""
    first = next(iter(record.trials), None)
    if first is None or first.score.values.get("gold") is None:
        return None
    values = {trial.arm: trial.score.values for trial in record.trials}
    above = {name: one["exceedance"] for name, one in values.items()}
    return RatingRow(
        task=record.task,
        cluster=record.unit,
        gold=int(first.score.values["gold"]),
        classes=int(first.score.values["classes"]),
        decodings=tuple(first.score.values["decodings"]),
        read={name: None if one is None else tuple(map(float, one)) for name, one in above.items()},
        mass={name: float(one["mass"]) for name, one in values.items() if one.get("mass") is not None},
    )


def rating_estimates(rows: Sequence[RatingRow], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Yield, for each task, the figures of each decoding, of each distribution, and what the questions say."""
    for task in dict.fromkeys(row.task for row in rows):
        members = [row for row in rows if row.task == task]
        names = list(dict.fromkeys(name for row in members for name in row.read))
        yield from (one for name in names for one in decoded_estimates(members, name))
        yield from (one for name in names for one in distribution_estimates(members, name))
        yield from differences(members, names)
        yield from diagnostics(members)


def labelled(rows: Sequence[RatingRow], name: str) -> dict[str, str]:
    """Return the labels of an elicitation's rows of the report."""
    return {"task": rows[0].task, "elicitation": name}


def predicted(rows: Sequence[RatingRow], name: str, decoding: str = "median") -> Predictions | None:
    """Return the predictions of one elicitation over the documents it could read; None where there are none."""
    known = [(row, above) for row in rows if (above := row.read.get(name)) is not None]
    if not known:
        return None
    return predictions_of(
        [row.gold for row, _ in known],
        known[0][0].classes,
        exceedance=[above for _, above in known],
        decoding=decoding,
        clusters=[row.cluster for row, _ in known],
    )


def decoded_estimates(rows: Sequence[RatingRow], name: str) -> Iterator[Estimate]:
    """Yield the figures of one elicitation by decoding; argmax needs a distribution, and raw thresholds are none."""
    for decoding in rows[0].decodings:
        if name == RAW and decoding == "argmax":
            continue
        predictions = predicted(rows, name, decoding)
        yield from measured(POINT, predictions, {**labelled(rows, name), "decoding": decoding})


def measured(names: Sequence[str], predictions: Predictions | None, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield figures with their intervals; None where nothing could be read or a figure does not apply."""
    if predictions is None:
        yield from (
            Estimate(metric=name, value=None, n=0, note="nothing could be read", labels=labels) for name in names
        )
        return
    metrics = [metric_named(name) for name in names]
    found = {one.metric: one for one in estimated(predictions, metrics, draws=DRAWS, labels=labels)}
    for name in names:
        missing = Estimate(metric=name, value=None, n=len(predictions), note="needs whole ranks", labels=labels)
        yield found.get(name, missing)


def distribution_estimates(rows: Sequence[RatingRow], name: str) -> Iterator[Estimate]:
    """Yield the figures of one elicitation's whole distribution, the mass it was read from, and what was unread."""
    predictions, labels = predicted(rows, name), labelled(rows, name)
    alone = all(above in (0.0, 1.0) for row in rows for above in row.read.get(name) or ())
    names = [one for one in WHOLE if one == "rps" or not (alone or name == RAW)]
    yield from measured(names, predictions, labels)
    masses = [row.mass[name] for row in rows if name in row.mass]
    if masses:
        clusters = [row.cluster for row in rows if name in row.mass]
        yield averaged("mass", mean_interval(masses, clusters), len(masses), labels)
    unread = sum(row.read.get(name) is None for row in rows)
    yield Estimate(metric="unread", value=unread, n=len(rows), unit="count", labels=labels)


def averaged(metric: str, interval: Interval, n: int, labels: Mapping[str, str]) -> Estimate:
    """Return a mean over documents as an estimate."""
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=n,
        method=interval.method,
        labels=labels,
    )


def differences(rows: Sequence[RatingRow], names: Sequence[str]) -> Iterator[Estimate]:
    """Yield what each elicitation's error is beside the baseline's, on the documents that both could read."""
    base = next((name for name in BASELINES if any(row.read.get(name) is not None for row in rows)), None)
    if base is None:
        return
    for name in names:
        both = [row for row in rows if row.read.get(name) is not None and row.read.get(base) is not None]
        first, second = (predicted(both, one) if both else None for one in (name, base))
        if name == base or first is None or second is None:
            continue
        labels = {"task": rows[0].task, "compared": f"{name} - {base}"}
        yield from compared(first, second, [metric_named("mae"), metric_named("rps")], draws=DRAWS, labels=labels)


# ---------------------------------------------------------------- what the questions say of the model


def diagnostics(rows: Sequence[RatingRow]) -> Iterator[Estimate]:
    """Yield the contradictions among single questions, the gap between the chains, and doubts about the label order."""
    labels = {"task": rows[0].task}
    raw = predicted(rows, RAW)
    if raw is not None:
        yield from measured(CONTRADICTION, raw, labels)
    yield from chain_gap(rows, labels)
    names = list(dict.fromkeys(name for row in rows for name in row.read))
    doubts = (
        doubt
        for name in names
        if (predictions := predicted(rows, name, "mean")) is not None
        for doubt in order_doubts(predictions, name)
    )
    found = list(dict.fromkeys(doubts))
    yield Estimate(
        metric="label_order_doubts", value=len(found), n=len(rows), unit="count", note="; ".join(found), labels=labels
    )


def chain_gap(rows: Sequence[RatingRow], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield how far the two chains are apart, in ranks: sum over k of |up - down|, and of up - down."""
    pairs = [(row.cluster, row.read.get("up_chain"), row.read.get("down_chain")) for row in rows]
    both = [(cluster, up, down) for cluster, up, down in pairs if up is not None and down is not None]
    if not both:
        return
    clusters = [cluster for cluster, _, _ in both]
    steps = [[a - b for a, b in zip(up, down, strict=True)] for _, up, down in both]
    for metric, values in (
        ("chain_direction_gap", [sum(map(abs, one)) for one in steps]),
        ("chain_direction_shift", [sum(one) for one in steps]),
    ):
        yield averaged(metric, difference_interval(values, clusters), len(values), labels)


def order_doubts(predictions: Predictions, name: str) -> Iterator[str]:
    """Yield the neighbouring labels that are rated in the opposite order, by more than chance could.

    A model that rates well shows a wrong order of the labels; one that rates everything alike shows nothing.
    """
    import numpy as np

    groups: list[tuple[int, Any]] = []
    for rank in range(predictions.num_classes):
        own = predictions.ranks[predictions.truth == rank]
        if len(own) >= FEWEST:
            groups.append((rank, own))
    for (low, first), (high, second) in pairwise(groups):
        spread = np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
        if spread > 0 and (first.mean() - second.mean()) / spread > DOUBTED:
            yield (
                f"{name} rates what is declared rank {low} above rank {high} "
                f"({first.mean():.2f} and {second.mean():.2f}): are the labels in order?"
            )


FIGURES: Metric[RatingRow] = Metric(
    name="ratings",
    summary="errors, agreement, scores and calibration by elicitation and decoding; what the questions contradict",
    evaluation="ratings",
    row=rating_row,
    estimate=rating_estimates,
)
