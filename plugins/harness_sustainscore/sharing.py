"""Equal parts of rows are kept once: few draws give the same counts again and again in the rows of a large run."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TypeVar

#: Different parts that are remembered.
PARTS = 65_536

Part = TypeVar("Part")


@lru_cache(maxsize=PARTS)
def shared(part: Part) -> Part:
    """Return the first of equal parts."""
    return part


@lru_cache(maxsize=PARTS)
def made(kind: Callable[..., Part], **fields: Hashable) -> Part:
    """Return what is made of some fields; the first, where the same was made of equal ones."""
    return kind(**fields)
