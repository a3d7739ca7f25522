"""SustainScore (arXiv 2601.22047): what a model loses of its own successes when told what it already did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from harness import Case, Command, Estimate, Evaluation, Metric, Record, Task, hookimpl
from harness.faces import face
from harness_sustainscore.drawn import Drawn, DrawnRow, drawn_estimates, drawn_row
from harness_sustainscore.estimators import sustain_estimates
from harness_sustainscore.evaluation import FUNNEL, evaluate, preview, ready, requests
from harness_sustainscore.foresight import foresee
from harness_sustainscore.layout import layout
from harness_sustainscore.options import SustainOptions
from harness_sustainscore.presets import PRESETS
from harness_sustainscore.rows import SustainRow, sustain_row

if TYPE_CHECKING:
    from harness_sustainscore.arms import BASE, CONSTRAINED
    from harness_sustainscore.command import constraints
    from harness_sustainscore.compare.fitting import mismatches
    from harness_sustainscore.compare.pairing import items_of, pair_estimates
    from harness_sustainscore.compare.verdicts import LEVEL, adjusted
    from harness_sustainscore.failures.excess import FailureRow
    from harness_sustainscore.guards import Held, already_said, held, leaks, touches_channel
    from harness_sustainscore.layout import cells_of, labels_of
    from harness_sustainscore.rows import ALL, SPLITS
    from harness_sustainscore.stored import StoredRun, stored_run

#: For other plugins that read runs of this evaluation, or put constraints through its guards.
__all__ = [
    "ALL",
    "BASE",
    "CONSTRAINED",
    "LEVEL",
    "SPLITS",
    "Held",
    "StoredRun",
    "SustainRow",
    "adjusted",
    "already_said",
    "cells_of",
    "constraints",
    "held",
    "items_of",
    "labels_of",
    "leaks",
    "mismatches",
    "pair_estimates",
    "stored_run",
    "sustain_row",
    "touches_channel",
]
#: Where these names live.
HOMES = (
    "rows",
    "arms",
    "guards",
    "layout",
    "stored",
    "command",
    "compare.fitting",
    "compare.verdicts",
    "compare.pairing",
)
if not TYPE_CHECKING:
    __getattr__ = face(__name__, __all__, HOMES)


@hookimpl
def harness_evaluations() -> Iterable[Evaluation]:
    """Yield the evaluation `sustainscore`."""
    yield Evaluation(
        name="sustainscore",
        summary="ask again with a constraint that the model's own successful answer already met",
        evaluate=evaluate,
        options=SustainOptions,
        needs=frozenset({"generate"}),
        funnel=FUNNEL,
        draws_constraints=True,
        presets=PRESETS,
        requests=requests,
        failures=failure_cases,
        preview=preview,
        foresee=foresee,
        ready=ready,
        layout=layout,
    )


@hookimpl
def harness_metrics() -> Iterable[Metric[SustainRow] | Metric[DrawnRow] | Metric[FailureRow]]:
    """Yield the estimators of the evaluation `sustainscore`, how answers failed, and what became of its constraints."""
    yield Metric(
        name="sustainscore",
        summary="raw and adjusted SustainScore, floor, placebo, D and D_spec with intervals",
        evaluation="sustainscore",
        row=sustain_row,
        estimate=sustain_estimates,
    )
    yield Metric(
        name="failures",
        summary="how answers fail, by class, and how much of each class the controls do not show",
        evaluation="sustainscore",
        row=failure_row,
        estimate=excess_estimates,
    )
    yield Metric(
        name="sustainscore_constraints",
        summary="candidates and what each guard turned away, by family; natural compliance by stratum",
        evaluation="sustainscore",
        row=drawn_row,
        kept=Drawn,
        estimate=drawn_estimates,
    )


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield the commands on finished runs."""
    yield Command(name="analyse", summary="RUN: a mixed or an ordinal model of its draws", call=call_analyse)
    yield Command(
        name="compare", summary="RUN RUN...: whose interference is larger, on common items", call=call_compare
    )
    yield Command(
        name="constraints",
        summary="export RUN...: constraints that the answers of several models share",
        call=call_constraints,
        loads_plugins=True,
    )


def call_compare(words: Sequence[str]) -> int:
    """Call `harness compare`."""
    from harness_sustainscore.compare.command import call

    return call(words)


def call_constraints(words: Sequence[str]) -> int:
    """Call `harness constraints`."""
    from harness_sustainscore.command import constraints

    return constraints(words)


def call_analyse(words: Sequence[str]) -> int:
    """Call `harness analyse`."""
    from harness_sustainscore.analyse.command import call

    return call(words)


def failure_cases(record: Record, task: Task) -> Iterable[Case]:
    """Return the failed answers of a record."""
    from harness_sustainscore.failures.shown import failure_cases as cases

    return cases(record, task)


def failure_row(record: Record, task: Task) -> FailureRow | None:
    """Return how the answers of a record failed."""
    from harness_sustainscore.failures.excess import failure_row as row

    return row(record, task)


def excess_estimates(rows: Sequence[FailureRow], tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Return how much of each class of failure the controls do not show."""
    from harness_sustainscore.failures.excess import excess_estimates as estimates

    return estimates(rows, tasks)
