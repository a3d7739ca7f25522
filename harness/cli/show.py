"""`harness show`: one thing in full, or a finished run."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.data import Json


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
    kind: Annotated[str, typer.Argument(help=f"Kind of thing: {', '.join(Kind)}; may be left out before a run.")],
    name: Annotated[
        str | None, typer.Argument(help="Its name; for a run, its folder; for constraints, also their file.")
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Of a run: failed answers side by side.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="The most failed answers to show.")] = 10,
    class_: Annotated[list[str] | None, typer.Option("--class", help="Only this class of failure; repeated.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only failures of this task; repeated.")] = None,
    arm: Annotated[list[str] | None, typer.Option(help="Only failures in this arm; repeated.")] = None,
    dataset_root: Annotated[str | None, typer.Option(help="Folder laid out like hub repositories.")] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
) -> None:
    """Show a task, suite, constraint, backend, evaluation, metric, executor or run."""
    what, named = asked_for(kind, name)
    chosen = [frozenset(names or ()) for names in (class_, task, arm)]
    if failures and what is not Kind.run:
        raise HarnessError(f"--failures: a {what} has none; it goes with a run")
    if any(chosen) and not failures:
        raise HarnessError("--class, --task and --arm choose among failures: add --failures")
    if what is Kind.run and not failures:
        show_run(Path(named), plugin or ())
        return
    from harness.registry import load_registry

    registry = load_registry(files=plugin or ()).checked()
    if what is not Kind.run:
        print_value(described(what, named, registry, dataset_root))
        return
    from harness.cli.failures import Wanted, show_failures

    kinds, tasks, arms = chosen
    show_failures(Path(named), registry, Wanted(kinds=kinds, tasks=tasks, arms=arms, limit=limit))


def asked_for(kind: str, name: str | None) -> tuple[Kind, str]:
    """Return what is to be shown; a single word is the folder of a run.

    Raises:
        HarnessError: no such kind, or nothing named.
    """
    if name is None:
        if kind in set(Kind) and not Path(kind).is_dir():
            raise HarnessError(f"show {kind}: its name is missing; `harness list` has the names")
        return Kind.run, kind
    if kind not in set(Kind):
        raise HarnessError(f"show {kind}: no such kind of thing; there are: {', '.join(Kind)}")
    return Kind(kind), name


def described(what: Kind, name: str, registry: Any, dataset_root: str | None) -> Json:
    """Return anything but a run as plain values."""
    from harness.opening import FILES, types_in

    if what is Kind.task:
        return task_value(name, registry, dataset_root)
    if what is Kind.constraint and name.endswith(FILES):
        return [offer_value(one) for one in types_in(Path(name), registry, {}).values()]
    offers = {
        Kind.suite: registry.suites,
        Kind.constraint: registry.constraint_types,
        Kind.backend: registry.backends,
        Kind.evaluation: registry.evaluations,
        Kind.metric: registry.metrics,
        Kind.executor: registry.executors,
    }
    return offer_value(registry.pick(what.value, offers[what], name))


def task_value(name: str, registry: Any, dataset_root: str | None) -> Json:
    """Return what a task is, with the prompt of its first document."""
    import msgspec

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
    import msgspec

    from harness.options import described_options

    shown: dict[str, Json] = {}
    for field in dataclasses.fields(offer):
        value = getattr(offer, field.name)
        if field.name == "options":
            shown["options"] = described_options(value)
        elif value is not None and not callable(value):  # what it cannot do is not told
            shown[field.name] = sorted(value) if isinstance(value, frozenset) else value
    return msgspec.to_builtins(shown, enc_hook=str)


def print_value(value: Json) -> None:
    """Print a value as YAML, which people read more easily than JSON."""
    import yaml

    sys.stdout.write(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120))


def show_run(folder: Path, files: Sequence[str] = ()) -> None:
    """Print the funnel and the tables of a finished run."""
    import msgspec

    from harness.figures import ArmUsage, Estimate
    from harness.ledger import read_results
    from harness.prices import Price
    from harness.registry import load_registry
    from harness.report import funnel_line, print_table, tables_of, usage_table

    results = read_results(folder)
    print(funnel_line(results["funnel"]))
    for why, count in results["reasons"].items():
        print(f"  {count:,} {why}")
    evaluation = load_registry(files=files).evaluations.get(results["evaluation"]["name"])
    estimates = msgspec.convert(results["estimates"], tuple[Estimate, ...])
    for table in tables_of(estimates, layout=evaluation.layout if evaluation else None):
        print_table(table)
    if results.get("price"):
        usage = msgspec.convert(results["usage"], dict[str, ArmUsage])
        print_table(usage_table(usage, msgspec.convert(results["price"], Price)))
