"""Prompts whose keys and values are kept, found again by their longest common beginning with a new one."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness_backends.hf.rows import Kept, Trunk

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A prompt, and what a row that begins with it can take over: a trunk, and the columns after it."""

    tokens: Tokens
    trunk: Trunk | None
    kept: Kept

    @property
    def stem(self) -> int:
        """How many of the tokens stand in the trunk."""
        return self.trunk.length if self.trunk else 0


class Prefixes:
    """The prompts seen last, within a bound on bytes; the one used longest ago goes first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._sorted: list[Tokens] = []
        self._entries: OrderedDict[Tokens, Entry] = OrderedDict()
        #: How many prompts stand on a trunk, by its identity: its bytes count once.
        self._standing: Counter[int] = Counter()
        self._cuts: dict[tuple[int, int], tuple[Trunk, Trunk]] = {}

    def best(self, tokens: Tokens) -> tuple[Entry | None, int]:
        """Return the prompt with the longest common beginning, and its length; it is a neighbour in sorted order."""
        at = bisect_left(self._sorted, tokens)
        near = self._sorted[max(0, at - 1) : at + 1]
        found = max(near, key=lambda one: (shared(one, tokens), self._entries[one].stem), default=None)
        if found is None or not (length := shared(found, tokens)):
            return None, 0
        self._entries.move_to_end(found)
        return self._entries[found], length

    def add(self, entry: Entry) -> None:
        """Keep a prompt; one that is kept already is replaced."""
        self._drop(entry.tokens)
        insort(self._sorted, entry.tokens)
        self._entries[entry.tokens] = entry
        self._bytes += entry.kept.size
        if entry.trunk is not None:
            self._standing[id(entry.trunk)] += 1
            self._bytes += entry.trunk.kept.size * (self._standing[id(entry.trunk)] == 1)
        while self._bytes > self._most and len(self._entries) > 1:
            self._drop(next(iter(self._entries)))

    def add_trunk(self, tokens: Tokens, trunk: Trunk) -> None:
        """Keep a trunk, and let prompts that begin with it stand on it."""
        first = bisect_left(self._sorted, tokens)
        above = []
        for one in self._sorted[first:]:
            if one[: len(tokens)] != tokens:
                break
            above.append(self._entries[one])
        for entry in above:
            if entry.stem < trunk.length:
                rest = entry.kept.since(trunk.length - entry.stem)
                self.add(Entry(tokens=entry.tokens, trunk=trunk, kept=rest))
        self.add(Entry(tokens=tokens, trunk=trunk, kept=Kept()))

    def cut(self, trunk: Trunk, length: int) -> Trunk:
        """Return the beginning of a trunk, the same one each time, so that rows on it are seen to be together."""
        key = id(trunk), length
        if key not in self._cuts:
            self._cuts[key] = trunk, Trunk(length=length, kept=trunk.kept.cut(length))
        return self._cuts[key][1]

    def clear(self) -> None:
        """Forget all, to give their memory back."""
        self._entries.clear()
        self._sorted.clear()
        self._standing.clear()
        self._cuts.clear()
        self._bytes = 0

    def _drop(self, tokens: Tokens) -> None:
        entry = self._entries.pop(tokens, None)
        if entry is None:
            return
        del self._sorted[bisect_left(self._sorted, tokens)]
        self._bytes -= entry.kept.size
        if entry.trunk is not None:
            self._standing[id(entry.trunk)] -= 1
            if not self._standing[id(entry.trunk)]:
                self._bytes -= entry.trunk.kept.size
                self._cuts = {key: cut for key, cut in self._cuts.items() if key[0] != id(entry.trunk)}


def shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences begin with in common.

    >>> shared((1, 2, 3, 4), (1, 2, 4)), shared((), (1,)), shared((1, 2), (1, 2))
    (2, 0, 2)
    """
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while low < high - 1:  # the first `low` are equal, the first `high` are not
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def worth_sharing(lead: Tokens, others: Iterable[Tokens]) -> int:
    """Return the beginning of a prompt that saves most if it is computed once: its length times those who have it.

    >>> worth_sharing((1, 2, 3, 4, 5), [(1, 2, 3, 4, 9), (1, 2, 8), (1, 2, 7)])
    2
    >>> worth_sharing((1, 2), [])
    0
    """
    lengths = sorted((shared(lead, other) for other in others), reverse=True)
    return max(zip(lengths, range(1, len(lengths) + 1), strict=True), key=lambda one: one[0] * one[1], default=(0, 0))[
        0
    ]
