"""A limit on how long foreign code may take: a hostile regular expression would else hold a run for ever."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(Exception):
    """Foreign code ran longer than it may."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs within after so many seconds, even inside a regular expression, which answers to signals.

    Only in the main thread, which alone can be interrupted; elsewhere it changes nothing. A timer that was set before
    goes on afterwards.

    Raises:
        TookTooLong: it did not end in time.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong(f"took longer than {seconds:g} seconds")

    begun = time.monotonic()
    before = signal.signal(signal.SIGALRM, stop)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - begun), 1e-6), interval)
