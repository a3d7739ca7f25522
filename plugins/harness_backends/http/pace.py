"""How many requests are in flight: more while that brings more answers, fewer when the server says it is too much.

Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989). A round is as many answers as the limit
allows in flight, all of them sent under that limit. At first the limit doubles, after half a round: the other half was
sent just before the last step. From the first sign of too much on it grows by a sixteenth after a whole one. A step
that brings less than a quarter of the answers it should - latency grew instead - is taken back, and tried again ten
rounds later. A 429, 503, 529 or time-out multiplies the limit by 0.7, once a round.
"""

from __future__ import annotations

import asyncio
from collections import deque

from harness_backends.http.faults import LONGEST_ASKED

#: In flight at first.
FIRST = 32
#: Answers in a round, at least: fewer tell little of a mean.
LEAST_ROUND = 16
#: A small step is this part of the limit.
STEP = 16
#: What is left of the limit after a refusal.
CUT = 0.7
#: The part of the answers per second that a step should bring, below which it is taken back.
WORTH = 0.25
#: Rounds before a step that was taken back is tried again.
HOLD = 10


class Pace:
    """The limit on requests in flight to one server, and the gate that keeps it."""

    def __init__(self, most: int, *, adaptive: bool = True) -> None:
        self.most = most
        self.limit = min(FIRST, most) if adaptive else most
        self._adaptive = adaptive
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._resume = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._doubling = True
        self._hold = 0
        #: The limit before the last step, and the answers per second that it brought.
        self._before: tuple[int, float] | None = None
        self._begin_round(0.0)

    async def enter(self) -> float:
        """Wait for a place; return the time at which it was had."""
        loop = asyncio.get_running_loop()
        if self._busy < self.limit and not self._waiting and self._resume <= loop.time():
            self._busy += 1
            return loop.time()
        self._filled = True
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise
        return loop.time()

    def leave(self) -> None:
        """Give a place back."""
        self._busy -= 1
        self._filled = self._filled or bool(self._waiting)
        self._admit()

    def answered(self, begun: float) -> None:
        """Note an answer to a request that had its place at `begun`."""
        if not self._adaptive or begun < self._since:
            return
        moment = asyncio.get_running_loop().time()
        self._answers += 1
        self._seconds += moment - begun
        if self._answers >= max(self.limit // 2 if self._doubling else self.limit, LEAST_ROUND):
            if self._filled:
                self._step(self.limit * self._answers / max(self._seconds, 1e-9))
            self._begin_round(moment)

    def refused(self, begun: float, wait: float | None = None) -> None:
        """Note that the server had too much to do for a request that had its place at `begun`.

        Args:
            begun: a request sent before the last cut is no news.
            wait: seconds for which the server wants nothing more at all.
        """
        moment = asyncio.get_running_loop().time()
        if wait and wait <= LONGEST_ASKED:
            self._resume = max(self._resume, moment + wait)
        if self._adaptive and begun >= self._since:
            self.limit = max(1, int(self.limit * CUT))
            self._doubling, self._before, self._hold = False, None, 0
            self._begin_round(moment)

    def _begin_round(self, moment: float) -> None:
        self._since = moment
        self._answers = 0
        self._seconds = 0.0
        #: Whether anybody had to wait: otherwise the limit limits nothing, and its answers tell nothing of it.
        self._filled = False

    def _step(self, rate: float) -> None:
        """Choose the limit of the next round after one that brought `rate` answers a second."""
        if self._hold:
            self._hold -= 1
            return
        if self._before is not None:
            limit, had = self._before
            if rate / had < 1 + WORTH * (self.limit / limit - 1):
                self.limit, self._before = limit, None
                self._doubling, self._hold = False, HOLD
                return
        if self.limit < self.most:
            self._before = (self.limit, rate)
            step = self.limit if self._doubling else max(1, self.limit // STEP)
            self.limit = min(self.most, self.limit + step)
            self._admit()

    def _admit(self) -> None:
        """Let in as many as there are places for; after a pause, once it is over."""
        if not self._waiting or self._busy >= self.limit:
            return
        loop = asyncio.get_running_loop()
        if self._resume > loop.time():
            if self._alarm is None:
                self._alarm = loop.call_at(self._resume, self._wake)
            return
        while self._waiting and self._busy < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)

    def _wake(self) -> None:
        self._alarm = None
        self._admit()
