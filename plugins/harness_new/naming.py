"""The names of a package, from the one that its author gives."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass

from harness.errors import HarnessError
from harness.hookspecs import PROJECT

PREFIX = "harness-"
#: Small letters and digits, parted by single dashes; what every registry takes, and Python as a module.
GOOD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a package is called by whom."""

    #: In `harness plugins`: its entry point.
    plugin: str

    @property
    def distribution(self) -> str:
        """What pip calls it, and its folder."""
        return f"{PREFIX}{self.plugin}"

    @property
    def module(self) -> str:
        """What Python imports."""
        return self.distribution.replace("-", "_")

    @property
    def snake(self) -> str:
        """The plugin's name as a part of other names."""
        return self.plugin.replace("-", "_")


def named(word: str) -> Named:
    """Return the names of a package.

    >>> named("harness-plain-words").module, named("plain-words").plugin
    ('harness_plain_words', 'plain-words')

    Raises:
        HarnessError: it is no name, or one that is taken.
    """
    plugin = word.removeprefix(PREFIX)
    if not GOOD.fullmatch(plugin) or len(plugin) > LONGEST:
        raise HarnessError(
            f"{word!r} is no name for a plugin: small letters and digits, parted by dashes, beginning with a letter, "
            f"{LONGEST} at the most; for example {suggestion(word)}"
        )
    made = Named(plugin=plugin)
    taken = {point.name: point for point in importlib.metadata.entry_points(group=PROJECT)}
    if plugin in taken:
        owner = taken[plugin].dist
        raise HarnessError(
            f"{word!r}: {owner.name if owner else taken[plugin].value} has a plugin of that name already"
        )
    if importlib.util.find_spec(made.module) is not None:
        raise HarnessError(f"{word!r}: there is a module {made.module} already")
    return made


def suggestion(word: str) -> str:
    """Return a name near to a word.

    >>> suggestion("My_Plugin 2"), suggestion("7"), suggestion("é!")
    ('my-plugin-2', 'plugin-7', 'my-plugin')
    """
    found = re.sub(r"[^a-z0-9]+", "-", word.lower().removeprefix(PREFIX))[: LONGEST + 1].strip("-")[:LONGEST].strip("-")
    if not found:
        return "my-plugin"
    return found if found[0].isalpha() else f"plugin-{found}"
