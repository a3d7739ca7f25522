"""Generation without batches that wait: a row that ends leaves at once, and the next that waits takes its place."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch

from harness import BackendError, HarnessError, RequestFailed, Response
from harness_backends.hf.choosing import Chooser, chosen
from harness_backends.hf.decoding import Asked, Stops, continuation
from harness_backends.hf.engine import Engine, Room, give_back_memory, out_of_memory
from harness_backends.hf.forward import New, forward
from harness_backends.hf.prefill import TRUNK, begun, better_later, computed, grow_trunk, remembered, start_of
from harness_backends.hf.prefixes import Prefixes, Tokens, worth_sharing
from harness_backends.hf.rows import Rows, Trunk

#: Free places wait until so large a part of all can be filled in one pass, or so many tokens have gone by.
PART, PATIENCE = 8, 8
#: So many of those that wait are looked at for what they begin with in common.
SEEN = 128
ALONE_TOO_LARGE = (
    "hf: memory runs out for this request alone: lower --model-option max_length=N, "
    "use dtype=bfloat16, or a larger device"
)


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """A continuation under way."""

    asked: Asked
    chooser: Chooser
    #: Takes the answer; called once.
    done: Callable[[Response | Exception], None]
    #: Whether nobody waits for it any more.
    left: Callable[[], bool] = lambda: False
    made: list[int] = field(default_factory=list)
    trunk: Trunk | None = None
    #: Columns of its own that are computed.
    held: int = 0
    #: Whether a pass that it was in failed, so that it goes alone.
    suspect: bool = False

    @property
    def tokens(self) -> Tokens:
        """All its tokens so far."""
        return (*self.asked.tokens, *self.made) if self.made else self.asked.tokens

    @property
    def most(self) -> int:
        """How many tokens it may make."""
        return self.asked.request.sampling.max_tokens


class Continuous:
    """The rows that are generated, and those that wait for a place."""

    def __init__(self, engine: Engine, room: Room, prefixes: Prefixes) -> None:
        self._engine = engine
        self._room = room
        self._rows = Rows(0)
        self._active: list[Row] = []
        self._waiting: list[Row] = []
        self._prefixes = prefixes
        self._stops = Stops(engine)
        self._since = 0

    @property
    def busy(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._active or self._waiting)

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    def add(self, row: Row) -> None:
        """Let a row wait for its turn."""
        self._waiting.append(row)

    def refuse(self, error: HarnessError) -> None:
        """Tell all that nothing will come."""
        for row in (*self._active, *self._waiting):
            row.done(error)
        self._active, self._waiting = [], []

    @torch.inference_mode()
    def turn(self) -> None:
        """Fill free places, or make one token in each row."""
        self._waiting = [row for row in self._waiting if not row.left()]
        self._leave([row for row in self._active if row.left()])
        if self._engine.closing.is_set():
            self.refuse(BackendError("the model was closed while it generated"))
            return
        wave = self._waiting[:1] if self._should_fill() else []
        try:
            if wave and (wave := self._wave()):
                self._since = 0
                self._fill(wave)
            elif self._active:
                self._since += 1
                self._step()
        except Exception as error:  # noqa: BLE001  # it belongs to the rows of this pass
            self._failed(error, wave)

    def _should_fill(self) -> bool:
        if not self._waiting or len(self._active) >= self._room.most:
            return False
        free = self._places() - len(self._active)
        if free <= 0:
            return False
        enough = max(1, self._room.most // PART)
        return not self._active or min(free, len(self._waiting)) >= enough or self._since >= PATIENCE

    def _places(self) -> int:
        """Return how many rows may be in flight, by number and by memory."""
        each = self._engine.column_bytes
        if not each or not self._waiting:
            return self._room.most
        longest = max(
            (len(row.asked.tokens) + row.most - (row.trunk.length if row.trunk else 0) for row in self._active),
            default=0,
        )
        lead = self._waiting[0]
        need = max(longest, len(start_of(self._prefixes, lead.tokens).new) + lead.most)
        return max(1, min(self._room.most, self._room.row_bytes // (each * need)))

    def _wave(self) -> list[Row]:
        """Return rows that go in together: the one that waits longest, and those nearest to it in length.

        A row that begins like another of the wave waits until that one is computed, and takes over what it can.
        """
        lead, *others = self._waiting
        if lead.suspect:
            return [] if self._active else [lead]
        if self._active and any(row.suspect for row in self._active):
            return []
        self._share(lead, [row.tokens for row in others[:SEEN]])
        free = self._places() - len(self._active)
        near = sorted(others, key=lambda row: abs(len(row.asked.tokens) - len(lead.asked.tokens)))
        wave, taken = [lead], [lead.tokens]
        for row in near:
            if len(wave) >= free:
                break
            at = bisect_left(taken, row.tokens)
            if not row.suspect and not better_later(self._prefixes, row.tokens, taken[max(0, at - 1) : at + 1]):
                wave.append(row)
                insort(taken, row.tokens)
        return wave

    def _share(self, lead: Row, others: Sequence[Tokens]) -> None:
        """Compute the beginning that a row has in common with others that wait, if that is long."""
        length = min(worth_sharing(lead.tokens, others), len(lead.tokens) - 1)
        entry, match = self._prefixes.best(lead.tokens)
        stem = min(match, entry.stem) if entry else 0
        if length - stem >= TRUNK:
            grow_trunk(self._engine, self._prefixes, lead.tokens[:length])

    def _fill(self, wave: Sequence[Row]) -> None:
        """Compute the prompts of a wave and choose the first token of each row."""
        starts = [(row, start_of(self._prefixes, row.tokens)) for row in wave]
        starts.sort(key=lambda one: (id(one[1].trunk), len(one[1].new)))
        first = len(self._active)
        news = [begun(self._rows, first + place, start) for place, (_, start) in enumerate(starts)]
        rows = [row for row, _ in starts]
        logits = computed(self._engine, self._rows, first, news)
        for row, new in zip(rows, news, strict=True):
            row.trunk, row.held = new.trunk, new.held + len(new.tokens)
        for place, row in enumerate(rows):
            if not row.made:
                remembered(self._prefixes, self._rows, first + place, row.tokens, row.trunk)
        self._active += rows
        going = set(map(id, rows))
        self._waiting = [row for row in self._waiting if id(row) not in going]
        self._choose(rows, logits)

    def _step(self) -> None:
        """Make one more token in every row."""
        news = [New(tokens=row.made[-1:], trunk=row.trunk, held=row.held) for row in self._active]
        logits = forward(self._engine, self._rows, 0, news, keep=1)
        for row in self._active:
            row.held += 1
        self._choose(self._active, logits)

    def _choose(self, rows: Sequence[Row], logits: torch.Tensor) -> None:
        tokens = chosen(logits[:, -1], [(row.chooser, row.tokens if row.chooser.processors else ()) for row in rows])
        ended = []
        for row, token in zip(rows, tokens, strict=True):
            row.made.append(token)
            if self._stops.met(row.made, row.asked.stops) or len(row.made) >= row.most:
                ended.append(row)
        self._leave(ended)
        for row in ended:
            row.done(self._answer(row))

    def _answer(self, row: Row) -> Response | Exception:
        """Return what a row came to."""
        try:
            return continuation(self._engine, row.asked, row.made)
        except Exception as error:  # noqa: BLE001  # it belongs to this row alone
            return error

    def _leave(self, rows: Sequence[Row]) -> None:
        """Take rows out; the last ones move into their places."""
        for row in rows:
            slot = self._active.index(row)
            last = self._active.pop()
            if last is not row:
                self._rows.move(len(self._active), slot, last.held)
                self._active[slot] = last

    def _failed(self, error: Exception, wave: Sequence[Row]) -> None:
        """Take all rows back, to be computed again: fewer at a time where memory ran out, else one by one."""
        short = out_of_memory(error)
        rows = list(dict.fromkeys([*self._active, *wave]))
        self._active = []
        self._rows.release()
        self._prefixes.clear()
        give_back_memory(self._engine.device)
        for row in rows:
            row.trunk, row.held = None, 0
            row.suspect = not short
        if len(rows) == 1:
            self._waiting = [row for row in self._waiting if row is not rows[0]]
            rows[0].done(RequestFailed(ALONE_TOO_LARGE) if short else error)
            return
        if short:
            self._room.halve(len(rows))
        taken = set(map(id, rows))
        self._waiting = [*rows, *(row for row in self._waiting if id(row) not in taken)]
