"""The hooks. None takes arguments; each yields frozen declarations, and reads, opens or imports nothing heavy.

A plugin is a module in the entry point group `harness`, or a file given by `--plugin`, with functions of
these names marked by `harness.hookimpl`:

    @hookimpl
    def harness_metrics() -> Iterable[Metric]:
        yield Metric(name="brevity", ...)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy

from harness.contracts import (
    Backend,
    Command,
    ConstraintFormat,
    ConstraintType,
    Evaluation,
    Executor,
    Metric,
    Reporter,
    TaskSuite,
)

#: The entry point group, and the project's name in pluggy.
PROJECT = "harness"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def harness_task_suites() -> Iterable[TaskSuite]:  # type: ignore[empty-body]
    """Yield suites of tasks: `--tasks NAME`."""


@hookspec
def harness_constraint_types() -> Iterable[ConstraintType]:  # type: ignore[empty-body]
    """Yield constraint types: `--constraint-type NAME` or FAMILY."""


@hookspec
def harness_constraint_formats() -> Iterable[ConstraintFormat]:  # type: ignore[empty-body]
    """Yield kinds of files that declare constraint types: `--constraint-type FILE`."""


@hookspec
def harness_backends() -> Iterable[Backend]:  # type: ignore[empty-body]
    """Yield backends: `--model NAME:REST`."""


@hookspec
def harness_metrics() -> Iterable[Metric[Any]]:  # type: ignore[empty-body]
    """Yield metrics: rows of the report of the evaluation they name."""


@hookspec
def harness_evaluations() -> Iterable[Evaluation]:  # type: ignore[empty-body]
    """Yield evaluations: `--evaluation NAME`."""


@hookspec
def harness_executors() -> Iterable[Executor]:  # type: ignore[empty-body]
    """Yield executors: `--executor NAME`."""


@hookspec
def harness_reporters() -> Iterable[Reporter]:  # type: ignore[empty-body]
    """Yield reporters: files written when a run ends."""


@hookspec
def harness_commands() -> Iterable[Command]:  # type: ignore[empty-body]
    """Yield further subcommands of `harness`."""
