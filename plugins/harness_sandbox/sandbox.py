"""A pool of workers in one layer: programs in, outcomes out, a worker that ends replaced."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Collection

from harness.errors import SandboxError
from harness_sandbox.layers import Layer
from harness_sandbox.outcome import Outcome
from harness_sandbox.worker import Ended, Worker

#: Seconds on the clock for a second of CPU time.
PATIENCE = 3.0
#: How many times those seconds are given at the most where others leave a program little of the processor.
BUSY = 5
#: A machine is never taken to be slower than this many times the one that time limits are meant for.
SLOWEST = 20.0
#: A worker waits as long as it works: for a fork, for the other side of the channel.
WORKERS_A_CORE = 2
#: Workers at the most.
MOST = 16


class Sandbox:
    """Runs programs in one layer, some at a time; safe to call from threads."""

    def __init__(self, layer: Layer, *, memory_mb: int = 512, workers: int | None = None) -> None:
        """Start the first worker, so that a layer that does not work is known at once.

        Raises:
            SandboxError: it does not.
        """
        self.layer, self.memory_mb = layer, memory_mb
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self.free = threading.Semaphore(workers or min(WORKERS_A_CORE * cores, MOST))
        self.idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.workers: set[Worker] = set()
        self.closed = False
        first = self._started()
        self.facts = dict(first.facts)
        #: How many times longer this machine takes than the one that time limits are meant for; at least once.
        self.slowness = min(max(1.0, float(first.facts["speed"])), SLOWEST)
        self.bounds = first.group.bounds if first.group else frozenset()
        self.idle.put(first)

    def judge(self, program: str, tests: str = "", *, tested: Collection[str] = (), timeout: float = 10.0) -> Outcome:
        """Run a program against its tests; see `harness_sandbox.judge`."""
        seconds = timeout * self.slowness
        clock = seconds * PATIENCE
        limits = {"seconds": seconds, "clock": clock, "most": clock * BUSY, "memory_mb": self.memory_mb}
        told = {"tests": tests, "tested": list(tested), "seconds": seconds}
        with self.free:
            for _ in range(2):
                worker = self._taken()
                try:
                    ending = worker.run(program, told, limits)
                except Ended as error:
                    self._gone(worker)
                    if error.memory:
                        return Outcome(status="memory", detail="killed for want of memory")
                    why = error
                except BaseException:  # an interrupt leaves the conversation in the middle
                    self._gone(worker)
                    raise
                else:
                    if ending["spent"]:
                        self._gone(worker)
                    else:
                        self.idle.put(worker)
                    return Outcome(status=ending["status"], detail=ending["detail"], output=ending["output"])
        raise SandboxError(f"sandbox {self.layer.name}: its worker ended twice over one program: {why}")

    def _taken(self) -> Worker:
        try:
            return self.idle.get_nowait()
        except queue.Empty:
            return self._started()

    def _started(self) -> Worker:
        worker = Worker(self.layer, self.memory_mb)
        with self.lock:
            self.workers.add(worker)
        return worker

    def _gone(self, worker: Worker) -> None:
        with self.lock:
            self.workers.discard(worker)
        worker.close()

    def close(self) -> None:
        """End every worker."""
        with self.lock:
            left, self.workers, self.closed = self.workers, set(), True
        for worker in left:
            worker.close()
