"""Work on many parts by all cores, where it is worth it, with the results in the order of the parts.

The processes are forks: what they work with, tasks and metrics of plugins, is there already and need not be sent.
They take no lock that another thread may have held, as they print nothing and wait for nothing but their work. What
they send is pickled by `multiprocessing`, which is safe here: a process reads what its own forks wrote, and no file.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar

from harness.garbage import settled

log = logging.getLogger(__name__)

Part = TypeVar("Part")
Result = TypeVar("Result")

#: Fewer parts are sooner done than shared.
WORTH_SHARING = 8


def in_order(work: Callable[[Part], Result], parts: Sequence[Part], cores: int | None = None) -> Iterator[Result]:
    """Yield what each part comes to, in order; whatever the work raises, its first part raises here.

    Args:
        work: of one part.
        parts: a second's work each, or thereabouts.
        cores: None: those that this process may use; one alone where the parts are few, or forks are not safe.
    """
    cores = usable_cores(len(parts)) if cores is None else cores
    if cores == 1:
        yield from map(work, parts)
        return
    with settled():  # what all of them have in common stays in common
        yield from by_forks(work, parts, cores)


def usable_cores(parts: int) -> int:
    """Return how many cores are worth using for so many parts."""
    if parts < WORTH_SHARING or sys.platform != "linux":
        return 1
    return min(parts, len(os.sched_getaffinity(0)))


def by_forks(work: Callable[[Part], Result], parts: Sequence[Part], cores: int) -> Iterator[Result]:
    """Share the parts among forks, each of which takes every n-th, and yield the results in order.

    What a fork did not bring, because the work failed, the result cannot be sent or somebody ended it, is done here.
    """
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    forks = []
    try:
        for core in range(cores):
            receive, send = context.Pipe(duplex=False)
            pipes.append(receive)
            forks.append(context.Process(target=do, args=(work, parts[core::cores], send, tuple(pipes)), daemon=True))
            forks[-1].start()
            send.close()
        for number, part in enumerate(parts):
            try:
                yield pipes[number % cores].recv()
            except EOFError:
                log.debug("part %s of %s: its fork ended; it is done here", number + 1, len(parts))
                yield work(part)
    finally:
        for fork in forks:
            fork.kill()
            fork.join()


def do(work: Callable[[Part], Result], parts: Sequence[Part], send: Connection, others: Sequence[Connection]) -> None:
    """Do the work of a fork, until all is done or there is nobody who would read it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent ends its forks
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for pipe in others:  # else this process were its own reader, and outlived the parent
        pipe.close()
    with suppress(Exception):  # the parent does it again, and raises it where it can be told
        for part in parts:
            send.send(work(part))
