"""The trials of a finished run, each with what its answer attended to: one forward pass for each different answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from harness import Model, Record, Trial
from harness.ledger import RECORDS, Records
from harness_attention.placing import Placed, Unplaced, placed
from harness_attention.prompts import sent
from harness_attention.quantities import CONTROL, QUANTITIES, decile_rows, mean_rows, phase_rows, quantities, spans_of

if TYPE_CHECKING:
    from harness_attention.masses import LayerKind, Masses
    from harness_attention.quantities import Array

#: The arms whose added text is a span: the constraint's, and its null.
CONSTRAINED, PLACEBO, BASE = "constrained", "placebo", "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One answer, what became of it, and what it attended to."""

    doc: str
    task: str
    cluster: str
    arm: str
    k: int
    draw: int
    position: str
    solved: bool
    #: Whether it met all of its constraints; None: not judged, or the placebo arm.
    complied: bool | None
    #: Share of the base answers that are right: how hard the document is.
    p0: float
    #: Tokens of the answer, the span and the prompt's content; share of the answer's in an echo of the span.
    tokens: int
    span: int
    content: int
    echo: float
    #: By quantity, shape (layers, heads): means over the final answer; not a number where there is none.
    heads: Mapping[str, Array]
    #: The lift of the control span, in the same way.
    control: Array
    #: By phase, then by quantity: means over tokens, heads and layers.
    phases: Mapping[str, Mapping[str, float]]
    #: By quantity, shape (10,): means over heads and layers.
    deciles: Mapping[str, Array]
    #: What the span says; the words of the answer, which of them echo it, and the lift of each, mean over heads and
    #: layers.
    said: str
    words: tuple[str, ...]
    echoed: tuple[bool, ...]
    lifts: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """All that was measured of a run."""

    trials: tuple[Measured, ...]
    #: Why trials with a span were left out, and how many.
    left_out: Mapping[str, int]
    kinds: tuple[LayerKind, ...]
    #: The layers that the arrays of the trials are about.
    layers: tuple[int, ...]
    #: Different answers, each of which went through the model once; those read as other tokens than were generated.
    passes: int
    reread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A trial whose tokens are told apart."""

    record: Record
    trial: Trial
    placed: Placed


def measure(
    run: Path, model: Model, *, limit: int | None, seed: int, watch: Callable[[int, int], None] = lambda *_: None
) -> Measurement:
    """Return what the answers of a run attended to, teacher-forced.

    Args:
        run: folder of a finished run.
        model: opened, of local weights.
        limit: first documents of each task; None: all.
        seed: of the control spans.
        watch: told how many trials are done, of how many.

    Raises:
        HarnessError: the model cannot be watched, or the records do not fit together.
    """
    from harness_attention.masses import check, span_masses
    from harness_backends import engine_of

    engine = engine_of(model)
    left_out: Counter[str] = Counter()
    found = list(found_trials(run, engine.text, limit, seed, left_out))
    longest = max((len(one.placed.tokens) for one in found), default=0)
    if found:
        check(engine.model, found[0].placed.tokens)
    done: list[Measured] = []
    kinds: tuple[LayerKind, ...] = ()
    layers: tuple[int, ...] = ()
    seen: dict[Placed, Measured] = {}
    passes = 0
    for number, one in enumerate(found):
        if number and one.record.doc != found[number - 1].record.doc:
            seen = {}  # the same answer comes again in the draws of one document
        if one.placed not in seen:
            spans = spans_of(one.placed)
            masses = span_masses(engine.model, one.placed.tokens, one.placed.start, spans, longest)
            kinds, layers = masses.kinds, masses.layers
            seen[one.placed] = measured(one, masses)
            passes += 1
        done.append(replace(seen[one.placed], **outcome(one.trial)))
        watch(number + 1, len(found))
    return Measurement(
        trials=tuple(done),
        left_out=dict(left_out),
        kinds=kinds,
        layers=layers,
        passes=passes,
        reread=sum(reread(one) for one in found),
    )


def found_trials(run: Path, text: Any, limit: int | None, seed: int, left_out: Counter[str]) -> Iterator[Found]:
    """Yield the trials that can be measured, and count in `left_out` the others that have a span."""
    documents: Counter[str] = Counter()
    for record in Records(run / RECORDS):
        documents[record.task] += 1
        if limit is not None and documents[record.task] > limit:
            continue
        for trial in record.trials:
            if trial.arm not in {CONSTRAINED, PLACEBO} or not trial.spans:
                continue
            try:
                yield Found(record=record, trial=trial, placed=trial_tokens(text, record, trial, seed))
            except Unplaced as error:
                left_out[str(error)] += 1


def trial_tokens(text: Any, record: Record, trial: Trial, seed: int) -> Placed:
    """Return the tokens of a trial.

    Raises:
        Unplaced: it cannot be measured.
    """
    if why := unfit(trial):
        raise Unplaced(why)
    # the same control span for all answers to one prompt
    random = Random(f"{seed}:{record.doc}:{trial.arm}:{trial.k}")  # noqa: S311  # not for secrets
    one = placed(text, sent(record, trial), trial.response.text, random)
    if len(one.tokens) > text.length:
        raise Unplaced("prompt and answer are longer than the model's context")
    if not one.control:
        raise Unplaced("the prompt has no content beside the span")
    return one


def unfit(trial: Trial) -> str:
    """Return why a trial cannot be measured; empty if it can."""
    if len(trial.responses) > 1:
        return "several answers decide one grade"
    if trial.score.solved is None:
        return "unscored"
    return "the prompt was cut" if trial.response.cut else ""


def reread(one: Found) -> bool:
    """Whether the answer's text reads as another number of tokens than was generated, an end token aside."""
    told = one.trial.response.usage.completion_tokens
    return told is not None and not 0 <= told - (len(one.placed.tokens) - one.placed.start) <= 1


def measured(one: Found, masses: Masses) -> Measured:
    """Return the quantities of one trial, reduced to what is tested and drawn."""
    import numpy as np

    record, trial, place = one.record, one.trial, one.placed
    found = quantities(masses, place)
    phases = phase_rows(place)
    deciles = decile_rows(place)
    flat = {name: found[name].mean(axis=(0, 1)) for name in QUANTITIES}
    base = [one.score.solved for one in record.arm(BASE) if one.score.solved is not None]
    return Measured(
        doc=record.doc,
        task=record.task,
        cluster=record.unit,
        arm=trial.arm,
        k=trial.k,
        position=trial.position or "",
        **outcome(trial),
        p0=sum(map(bool, base)) / len(base) if base else float("nan"),
        tokens=len(place.words),
        span=len(place.span),
        content=len(place.content),
        echo=sum(place.echo) / len(place.echo),
        heads={name: mean_rows(found[name], phases["final"]).astype(np.float32) for name in QUANTITIES},
        control=mean_rows(quantities(masses, place, CONTROL)["lift"], phases["final"]).astype(np.float32),
        phases={
            phase: {name: float(mean_rows(flat[name], rows)) for name in QUANTITIES} for phase, rows in phases.items()
        },
        deciles={name: np.array([mean_rows(flat[name], rows) for rows in deciles]) for name in QUANTITIES},
        said=spans_text(record, trial),
        words=place.words,
        echoed=place.echo,
        lifts=flat["lift"],
    )


def outcome(trial: Trial) -> dict[str, Any]:
    """Return what became of a trial: all that two draws with the same answer can differ in."""
    met = [verdict.met for verdict in trial.verdicts[: trial.k]]
    complied = None if trial.arm != CONSTRAINED or None in met else all(met)
    return {"draw": trial.draw, "solved": bool(trial.score.solved), "complied": complied}


def spans_text(record: Record, trial: Trial) -> str:
    """Return what the spans of a trial say, for a reader."""
    if trial.arm == PLACEBO:
        return trial.inserted.strip()
    return " ".join(one.text for one in record.constraints[: trial.k])
