"""The tasks, scores, models and result files of lm-evaluation-harness, pinned to 0.4.

Source: EleutherAI/lm-evaluation-harness 0.4.13 (MIT). All that knows its internals is in this package, since 0.5
changes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness import Backend, Evaluation, Metric, Reporter, TaskSuite, hookimpl
from harness_lm_eval.accuracy import ACCURACY, FIGURES
from harness_lm_eval.backend import BACKEND
from harness_lm_eval.data import dataset_file
from harness_lm_eval.reporter import REPORTER
from harness_lm_eval.source import LmEvalSource

__all__ = ["dataset_file"]


@hookimpl
def harness_task_suites() -> Iterable[TaskSuite]:
    """Yield the suite through which every task file of lm-eval is opened."""
    yield TaskSuite(
        name="lm-eval",
        summary="Every task, group, tag and YAML file of lm-evaluation-harness, unmodified.",
        source=LmEvalSource(),
    )


@hookimpl
def harness_evaluations() -> Iterable[Evaluation]:
    """Yield plain accuracy."""
    yield ACCURACY


@hookimpl
def harness_metrics() -> Iterable[Metric[Any]]:
    """Yield the figures of plain accuracy."""
    yield FIGURES


@hookimpl
def harness_reporters() -> Iterable[Reporter]:
    """Yield the writer of lm-eval's result files."""
    yield REPORTER


@hookimpl
def harness_backends() -> Iterable[Backend]:
    """Yield the way to every model class of lm-eval."""
    yield BACKEND
