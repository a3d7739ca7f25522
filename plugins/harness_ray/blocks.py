"""Documents in blocks: which are to be worked on, which are out, which have come back. Knows nothing of Ray."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: How often a block may cost the worker that has it before it is given up.
STRIKES = 3


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Block:
    """Neighbouring documents of one task: `start` (inclusive) to `stop` (exclusive)."""

    #: Its place among all blocks of the run.
    number: int
    task: str
    start: int
    stop: int


def blocks(counts: Mapping[str, int], size: int) -> Iterator[Block]:
    """Yield the blocks of a run in order.

    >>> [(one.number, one.task, one.start, one.stop) for one in blocks({"a": 3, "b": 1}, 2)]
    [(0, 'a', 0, 2), (1, 'a', 2, 3), (2, 'b', 0, 1)]
    """
    number = 0
    for task, count in counts.items():
        for start in range(0, count, size):
            yield Block(number=number, task=task, start=start, stop=min(start + size, count))
            number += 1


@dataclass(slots=True, kw_only=True)
class Board:
    """Where every block stands. Blocks leave in order, come back in any, and are delivered in order."""

    fresh: Iterator[Block]
    #: How many blocks may be out or wait for an older one: what bounds memory.
    window: int
    #: The oldest block that has not been delivered.
    oldest: int = 0
    #: Blocks that are to be worked on anew, and the next of the fresh ones.
    again: list[Block] = field(default_factory=list)
    peeked: Block | None = None
    #: Who has which block.
    out: dict[int, tuple[str, Block]] = field(default_factory=dict)
    #: Blocks that are back: the records of their documents as lines.
    back: dict[int, list[bytes]] = field(default_factory=dict)
    strikes: dict[int, int] = field(default_factory=dict)

    def take(self, worker: str) -> Block | None:
        """Hand a block to a worker; None if there is none just now."""
        block = heapq.heappop(self.again) if self.again else self._next()
        if block is not None:
            self.out[block.number] = worker, block
        return block

    def _next(self) -> Block | None:
        if self.peeked is None:
            self.peeked = next(self.fresh, None)
        if self.peeked is None or self.peeked.number >= self.oldest + self.window:
            return None
        block, self.peeked = self.peeked, None
        return block

    @property
    def done(self) -> bool:
        """Whether nothing is left to be handed out, now or later."""
        if self.peeked is None:
            self.peeked = next(self.fresh, None)
        return self.peeked is None and not self.again and not self.out

    def give(self, number: int, lines: list[bytes]) -> bool:
        """Take a block back; return whether it was missing: a lost worker's may come twice."""
        if number < self.oldest or number in self.back:
            return False
        self.out.pop(number, None)
        self.again = [block for block in self.again if block.number != number]
        heapq.heapify(self.again)
        self.back[number] = lines
        return True

    def deliver(self, number: int) -> list[bytes] | None:
        """Give a block's lines away, for good; None if it is not back yet. Asked for in order."""
        lines = self.back.pop(number, None)
        if lines is not None:
            self.oldest = number + 1
        return lines

    def lose(self, worker: str) -> list[Block]:
        """Take what a worker had for work to be done anew; return the blocks that have cost too many workers."""
        mine = [block for owner, block in self.out.values() if owner == worker]
        for block in mine:
            del self.out[block.number]
            heapq.heappush(self.again, block)
            self.strikes[block.number] = self.strikes.get(block.number, 0) + 1
        return [block for block in mine if self.strikes[block.number] >= STRIKES]
