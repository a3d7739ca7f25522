"""The garbage collector while the program runs: it looks through what documents make, not through all there is."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects before it looks through the youngest. A document makes hundreds, and nearly all go without its help.
OFTEN = 20_000


@contextmanager
def settled() -> Iterator[None]:
    """Take all that is there to stay: tasks, templates and libraries are hundreds of thousands of objects.

    Looking through them again and again took a quarter of the processor time of a run. Afterwards all is as before.
    """
    before = gc.get_threshold()
    gc.freeze()
    if before[0]:  # 0: somebody has switched it off
        gc.set_threshold(max(OFTEN, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
