"""The simulated world of the elicitation benchmark, as a task and a scripted model in a registry."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness import Plan, Request, TaskSpec, TaskSuite
from harness.registry import load_registry
from harness.testing import ListSource, ListTask, ScriptedModel

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture(scope="session")
def elicitation():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_elicitation", BENCHMARKS / "elicitation.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTask(ListTask):
    """Items of a simulated world, asked as the benchmark asks them."""

    world: object

    def requests(self, doc):
        return (Request(kind="generate", prompt=self.world.prompt(doc.index), sampling=self.sampling, draw="0"),)


@pytest.fixture
def rating_run(tmp_path):
    """Return make(task, script, **changes) -> (plan, registry, model)."""

    def make(task, script, *, can=("loglikelihood",), **changes):
        suite = TaskSuite(
            name="tests", summary="", tasks=(TaskSpec(name=task.name),), source=ListSource(tasks={task.name: task})
        )
        model = ScriptedModel(script=script, can=frozenset(can))
        installed = load_registry(disabled=("suites", "backends", "lm_eval", "constraints", "tiny"))
        registry = replace(installed, suites={"tests": suite}, backends={"scripted": model.backend()})
        plan = Plan(
            tasks=(task.name,), evaluation="ratings", model="scripted", output=str(tmp_path / "runs"), **changes
        )
        return plan, registry, model

    return make


@pytest.fixture
def item_task():
    """Return make(world) -> a task over its items."""

    def make(world):
        rows = tuple(
            {"question": f"Item {item}.", "answer": world.scale.labels[rank]} for item, rank in enumerate(world.truth)
        )
        spec = TaskSpec(name="items", labels=world.scale.labels)
        return ItemTask(name="items", rows=rows, spec=spec, world=world)

    return make
