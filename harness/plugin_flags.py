"""`--plugin` and `--disable-plugin` of a plugin's own command, so that they mean the same wherever they stand.

The command says `loads_plugins=True`, and the words stay with it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from harness.registry import Registry, load_registry


def add_plugin_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that load plugins."""
    parser.add_argument("--plugin", action="append", default=[], metavar="FILE", help="a Python file that is a plugin")
    parser.add_argument("--disable-plugin", action="append", default=[], metavar="NAME", help="a plugin to leave out")


def loaded(given: argparse.Namespace, files: Sequence[str] = ()) -> Registry:
    """Return the plugins that the flags ask for, after those of further files.

    Raises:
        HarnessError: a plugin that is not there, or two that do not go together.
    """
    return load_registry(files=[*files, *given.plugin], disabled=given.disable_plugin).checked()


def plugin_words(registry: Registry) -> list[str]:
    """Return the flags that load the same plugins in another command.

    >>> plugin_words(Registry(files=("mine.py",), disabled=("ray",)))
    ['--plugin', 'mine.py', '--disable-plugin', 'ray']
    """
    files = [word for file in registry.files for word in ("--plugin", file)]
    return files + [word for name in registry.disabled for word in ("--disable-plugin", name)]
