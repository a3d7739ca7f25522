"""`harness plugins`: who provides what, and what could not be loaded and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.exits import FAILED

if TYPE_CHECKING:
    from harness.registry import Plugin

#: Names of one kind that are printed; with `-v` all are.
MOST_NAMES = 8


def plugins(
    name: Annotated[str, typer.Argument(help="Only the plugin of this name.")] = "",
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="All names, however many.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
    disable_plugin: Annotated[list[str] | None, typer.Option(help="Name of a plugin to leave out; repeated.")] = None,
) -> None:
    """List plugins with version and what they offer, what failed to load and why, and clashes."""
    import msgspec

    from harness.errors import UnknownName
    from harness.registry import load_registry
    from harness.report import print_json

    registry = load_registry(files=plugin or (), disabled=disable_plugin or ())
    shown = [found for found in registry.plugins if name in {"", found.name}]
    if not shown:
        raise UnknownName.among("plugin", name, (found.name for found in registry.plugins))
    if json:
        value = {"plugins": msgspec.to_builtins(shown), "faults": list(registry.faults)}
        print_json(value)
    else:
        for found in shown:
            print("\n".join(described_plugin(found, verbose=verbose)))
        for fault in registry.faults:
            print(f"FAULT: {fault}")
    if registry.faults or any(found.failure for found in shown):
        raise typer.Exit(FAILED)


def described_plugin(found: Plugin, *, verbose: bool) -> Iterator[str]:
    """Yield the lines that tell of a plugin."""
    yield f"{found.name}  ({found.source})"
    by_kind: dict[str, list[str]] = {}
    for kind, name in found.offers:
        by_kind.setdefault(kind, []).append(name)
    for kind, names in by_kind.items():
        listed = names if verbose else names[:MOST_NAMES]
        more = f" and {len(names) - len(listed):,} more" if len(names) > len(listed) else ""
        yield f"    {kind}: {', '.join(listed)}{more}"
    if found.failure:
        yield f"    FAILED: {found.failure}"
    for note in found.notes:
        yield f"    NOTE: {note}"
