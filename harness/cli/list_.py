"""`harness list`: what there is, as a table or as JSON."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from harness.data import Json

#: A table longer than this is printed as plain lines, which is a hundred times faster.
LONG_TABLE = 500


class Kind(StrEnum):
    """What can be listed."""

    tasks = "tasks"
    suites = "suites"
    constraints = "constraints"
    backends = "backends"
    evaluations = "evaluations"
    metrics = "metrics"
    executors = "executors"


def list_(  # the flags are the interface
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    pattern: Annotated[str, typer.Argument(help="Only names that match, such as 'gsm8k*'.")] = "*",
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="With options and details.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    include_path: Annotated[
        list[str] | None, typer.Option(help="Folder of further lm-eval task files; repeated.")
    ] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
    disable_plugin: Annotated[list[str] | None, typer.Option(help="Name of a plugin to leave out; repeated.")] = None,
) -> None:
    """List tasks, suites, constraints, backends, evaluations, metrics or executors."""
    from harness.registry import load_registry

    registry = load_registry(files=plugin or (), disabled=disable_plugin or ()).checked()
    rows = rows_of(kind, registry, tuple(include_path or ()), verbose=verbose)
    print_rows([row for row in rows if fnmatch.fnmatchcase(str(row["name"]), pattern)], as_json=json)


def rows_of(kind: Kind, registry: Any, include_path: tuple[str, ...], *, verbose: bool) -> Iterable[Mapping[str, Json]]:
    """Return one row for each thing of a kind."""
    if kind is Kind.tasks:
        return task_rows(registry, include_path)
    if kind is Kind.suites:
        return [
            {
                "name": suite.name,
                "domain": suite.domain,
                "tasks": ", ".join(spec.name for spec in suite.tasks),
                "summary": suite.summary,
            }
            for suite in registry.suites.values()
        ]
    if kind is Kind.constraints:
        return [constraint_row(one, verbose=verbose) for one in registry.constraint_types.values()]
    offers = {
        Kind.backends: registry.backends,
        Kind.evaluations: registry.evaluations,
        Kind.metrics: registry.metrics,
        Kind.executors: registry.executors,
    }
    return [optioned_row(offer, verbose=verbose) for offer in offers[kind].values()]


def task_rows(registry: Any, include_path: tuple[str, ...]) -> Iterable[Mapping[str, Json]]:
    """Yield the tasks of the suites first, then whatever the sources know."""
    from harness.opening import catch_alls, with_suite_folders
    from harness.plan import TaskSettings

    settings = with_suite_folders(TaskSettings(include_path=include_path), registry)
    suites = {spec.name: suite.name for suite in registry.suites.values() for spec in suite.tasks}
    seen = set()
    for source in filter(None, (suite.source for suite in catch_alls(registry))):
        for row in source.catalogue(settings):
            seen.add(row["name"])
            yield {**row, "suite": suites.get(str(row["name"]), "")}
    for name, owner in suites.items():
        if name not in seen:
            yield {"name": name, "kind": "task", "path": "", "suite": owner}


def constraint_row(one: Any, *, verbose: bool) -> Mapping[str, Json]:
    """Return a constraint type as a row."""
    row = {
        "name": one.name,
        "family": one.family,
        "domains": sorted(one.domains) or ["all"],
        **{name: one.details.get(name) for name in ("hint", "stratum", "example")},
    }
    return {**row, "summary": one.summary, **one.details} if verbose else row


def optioned_row(offer: Any, *, verbose: bool) -> Mapping[str, Json]:
    """Return a backend, evaluation, metric or executor as a row."""
    from harness.options import described_options

    row = {"name": offer.name, "summary": offer.summary}
    if verbose and hasattr(offer, "options"):
        options = described_options(offer.options)
        row["options"] = "; ".join(
            f"{one['name']}: {one['type']} = {one['default']}{' (' + one['help'] + ')' if one['help'] else ''}"
            for one in options
        )
    return row


def cell(value: Json) -> str:
    """Return a value as a table shows it; what is unknown is a dash."""
    import msgspec

    if value is None:
        return "-"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def print_rows(rows: list[Mapping[str, Json]], *, as_json: bool) -> None:
    """Print rows as JSON, as a table, or, where there are many, as lines with tabs."""
    if as_json:
        from harness.report import print_json

        print_json(rows)
        return
    if not rows:
        print("nothing matches")
        return
    columns = list(dict.fromkeys(name for row in rows for name in row))
    body = [tuple(cell(row.get(name)) for name in columns) for row in rows]
    if len(rows) > LONG_TABLE:
        sys.stdout.write("\n".join("\t".join(line) for line in [tuple(columns), *body]) + "\n")
        return
    from harness.report import Table, print_table

    print_table(Table(columns=tuple(columns), rows=tuple(body)))
