"""The words of `harness new plugin`, and what is said when the package is there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.errors import UnknownName
from harness_new.naming import Named, named
from harness_new.parts import PARTS
from harness_new.writing import rendered, write

#: What is written unless something is chosen.
DEFAULT = "constraint-type"


def new(words: Sequence[str]) -> int:
    """Write a package; return the exit status.

    Raises:
        HarnessError: a name that cannot be one, a kind that is none, a folder that is there already.
    """
    given = parser().parse_args(list(words))
    name, kinds = named(given.name), chosen(getattr(given, "with"))
    folder = Path(given.output) / name.distribution
    paths = write(folder, rendered(name, kinds))
    sys.stdout.write("".join(f"{path}\n" for path in paths) + next_steps(name, folder))
    return 0


def chosen(words: str) -> tuple[str, ...]:
    """Return the kinds that `--with` names, in the order of the hooks.

    Raises:
        UnknownName: one of them is no kind.
    """
    wanted = {word.strip() for word in words.split(",")} - {""}
    if "all" in wanted:
        return tuple(PARTS)
    for word in sorted(wanted - set(PARTS)):
        raise UnknownName.among("kind of plugin", word, [*PARTS, "all"])
    return tuple(kind for kind in PARTS if kind in wanted or (not wanted and kind == DEFAULT))


def next_steps(name: Named, folder: Path) -> str:
    """Return what to do with the package."""
    return (
        f"\nplugin {name.plugin} in {folder}; next:\n"
        f"    cd {folder}\n"
        "    pip install -e .\n"
        "    pytest\n"
        f"    harness plugins {name.plugin}\n"
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    root = argparse.ArgumentParser(prog="harness new", description="Write a package to start from.")
    commands = root.add_subparsers(required=True, metavar="plugin")
    plugin = commands.add_parser("plugin", help="a plugin, as a package with tests")
    plugin.add_argument("name", metavar="NAME", help="small letters and digits, parted by dashes: tone, harness-tone")
    kinds = ", ".join(PARTS)
    plugin.add_argument(
        "--with", default="", metavar="KINDS", help=f"what it offers, with commas: {kinds}, or all (default: {DEFAULT})"
    )
    plugin.add_argument("--output", default=".", metavar="DIR", help="where its folder is made (default: here)")
    return root
