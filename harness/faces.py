"""Public faces whose names are found when they are asked for: nobody waits for what he does not use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any


def face(package: str, names: Sequence[str], homes: Sequence[str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package.

    Args:
        package: its `__name__`.
        names: its `__all__`.
        homes: its modules in which the names live, in the order in which they are looked into: the light ones first.
    """

    def found(name: str) -> Any:
        if name in names:
            for home in homes:
                module = import_module(f"{package}.{home}")
                if hasattr(module, name):
                    value = getattr(module, name)
                    setattr(sys.modules[package], name, value)  # so that it is looked for once
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return found
