"""How a run goes, on standard error: one line that moves on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.run import Progress

#: Seconds between two plain lines, and between two redraws of the moving one.
PLAIN_SECONDS, MOVING_SECONDS = 10.0, 0.1


def progress_text(progress: Progress, seconds: float) -> str:
    """Return documents, speed, solved share and time left."""
    counts = progress.counts
    asked = counts.answered + counts.failed
    parts = [f"{progress.done:,}/{progress.total:,} documents"]
    if seconds > 0:
        parts.append(f"{asked / seconds:,.1f} requests/s")
        tokens = counts.prompt_tokens + counts.completion_tokens
        if tokens:
            parts.append(f"{tokens / seconds:,.0f} tokens/s")
    if counts.cost is not None:
        parts.append(f"{counts.cost:,.2f} spent")
    if counts.remembered:
        parts.append(f"{counts.remembered:,} from the store")
    if "solved" in progress.marks:
        parts.append(f"{progress.marks['solved'] / progress.done:.0%} solved")
    if counts.failed:
        parts.append(f"{counts.failed:,} failed")
    if 0 < progress.done < progress.total:
        parts.append(f"{clock(seconds * (progress.total - progress.done) / progress.done)} left")
    return " · ".join(parts)


def clock(seconds: float) -> str:
    """Return a duration.

    >>> clock(75), clock(3700)
    ('1:15', '1:01:40')
    """
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


@contextmanager
def watching() -> Iterator[Callable[[Progress], None]]:
    """Give a watch for `harness.run.run`, and leave a clean line behind."""
    moving = sys.stderr.isatty()
    begun = last = time.monotonic()
    drawn = 0

    def watch(progress: Progress) -> None:
        nonlocal last, drawn
        moment = time.monotonic()
        pause = MOVING_SECONDS if moving else PLAIN_SECONDS
        if moment - last < pause and progress.done != progress.total:
            return
        last = moment
        text = progress_text(progress, moment - begun)
        if moving:
            sys.stderr.write("\r" + text.ljust(drawn))
            drawn = len(text)
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    try:
        yield watch
    finally:
        if moving and drawn:
            sys.stderr.write("\n")
