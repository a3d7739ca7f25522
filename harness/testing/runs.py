"""A whole run in a small world: sums, a model that answers by a script, and what a plugin offers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from harness.contracts import (
    Backend,
    Command,
    ConstraintFormat,
    ConstraintType,
    Evaluation,
    Executor,
    Finished,
    Metric,
    Reporter,
    Task,
    TaskSpec,
    TaskSuite,
)
from harness.data import Request
from harness.plan import Plan
from harness.registry import Registry, load_registry
from harness.run import run
from harness.testing.listed import ListSource, ListTask
from harness.testing.scripted import ScriptedModel

#: Twelve sums; `right` knows the answers.
SUMS = ListTask(
    name="sums",
    rows=tuple({"question": f"What is {number} + {number}?", "answer": str(2 * number)} for number in range(12)),
)

#: Which mapping of the registry holds what.
PLACES: Mapping[type, str] = {
    Backend: "backends",
    Command: "commands",
    ConstraintFormat: "constraint_formats",
    ConstraintType: "constraint_types",
    Evaluation: "evaluations",
    Executor: "executors",
    Metric: "metrics",
    Reporter: "reporters",
    TaskSuite: "suites",
}


def right(request: Request) -> str:
    """Answer every one of the sums, in a sentence; for `ScriptedModel(script=right)`.

    >>> from harness.testing import SUMS
    >>> right(SUMS.requests(next(SUMS.docs()))[0])
    'That makes 0.'
    """
    number = int(request.prompt.asked.content.split("What is ")[-1].split(" +")[0])
    return f"That makes {2 * number}."


def small_run(
    folder: Path, *offers: Any, model: ScriptedModel | None = None, task: Task = SUMS, **changes: Any
) -> Finished:
    """Carry out a run over a few sums, with what a plugin offers, and return it when it has ended.

    What is installed is there as well, but for reporters: only those that are offered write.

    Args:
        folder: where the run's folder is made.
        offers: constraint types, metrics, evaluations, reporters ... as the hooks yield them.
        model: None: one that is always right.
        task: what is asked.
        changes: fields of the `Plan`: `evaluation="accuracy"`, `option={"draws": 1}`.

    Raises:
        HarnessError: the run ends, for whatever reason a real one would.
    """
    suite = TaskSuite(
        name="small", summary="", tasks=(TaskSpec(name=task.name),), source=ListSource(tasks={task.name: task})
    )
    scripted = model or ScriptedModel(script=right)
    registry = with_offers(replace(_installed(), reporters={}), suite, scripted.backend(), *offers)
    plan = Plan(**{"tasks": (task.name,), "model": "scripted", "output": str(folder), **changes})
    return asyncio.run(run(plan, registry))


def with_offers(registry: Registry, *offers: Any) -> Registry:
    """Return a registry that holds further offers, each in the place of one of the same name.

    Raises:
        AssertionError: something that no hook yields.
    """
    found = registry
    for offer in offers:
        place = next((name for kind, name in PLACES.items() if isinstance(offer, kind)), None)
        assert place is not None, f"a {type(offer).__name__} is nothing that a hook yields"
        found = replace(found, **{place: {**getattr(found, place), offer.name: offer}})  # type: ignore[arg-type]
    return found


@cache
def _installed() -> Registry:
    """Return what is installed, gathered once."""
    return load_registry()
