"""The whole analysis of a run: what its answers attended to, and whether right and wrong ones differ in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import Estimate, HarnessError, Json, Model
from harness.ledger import RECORDS, read_results
from harness.seal import hash_of
from harness_attention.logistic import conditional, marginal
from harness_attention.measured import CONSTRAINED, PLACEBO, Measured, Measurement, measure
from harness_attention.quantities import PHASES, QUANTITIES
from harness_attention.within import against_placebo, contrast, places

#: What is looked at: the constraint; its nulls, a placebo as long in its place and a piece of the question as long.
CONSTRAINT, IDLE, QUESTION = "constraint", "placebo", "question"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What was measured of a run, and what it comes to."""

    run: Path
    #: SHA-256 of the records that were read.
    records: str
    #: The model that was looked into, and the one that answered.
    model: Mapping[str, Json]
    answered_by: Mapping[str, Json]
    measurement: Measurement
    estimates: tuple[Estimate, ...]
    #: What becomes of answers whose attention was pushed; empty: it was not asked.
    doses: tuple[Estimate, ...] = ()

    @property
    def same_model(self) -> bool:
        """Whether the model that was looked into is the one that answered, as far as their identities tell."""
        return same_weights(self.model, self.answered_by)


def analysis_of(
    run: Path, model: Model, *, limit: int | None, seed: int, watch: Callable[[int, int], None]
) -> Analysis:
    """Return the analysis of a run; see `harness_attention.analyse`.

    Raises:
        HarnessError: it is no such run, nothing in it can be measured, or the model cannot be looked into.
    """
    results = read_results(run)
    if results["evaluation"]["name"] != "sustainscore":
        raise HarnessError(f"run {run}: of the evaluation {results['evaluation']['name']!r}; this reads sustainscore")
    measurement = measure(run, model, limit=limit, seed=seed, watch=watch)
    if not measurement.trials:
        why = ", ".join(f"{count:,} {reason}" for reason, count in measurement.left_out.items())
        raise HarnessError(
            f"run {run}: no answer to a constraint or placebo can be measured{f': {why}' if why else ''}"
        )
    return Analysis(
        run=run,
        records=hash_of(run / RECORDS),
        model=dict(model.identity),
        answered_by=dict(results["model"]),
        measurement=measurement,
        estimates=tuple(estimates(measurement, seed)),
    )


def same_weights(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Whether two identities name the same weights in the same precision."""
    keys = [key for key in ("sha256", "revision", "dtype") if key in one or key in other]
    return bool(keys) and all(one.get(key) == other.get(key) for key in keys)


def estimates(measurement: Measurement, seed: int) -> Iterator[Estimate]:
    """Yield all estimates of a measurement: pooled first, then by task and by position."""
    trials = measurement.trials
    yield from group_estimates(trials, {"task": ALL, "position": ALL}, seed)
    own, idle = ([one for one in trials if one.arm == arm] for arm in (CONSTRAINED, PLACEBO))
    yield from maps(own, CONSTRAINT, measurement.layers, seed)
    yield from maps(idle, IDLE, measurement.layers, seed)
    for name in ("task", "position"):
        values = dict.fromkeys(getattr(one, name) for one in trials)
        for value in values if len(values) > 1 else ():
            chosen = [one for one in trials if getattr(one, name) == value]
            yield from group_estimates(chosen, {"task": ALL, "position": ALL, name: value}, seed)
    if own:
        yield from conditional(own, {"task": ALL})
        yield from marginal(own, {"task": ALL})


def group_estimates(trials: Sequence[Measured], labels: Mapping[str, str], seed: int) -> Iterator[Estimate]:
    """Yield the primary contrast of some trials beside its nulls, and the other quantities and phases."""
    own, idle = ([one for one in trials if one.arm == arm] for arm in (CONSTRAINED, PLACEBO))
    for span, members, value in ((CONSTRAINT, own, lift), (IDLE, idle, lift), (QUESTION, own, control_lift)):
        yield from contrast(members, value, {**labels, "span": span, "quantity": "lift", "phase": "final"}, seed)
    gap = {**labels, "span": f"{CONSTRAINT} - {QUESTION}", "quantity": "lift", "phase": "final"}
    yield from contrast(own, lambda one: lift(one) - control_lift(one), gap, seed)
    gap = {**gap, "span": f"{CONSTRAINT} - {IDLE}"}
    yield against_placebo(own, idle, lift, gap, seed)
    for phase in PHASES:
        for quantity in QUANTITIES:
            known = any(math.isfinite(one.phases[phase][quantity]) for one in own)
            if (phase, quantity) == ("final", "lift") or not known:
                continue
            told = {**labels, "span": CONSTRAINT, "quantity": quantity, "phase": phase}
            yield from contrast(own, lambda one, p=phase, q=quantity: one.phases[p][q], told, seed)  # type: ignore[misc]


def maps(trials: Sequence[Measured], span: str, layers: Sequence[int], seed: int) -> Iterator[Estimate]:
    """Yield where in the model, and where in the answer, right and wrong answers differ in lift."""
    if not trials:
        return
    count = trials[0].heads["lift"].shape[1]

    def head(at: int) -> dict[str, str]:
        return {"span": span, "layer": str(layers[at // count]), "head": str(at % count)}

    def layer(at: int) -> dict[str, str]:
        return {"span": span, "layer": str(layers[at])}

    yield from places(trials, lambda one: one.heads["lift"].reshape(-1), head, "heads", seed)
    yield from places(trials, lambda one: one.heads["lift"].mean(axis=1), layer, "layers", seed)
    yield from places(
        trials, lambda one: one.deciles["lift"], lambda at: {"span": span, "decile": str(at + 1)}, "tenths", seed
    )


def lift(one: Measured) -> float:
    """Return the primary quantity: mean lift over the final answer, all heads and full layers."""
    return one.phases["final"]["lift"]


def control_lift(one: Measured) -> float:
    """Return the same of the control span."""
    return float(one.control.mean())
