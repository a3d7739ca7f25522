"""SustainScore (arXiv 2601.22047): what a model loses of its own successes when told what it already did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness import Command, Evaluation, Metric, hookimpl
from harness_sustainscore.compare.fitting import mismatches
from harness_sustainscore.compare.pairing import items_of, pair_estimates
from harness_sustainscore.compare.verdicts import adjusted
from harness_sustainscore.drawn import Drawn, DrawnRow, drawn_estimates, drawn_row
from harness_sustainscore.estimators import SustainRow, sustain_estimates, sustain_row
from harness_sustainscore.evaluation import FUNNEL, evaluate, preview, ready, requests
from harness_sustainscore.failures.excess import FailureRow, excess_estimates, failure_row
from harness_sustainscore.failures.shown import failure_cases
from harness_sustainscore.foresight import foresee
from harness_sustainscore.layout import layout
from harness_sustainscore.options import SustainOptions
from harness_sustainscore.presets import PRESETS
from harness_sustainscore.rows import ALL
from harness_sustainscore.stored import StoredRun, stored_run

#: For other plugins that read runs of this evaluation.
__all__ = [
    "ALL",
    "StoredRun",
    "SustainRow",
    "adjusted",
    "constraints",
    "items_of",
    "mismatches",
    "pair_estimates",
    "stored_run",
]


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
    yield Command(name="analyse", summary="RUN: a mixed or an ordinal model of its draws", call=analyse)
    yield Command(name="compare", summary="RUN RUN...: whose interference is larger, on common items", call=compare)
    yield Command(
        name="constraints",
        summary="export RUN...: constraints that the answers of several models share",
        call=constraints,
        loads_plugins=True,
    )


def compare(words: Sequence[str]) -> int:
    """Call `harness compare`."""
    from harness_sustainscore.compare.command import call

    return call(words)


def constraints(words: Sequence[str]) -> int:
    """Call `harness constraints`."""
    from harness_sustainscore.command import constraints as call

    return call(words)


def analyse(words: Sequence[str]) -> int:
    """Call `harness analyse`."""
    from harness_sustainscore.analyse.command import call

    return call(words)
