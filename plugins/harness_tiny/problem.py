"""What the three domains hand over: one problem with its reasoning, kept apart from the form in which it is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One question, its gold answer, and the steps that lead to it.

    `key` names the point of the problem space, without what is decoration in it (names, things, wording): the split
    between training and evaluation is drawn from it.
    """

    domain: str
    key: str
    question: str
    gold: str
    steps: tuple[str, ...]  # bare: "12 + 7 = 19"
    sentences: tuple[str, ...]  # the same steps, each a full sentence
    lead: str = ""  # what a bare step begins with where it begins a line
    home: str  # the form in which this kind of problem is most often answered
    entry_point: str = ""
    parameters: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # the Python type of each parameter, then that of the result
    tests: tuple[str, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether this problem may only be used to evaluate."""
        return held_out(self.key)


def held_out(key: str) -> bool:
    """Return whether the problems of this key are kept from training: one key in ten is.

    >>> sum(held_out(f"words:{n}") for n in range(1000))
    107
    """
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10 == 0


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a text.

    >>> listed("tea milk")
    ('tea', 'milk')
    """
    return tuple(words.split())
