"""What a package can offer: one line a kind, in the order of the hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of thing that a package offers."""

    #: The class that its hook yields, and the hook.
    yields: str
    hook: str
    #: The module that holds it, and its name there.
    module: str
    constant: str
    #: How to try it, after `harness run`; `{plugin}` and `{snake}` stand for the plugin's name.
    tried: str
    #: What `harness plugins` calls its kind.
    kind: str


PARTS: Mapping[str, Part] = {
    "suite": Part(
        yields="TaskSuite",
        hook="harness_task_suites",
        module="suites",
        constant="SUITE",
        tried="--tasks {plugin} --evaluation accuracy",
        kind="suite",
    ),
    "constraint-type": Part(
        yields="ConstraintType",
        hook="harness_constraint_types",
        module="constraint_types",
        constant="CONSTRAINT_TYPE",
        tried="--tasks demo_words --constraint-type {plugin} --limit 4",
        kind="constraint type",
    ),
    "backend": Part(
        yields="Backend",
        hook="harness_backends",
        module="backends",
        constant="BACKEND",
        tried="--tasks demo_words --evaluation accuracy --model {plugin}:hello --limit 4",
        kind="backend",
    ),
    "metric": Part(
        yields="Metric",
        hook="harness_metrics",
        module="metrics",
        constant="METRIC",
        tried="--tasks demo_words --constraint-type format --limit 4",
        kind="metric",
    ),
    "evaluation": Part(
        yields="Evaluation",
        hook="harness_evaluations",
        module="evaluations",
        constant="EVALUATION",
        tried="--tasks demo_words --evaluation {plugin} --limit 4",
        kind="evaluation",
    ),
    "executor": Part(
        yields="Executor",
        hook="harness_executors",
        module="executors",
        constant="EXECUTOR",
        tried="--tasks demo_words --evaluation accuracy --executor {plugin} --limit 4",
        kind="executor",
    ),
    "reporter": Part(
        yields="Reporter",
        hook="harness_reporters",
        module="reporters",
        constant="REPORTER",
        tried="--tasks demo_words --evaluation accuracy --limit 4",
        kind="reporter",
    ),
}
