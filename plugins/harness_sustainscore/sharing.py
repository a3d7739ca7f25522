"""Equal parts of rows are kept once: few draws give the same counts again and again in the rows of a large run."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
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


def distinct(parts: Sequence[Part]) -> tuple[list[Part], list[int]]:
    """Return the different objects among parts, and which of them each part is: what is shared is looked at once.

    >>> first, second = (1, 2), (3, 4)
    >>> distinct([first, second, first])
    ([(1, 2), (3, 4)], [0, 1, 0])
    """
    objects = {id(part): part for part in parts}
    places = {key: place for place, key in enumerate(objects)}
    return list(objects.values()), [places[id(part)] for part in parts]
