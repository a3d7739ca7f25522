r"""Answers in LaTeX, compared by what they mean: math-verify decides, in a process that can be stopped.

math-verify bounds its time by signals, which only a main thread can receive, and no signal interrupts
`9^{9^{9^9}}` inside one big multiplication. So it runs in a process of its own, started when first needed.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

#: Seconds that one comparison may take; what takes longer counts as not equal, as in math-verify itself.
TIMEOUT = 20.0
#: Seconds that the process may take to start.
STARTING = 120.0
#: Longer answers are no answers, and no parser should see them.
LONGEST = 20_000

WORKER = Path(__file__).with_name("latex_worker.py")


def boxed(text: str) -> str | None:
    r"""Return what the last `\boxed{...}` of a text holds; None without a complete one.

    >>> boxed(r"so \boxed{1} or rather \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    >>> boxed(r"unfinished \boxed{\frac{1}{2}") is None
    True
    """
    start = max(text.rfind(r"\boxed{"), text.rfind(r"\fbox{"))
    if start < 0:
        return None
    start = text.index("{", start) + 1
    depth = 1
    for place in range(start, len(text)):
        if text[place - 1] == "\\":
            continue
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[start:place].strip()
    return None


def same(gold: str, answer: str) -> bool:
    r"""Whether two LaTeX expressions mean the same.

    >>> same(r"\frac{1}{2}", "0.5"), same("(1,2)", "(2,1)")
    (True, False)
    """
    return gold.strip() == answer.strip() or _COMPARISON.asked(rf"\boxed{{{gold}}}", rf"\boxed{{{answer}}}")


def states(gold: str, text: str) -> bool:
    """Whether the answer that a whole text seems to give, in a box or not, means the same as the right one."""
    return _COMPARISON.asked(rf"\boxed{{{gold}}}", text[-LONGEST:])


@dataclass
class Comparison:
    """The process that compares; not frozen, because it is started again whenever it had to be stopped."""

    process: subprocess.Popen[bytes] | None = None
    #: Whose child it is: a fork of this process must not talk to its parent's.
    owner: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def asked(self, gold: str, answer: str) -> bool:
        """Whether an answer means the same as the right one; False, too, if that cannot be told in time."""
        if len(answer) > LONGEST or not answer.strip():
            return False
        with self._lock:
            process = self._running()
            reply = self._reply(process, json.dumps([gold, answer]).encode() + b"\n", TIMEOUT)
            if reply not in {b"0", b"1"}:
                self.stop()
            return reply == b"1"

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.owner == os.getpid() and self.process.poll() is None:
            return self.process
        command = [sys.executable, str(WORKER)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)  # noqa: S603
        self.process, self.owner = process, os.getpid()
        if self._reply(process, b"", STARTING) != b"!":
            self.stop()
            raise RuntimeError("math-verify did not start; try `python -c 'import math_verify'`")
        return process

    @staticmethod
    def _reply(process: subprocess.Popen[bytes], question: bytes, timeout: float) -> bytes:
        """Return one byte from the process, b"" if none comes in time or it ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(question)
        except BrokenPipeError:
            return b""
        ready = select.select([process.stdout], [], [], timeout)[0]
        return process.stdout.read(1) if ready else b""

    def stop(self) -> None:
        """End the process, if it is ours."""
        process, self.process = self.process, None
        if process is not None and self.owner == os.getpid():
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


_COMPARISON = Comparison()
atexit.register(_COMPARISON.stop)
