"""Few-shot examples as lm-eval draws them, in any order of asking: its generator is advanced document by document."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


class Replay:
    """Stands in for a task's sampler, and hands out what was drawn for the document at hand."""

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler
        self.chosen: Sequence[Row] = ()

    def sample(self, *_: Any, **__: Any) -> Sequence[Row]:
        """Return the examples of the document at hand."""
        return self.chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots:
    """The examples of every document of a task."""

    replay: Replay
    #: The rows that were drawn from, and where each stands among them, by identity.
    pool: list[Row] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    #: Examples a document.
    number: int
    #: Row of a document, where it must not be its own example; None where the examples come from another split.
    row: Callable[[int], Row] | None
    #: Examples of all documents as far as drawn, `number` each, by their places.
    drawn: array[int] = field(default_factory=lambda: array("I"))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def choose(self, index: int) -> None:
        """Make the examples of a document the ones that the replay hands out."""
        for later in range(len(self.drawn) // self.number, index + 1):
            own = None if self.row is None else self.row(later)
            chosen = self.replay.sampler.sample(n=self.number, eval_doc=own)
            self.drawn.extend(map(self.place, chosen))
        start = index * self.number
        self.replay.chosen = [self.pool[place] for place in self.drawn[start : start + self.number]]

    def place(self, row: Row) -> int:
        """Return where a row stands in the pool; one that is new is added."""
        found = self.places.setdefault(id(row), len(self.pool))
        if found == len(self.pool):
            self.pool.append(row)
        return found


#: Documents whose renderings are remembered: those in flight.
KEPT = 1024


class Remembered:
    """A rendering method of a task that works out each example, and each document in flight, once.

    Only for arguments that are rows: they are told apart by identity, and held for as long as they are remembered.
    """

    def __init__(self, method: Callable[..., Any], pool: Sequence[Row]) -> None:
        self.method = method
        self.pool = {id(row): row for row in pool}
        self.known: dict[tuple[int, int], Any] = {}
        self.recent: dict[int, tuple[Row, Any]] = {}

    def __call__(self, doc: Row, *how: Any) -> Any:
        """Return what the method returns; `how` is a template in place of the task's own."""
        if id(doc) in self.pool:
            key = (id(doc), id(how[0]) if how else 0)
            if key not in self.known:
                self.known[key] = self.method(doc, *how)
            return self.known[key]
        if how:
            return self.method(doc, *how)
        known = self.recent.get(id(doc))
        if known is None:
            if len(self.recent) >= KEPT:
                self.recent.clear()  # in one step: answers are scored in several threads
            known = self.recent[id(doc)] = (doc, self.method(doc))
        return known[1]
