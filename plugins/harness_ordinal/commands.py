"""`harness ordinal WHAT ...`: the commands of this plugin, each found when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence

from harness import UnknownName

#: Where each command stands, and what it does.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "agreement": ("harness_ordinal.judges.command", "agreement of raters in a table, of judges with people"),
    "probe": ("harness_ordinal.probe.command", "ordinal heads on the features in a table"),
}


def call(words: Sequence[str]) -> int:
    """Call the command that the first word names; without one, print them.

    Raises:
        UnknownName: there is none of this name.
    """
    if not words or words[0] in {"-h", "--help"}:
        lines = [f"  {name:<12} {summary}" for name, (_, summary) in sorted(COMMANDS.items())]
        sys.stdout.write("\n".join(["harness ordinal WHAT ...", "", *lines, ""]))
        return 0
    if words[0] not in COMMANDS:
        raise UnknownName.among("command of harness ordinal", words[0], COMMANDS)
    main: Callable[[Sequence[str]], int] = importlib.import_module(COMMANDS[words[0]][0]).main
    return main(words[1:])
