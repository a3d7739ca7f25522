"""One generated program, from its text to its outcome: the side that is trusted and waits."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

#: "passed": ran to its end. "failed": raised, or ended early. "timeout": too long on the wall clock or the CPU.
#: "memory": needed more than it was given. "crashed": killed by a signal. "syntax": not a Python program.
Status = Literal["passed", "failed", "timeout", "memory", "crashed", "syntax"]

#: Run by path, so that nothing of the package is imported in the child.
SUPERVISOR = Path(__file__).with_name("supervisor.py")

#: Seconds on the clock for a second of CPU time.
PATIENCE = 3.0
#: What the supervisor may need beyond the program's own time: starting, killing, reporting.
GRACE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a program ended."""

    status: Status
    #: The exception or the reason, in one line; written by the program, so never to be trusted.
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether every statement of the program ran."""
        return self.status == "passed"


def run_program(source: str, *, timeout: float = 10.0, memory_mb: int = 512) -> Outcome:
    r"""Run a Python program, its tests at its end, and tell how it ended.

    It passes only if its last statement was executed: an early exit of any kind is a failure. It sees
    the standard library, an empty environment, an empty folder and no open files; where the system
    allows, no network, no other process and no right to write outside its folder. Blocks until it ended,
    so call it from a thread.

    Args:
        source: the program; not run as `__main__`, so that its demonstration code stays unused.
        timeout: seconds of CPU time that each of its processes may take; on the clock it may take three times as
            many, so that a busy machine does not turn right answers wrong.
        memory_mb: address space of each of its processes, in MiB.

    Raises:
        RuntimeError: the sandbox itself failed, which says nothing of the program.

    >>> run_program("import json\nassert json.loads('[1]') == [1]").status
    'passed'
    >>> run_program("assert 1 + 1 == 3, 'sum'")
    Outcome(status='failed', detail='AssertionError: sum (line 1)')
    """
    try:
        text = source.encode()
    except UnicodeEncodeError as error:  # a lone surrogate cannot stand in a source file
        return Outcome(status="syntax", detail=f"UnicodeEncodeError: {error}")
    nonce = secrets.token_bytes(16).hex().encode()
    folder = tempfile.mkdtemp(prefix="harness-sandbox-")
    try:
        report = _supervised(text, nonce, folder, timeout, memory_mb)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _outcome(report, nonce)


def _supervised(source: bytes, nonce: bytes, folder: str, timeout: float, memory_mb: int) -> bytes:
    """Return what the supervisor of one program reports."""
    clock = timeout * PATIENCE
    numbers = (str(len(source)), str(timeout), str(clock), str(memory_mb))
    command = [sys.executable, "-S", "-s", "-P", "-B", "-X", "utf8", str(SUPERVISOR), *numbers]
    # Everything the program may know of the environment; a fixed hash seed, so that a verdict is repeatable.
    environment = {
        "PYTHONHASHSEED": "0",
        "PATH": "/usr/bin:/bin",
        "HOME": folder,
        "TMPDIR": folder,
        "LC_ALL": "C.UTF-8",
    }
    with subprocess.Popen(  # noqa: S603  # our own file, run by our own interpreter
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            report, complaint = process.communicate(source + nonce, timeout=clock + GRACE)
        except BaseException:  # an interrupt, too, must leave nothing running
            process.kill()
            raise
    if process.returncode:
        said = complaint.decode(errors="replace").strip()[-500:]
        raise RuntimeError(f"sandbox: its supervisor ended with status {process.returncode}: {said}")
    return report


def _outcome(report: bytes, nonce: bytes) -> Outcome:
    """Return the outcome that a report states, if it is the supervisor's own."""
    head, _, rest = report.partition(b"\n")
    status, _, detail = rest.decode(errors="replace").partition("\n")
    if head != nonce or status not in get_args(Status):
        raise RuntimeError("sandbox: its supervisor gave no readable report")
    return Outcome(status=cast("Status", status), detail=detail)
