"""`harness show`: one thing in full, or a finished run."""

from __future__ import annotations

import dataclasses
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from harness.data import Estimate, Json


class Kind(StrEnum):
    """What can be shown."""

    task = "task"
    suite = "suite"
    constraint = "constraint"
    backend = "backend"
    evaluation = "evaluation"
    metric = "metric"
    executor = "executor"
    run = "run"


def show(
    kind: Annotated[Kind, typer.Argument(help="Kind of thing.")],
    name: Annotated[str, typer.Argument(help="Its name; for a run, its folder; for constraints, also their file.")],
    dataset_root: Annotated[str | None, typer.Option(help="Folder laid out like hub repositories.")] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
) -> None:
    """Show a task, suite, constraint, backend, evaluation, metric, executor or run."""
    if kind is Kind.run:
        show_run(Path(name))
        return
    from harness.opening import FILES, types_in
    from harness.registry import load_registry

    registry = load_registry(files=plugin or ()).checked()
    if kind is Kind.task:
        print_value(task_value(name, registry, dataset_root))
        return
    if kind is Kind.constraint and name.endswith(FILES):
        print_value([offer_value(one) for one in types_in(Path(name), registry, {}).values()])
        return
    offers = {
        Kind.suite: registry.suites,
        Kind.constraint: registry.constraint_types,
        Kind.backend: registry.backends,
        Kind.evaluation: registry.evaluations,
        Kind.metric: registry.metrics,
        Kind.executor: registry.executors,
    }
    print_value(offer_value(registry.pick(kind.value, offers[kind], name)))


def task_value(name: str, registry: Any, dataset_root: str | None) -> Json:
    """Return what a task is, with the prompt of its first document."""
    from harness.cli.flags import Flags, plan_of
    from harness.opening import open_tasks

    tasks = open_tasks(plan_of(Flags(tasks=(name,), dataset_root=dataset_root)), registry)
    return [
        {
            "name": task.name,
            "version": task.version,
            "domain": task.domain,
            "documents": len(task),
            "asks": sorted(task.kinds),
            "grades": msgspec.to_builtins(task.spec),
            "facts": dict(task.facts),
            "first prompt": task.requests(next(iter(task.docs())))[0].prompt.text if len(task) else None,
        }
        for task in tasks.values()
    ]


def offer_value(offer: Any) -> Json:
    """Return a declaration as plain values; what can be called is left out."""
    from harness.options import described_options

    shown: dict[str, Json] = {}
    for field in dataclasses.fields(offer):
        value = getattr(offer, field.name)
        if field.name == "options":
            shown["options"] = described_options(value)
        elif not callable(value):
            shown[field.name] = sorted(value) if isinstance(value, frozenset) else value
    return msgspec.to_builtins(shown, enc_hook=str)


def print_value(value: Json) -> None:
    """Print a value as YAML, which people read more easily than JSON."""
    import yaml

    sys.stdout.write(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120))


def show_run(folder: Path) -> None:
    """Print the funnel and the tables of a finished run."""
    from harness.ledger import read_results
    from harness.registry import load_registry
    from harness.report import funnel_line, print_table, tables_of

    results = read_results(folder)
    print(funnel_line(results["funnel"]))
    for why, count in results["reasons"].items():
        print(f"  {count:,} {why}")
    layout = load_registry().evaluations.get(results["evaluation"]["name"])
    estimates = msgspec.convert(results["estimates"], tuple[Estimate, ...])
    for table in tables_of(estimates, layout=layout.layout if layout else None):
        print_table(table)
