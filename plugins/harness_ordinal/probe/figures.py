"""What probes are worth: a curve over the layers, and every head on the layer that validation chooses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import Estimate
from harness.stats import wilson
from harness_ordinal.conformal import calibrated
from harness_ordinal.metrics import compared, estimated, metric_named, predictions_of
from harness_ordinal.primitives import repaired
from harness_ordinal.probe.fitting import CONSTANT, Probed, Sample, best_layers, probed

POINT = ("mae", "rmse", "accuracy", "accuracy_within_1", "macro_mae", "qwk", "spearman")
WHOLE = ("rps", "log_score", "threshold_ece", "inconsistent_share")
#: What stands beside each layer.
CURVE = ("mae", "rps")
DRAWS = 1_000
#: Share of new items whose rank a conformal set may miss.
ALPHA = 0.1
#: The head that the others are compared with, if it is among them.
BASELINE = "ce"
#: Its thresholds need not be a distribution.
UNORDERED = "ornn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How heads are trained and read."""

    heads: tuple[str, ...]
    l2: tuple[float, ...]
    decodings: tuple[str, ...]


def probe_estimates(
    sample: Sample, features: Mapping[str, Any], groups: Sequence[str], setup: Setup, labels: Mapping[str, str]
) -> Iterator[Estimate]:
    """Yield the figures of all heads on all features.

    Args:
        sample: labels and folds.
        features: by "layer/pooling", each of shape (n, d).
        groups: unit of resampling of each row.
        setup: heads, penalties, decodings.
        labels: of every row of the report.
    """
    chosen: dict[str, Any] = {}
    for head in (*setup.heads, CONSTANT):
        own = {name: probed(sample, matrix, head, setup.l2) for name, matrix in features.items()}
        if head == CONSTANT:
            own = dict([next(iter(own.items()))])
        elif len(features) > 1:
            yield from curve(sample, own, head, groups, labels)
        chosen[head], winners = best_layers(own, sample.folds)
        yield from told(sample, chosen[head], head, groups, setup, labels, note_of(own, winners, head))
    yield from differences(sample, chosen, groups, labels)


def curve(
    sample: Sample, by_layer: Mapping[str, Probed], head: str, groups: Sequence[str], labels: Mapping[str, str]
) -> Iterator[Estimate]:
    """Yield MAE and ranked probability score of a head on each layer."""
    for name, one in by_layer.items():
        layer, _, pooling = name.partition("/")
        row = {**labels, "layer": layer, "pooling": pooling, "head": head}
        predictions = predictions_of(
            sample.labels, sample.num_classes, exceedance=one.exceedance, decoding="median", clusters=groups
        )
        yield from estimated(predictions, [metric_named(metric) for metric in CURVE], draws=DRAWS, labels=row)


def note_of(by_layer: Mapping[str, Probed], winners: Sequence[str], head: str) -> str:
    """Return what validation chose, for the reader."""
    if head == CONSTANT:
        return "constant: the rank frequencies of the training rows"
    penalties = sorted({l2 for name in set(winners) for l2 in by_layer[name].l2})
    layers = ", ".join(dict.fromkeys(winners))
    return f"{head}: {layers}, l2 {', '.join(f'{l2:g}' for l2 in penalties)}"


def told(  # the parts of a row
    sample: Sample,
    exceedance: Any,
    head: str,
    groups: Sequence[str],
    setup: Setup,
    labels: Mapping[str, str],
    note: str,
) -> Iterator[Estimate]:
    """Yield the figures of one head with its layers chosen by validation."""
    row = {**labels, "head": head}
    for decoding in setup.decodings:
        predictions = predictions_of(
            sample.labels, sample.num_classes, exceedance=exceedance, decoding=decoding, clusters=groups
        )
        metrics = [metric_named(name) for name in POINT]
        yield from estimated(predictions, metrics, draws=DRAWS, labels={**row, "decoding": decoding})
    predictions = predictions_of(sample.labels, sample.num_classes, exceedance=exceedance, clusters=groups)
    names = [name for name in WHOLE if name != "log_score" or head != UNORDERED]
    found = estimated(predictions, [metric_named(name) for name in names], draws=DRAWS, labels=row)
    yield from (replace(one, note=note) if place == 0 else one for place, one in enumerate(found))
    yield from sets(sample, exceedance, row)


def sets(sample: Sample, exceedance: Any, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield how often a conformal set holds the truth, and how many ranks it has; each fold calibrated by the others.

    Cross-conformal prediction (Vovk 2015): the others' distributions are held-out ones too, if by other fits.
    Thresholds that contradict one another are put in order first.
    """
    import numpy as np

    above = repaired(exceedance, "sort")
    low, high = np.empty(len(above)), np.empty(len(above))
    for fold in np.unique(sample.folds):
        own = sample.folds == fold
        low[own], high[own] = calibrated(above[~own], sample.labels[~own], ALPHA).sets(above[own])
    inside = (low <= sample.labels) & (sample.labels <= high)
    bounds = wilson(int(inside.sum()), len(inside))
    method = f"cross-conformal sets by ranked probability score, alpha {ALPHA:g}"
    yield Estimate(
        metric="set_coverage",
        value=float(inside.mean()),
        low=bounds[0],
        high=bounds[1],
        n=len(inside),
        unit="share",
        method=f"{method}; Wilson",
        labels=labels,
    )
    yield Estimate(metric="set_size", value=float((high - low + 1).mean()), n=len(inside), method=method, labels=labels)


def differences(
    sample: Sample, chosen: Mapping[str, Any], groups: Sequence[str], labels: Mapping[str, str]
) -> Iterator[Estimate]:
    """Yield each head's errors beside the softmax head's, on the same rows, by the median."""
    if BASELINE not in chosen:
        return
    made = {
        head: predictions_of(sample.labels, sample.num_classes, exceedance=above, clusters=groups)
        for head, above in chosen.items()
    }
    for head, predictions in made.items():
        if head != BASELINE:
            row = {**labels, "compared": f"{head} - {BASELINE}"}
            metrics = [metric_named(name) for name in CURVE]
            yield from compared(predictions, made[BASELINE], metrics, draws=DRAWS, labels=row)
