"""The verifiable instructions of IFEval and IFBench: as tasks with official verdicts, and as constraint types.

Sources: Zhou et al. 2023 (arXiv 2311.07911, 25 instructions) and Pyatkin et al. 2025 (arXiv 2507.02833, 58). The ids,
arguments and wordings are those of the published rows; the verifiers are our own, and download nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness import ConstraintType, Evaluation, Metric, TaskSpec, TaskSuite, hookimpl
from harness_ifeval.evaluation import FUNNEL, IfevalOptions, IfevalRow, estimate, evaluate, fit, row
from harness_suites import tasks_folder

_STRICT, _LOOSE = "prompt_level_strict_acc,none", "prompt_level_loose_acc,none"
_TASKS = tuple(TaskSpec(name=name, solved=_STRICT, lenient=_LOOSE) for name in ("ifeval", "ifbench"))


@hookimpl
def harness_task_suites() -> Iterable[TaskSuite]:
    """Yield the suite `instructions`."""
    yield TaskSuite(
        name="instructions",
        summary="Prompts whose instructions a program can check: IFEval, IFBench",
        domain="instructions",
        tasks=_TASKS,
        folder=tasks_folder() / "instructions",
    )


@hookimpl
def harness_evaluations() -> Iterable[Evaluation]:
    """Yield the evaluation `ifeval`."""
    yield Evaluation(
        name="ifeval",
        summary="are a prompt's verifiable instructions followed? strict and loose, by prompt and by instruction",
        evaluate=evaluate,
        options=IfevalOptions,
        fit=fit,
        funnel=FUNNEL,
        requests=lambda options: {"plain": options.draws},
    )


@hookimpl
def harness_metrics() -> Iterable[Metric[IfevalRow]]:
    """Yield the accuracies of the evaluation `ifeval`."""
    yield Metric(
        name="ifeval",
        summary="share of prompts and of instructions followed, with intervals, and by kind of instruction",
        evaluation="ifeval",
        row=row,
        estimate=estimate,
    )


@hookimpl
def harness_constraint_types() -> Iterable[ConstraintType]:
    """Yield one type for each instruction that can be taken from an answer."""
    from harness_ifeval.types import constraint_types

    yield from constraint_types()
