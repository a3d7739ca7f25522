"""The one thread that touches the model: it makes tokens while it has rows, and does what is asked of it in between."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TypeVar

from harness import BackendError
from harness.errors import described
from harness_backends.hf.continuous import Continuous

Result = TypeVar("Result")

log = logging.getLogger(__name__)

#: Seconds without a new request after which those that came together are taken to be all.
LINGER = 0.003
CLOSED = "the model was closed before this request was run"


class Worker:
    """Runs a generation in a thread of its own; nothing starts before the first request."""

    def __init__(self, generation: Continuous, *, enough: int) -> None:
        """Make one.

        Args:
            enough: So many requests at once are not waited for by others.
        """
        self._generation = generation
        self._enough = enough
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._door = threading.Lock()
        self._closed = False

    def do(self, work: Callable[[], None]) -> None:
        """Let something be done in the thread, between two tokens; it must not raise.

        Raises:
            BackendError: the thread has ended.
        """
        with self._door:
            if self._closed:
                raise BackendError(CLOSED)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="hf", daemon=True)
                self._thread.start()
            self._inbox.put(work)

    def call(self, work: Callable[[], Result]) -> Result:
        """Return what something returns that is done in the thread; waits for it."""
        result: Future[Result] = Future()

        def run() -> None:
            try:
                result.set_result(work())
            except BaseException as error:  # noqa: BLE001  # handed to whoever waits
                result.set_exception(error)

        self.do(run)
        return result.result()

    async def aclose(self) -> None:
        """End once what is in the inbox is done; waits for the thread, without another: at exit none can be had."""
        self._closed = True
        if self._thread is not None:
            self._inbox.put(lambda: None)
            while self._thread.is_alive():  # noqa: ASYNC110  # a thread sets no event of a loop that may be gone
                await asyncio.sleep(LINGER)

    def _work(self) -> None:
        error = BackendError(CLOSED)
        try:
            while not self._closed:
                self._receive()
                if self._generation.busy and not self._closed:
                    self._generation.turn()
        except Exception as raised:  # a fault of ours: those who wait must not wait for ever
            log.exception("the thread of the local model ended")
            error = BackendError(f"the thread of the local model ended: {described(raised)}")
        finally:
            with self._door:
                self._closed = True
            while not self._inbox.empty():  # those who wait for a call; rows that come in are refused with the others
                self._inbox.get()()
            self._generation.refuse(error)

    def _receive(self) -> None:
        """Do what came in; without rows, wait for something, and a little for what comes with it."""
        idle = not self._generation.busy
        if idle:
            self._inbox.get()()
        while self._generation.waiting < self._enough or not idle:
            try:
                work = self._inbox.get(timeout=LINGER) if idle else self._inbox.get_nowait()
            except Empty:
                return
            work()
