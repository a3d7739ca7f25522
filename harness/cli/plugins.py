"""`harness plugins`: who provides what, and what could not be loaded and why."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer

from harness.cli.exits import FAILED


def plugins(
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
    disable_plugin: Annotated[list[str] | None, typer.Option(help="Name of a plugin to leave out; repeated.")] = None,
) -> None:
    """List plugins with what they offer, failures and clashes."""
    from harness.registry import load_registry

    registry = load_registry(files=plugin or (), disabled=disable_plugin or ())
    if json:
        value = {"plugins": msgspec.to_builtins(registry.plugins), "faults": list(registry.faults)}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
    else:
        for found in registry.plugins:
            print(f"{found.name}  ({found.source})")
            by_kind: dict[str, list[str]] = {}
            for kind, name in found.offers:
                by_kind.setdefault(kind, []).append(name)
            for kind, names in by_kind.items():
                print(f"    {kind}: {', '.join(names)}")
            if found.failure:
                print(f"    FAILED: {found.failure}")
        for fault in registry.faults:
            print(f"FAULT: {fault}")
    if registry.faults or any(found.failure for found in registry.plugins):
        raise typer.Exit(FAILED)
