"""One fork server, from the trusted side: started, asked, and ended with everything that is below it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import SandboxError
from harness_sandbox import cgroups
from harness_sandbox.inside.wire import Channel, framed
from harness_sandbox.layers import ENVIRONMENT, TEXTS, Layer

#: Seconds for a worker to start, on a busy machine; beyond a program's own time, for forking, killing, reporting.
STARTING, GRACE = 60.0, 30.0
NUMBERS = itertools.count()


def swept() -> None:
    """Delete what workers of a process that was killed left behind: empty folders and control groups."""
    cgroups.swept()
    for folder in Path(tempfile.gettempdir()).glob(f"{cgroups.PREFIX}-*"):
        if cgroups.orphaned(folder):
            with contextlib.suppress(OSError):
                folder.rmdir()


class Ended(Exception):
    """A worker has ended, or does not answer; whether for want of memory."""

    def __init__(self, why: str, *, memory: bool = False) -> None:
        """Remember why."""
        super().__init__(why)
        self.memory = memory


class Worker:
    """A fork server in a layer; runs one program at a time."""

    def __init__(self, layer: Layer, memory_mb: int) -> None:
        """Start it.

        Raises:
            SandboxError: the layer does not work here, and what it said.
        """
        self.layer, self.memory_mb = layer, memory_mb
        self.texts: list[int] = []
        self.stage = tempfile.mkdtemp(prefix=f"{cgroups.PREFIX}-{os.getpid()}-")
        Path(self.stage).chmod(0o755)  # the user without rights that it becomes must pass
        self.group = None if layer.name == "docker" else cgroups.made(memory_mb)
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`; a pipe would have to be emptied
        try:
            self.process = self._started()
            self.channel = Channel(self._descriptor(self.process.stdout), self._descriptor(self.process.stdin))
            self.facts: Mapping[str, Any] = self._answer(STARTING)
            for path in self._named_pipes():  # opened by now, and no program may open them again
                Path(path).unlink(missing_ok=True)
        except (OSError, Ended, subprocess.SubprocessError) as error:
            said = self.complaint()
            self.close()
            raise SandboxError(f"sandbox {layer.name} does not work here: {said or error}") from error

    def _started(self) -> subprocess.Popen[bytes]:
        command, settings = self.layer.start(self.stage, next(NUMBERS))
        settings["doors"] = self.group.doors if self.group else []
        passed: list[int] = []
        if settings["texts"]:
            self.texts = [os.open(path, os.O_RDWR) for path in self._named_pipes()]  # there is no reader yet
        else:
            ends = [os.pipe() for _ in TEXTS]
            self.texts = [writing for _, writing in ends]
            settings["texts"] = passed = [reading for reading, _ in ends]
        for end in self.texts:
            os.set_blocking(end, False)
        try:
            return subprocess.Popen(  # noqa: S603  # our own file, run by our own interpreter
                [*command, json.dumps(settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.complaints,
                cwd="/",
                env=ENVIRONMENT if passed else dict(os.environ),  # a container has its own; its client needs ours
                start_new_session=True,
                pass_fds=passed,
            )
        finally:
            for end in passed:
                os.close(end)

    def _named_pipes(self) -> list[str]:
        return [str(Path(self.stage) / name) for name in TEXTS]

    @staticmethod
    def _descriptor(pipe: Any) -> int:
        return int(pipe.fileno())

    def run(self, program: str, tests: Mapping[str, Any], limits: Mapping[str, float]) -> Mapping[str, Any]:
        """Return how a program ended.

        Raises:
            Ended: the worker has ended over it.
        """
        kills = self.group.kills() if self.group else 0
        try:
            self.channel.send(dict(limits))
            whole = self._told([framed(program.encode()), framed(json.dumps(tests).encode())])
            ending = {**self._answer(limits["most"] + GRACE)}
            ending["spent"] = ending["spent"] or not whole
        except (OSError, Ended) as error:
            lacked = bool(self.group and self.group.kills() > kills)
            raise Ended(self.complaint() or str(error), memory=lacked) from error
        if ending["status"] == "crashed" and self.group and self.group.kills() > kills:
            return {**ending, "status": "memory", "detail": "killed for want of memory"}
        return ending

    def _told(self, texts: Sequence[bytes]) -> bool:
        """Write program and tests to whom they concern; whether all was taken before the answer came."""
        left = {end: memoryview(text) for end, text in zip(self.texts, texts, strict=True)}
        while left:
            answered, ready, _ = select.select([self.channel.reading], list(left), [], STARTING)
            if answered or not ready:
                return False
            for end in ready:
                left[end] = left[end][os.write(end, left[end]) :]
                if not left[end]:
                    del left[end]
        return True

    def _answer(self, seconds: float) -> Mapping[str, Any]:
        """Return the next message of the worker."""
        deadline = time.monotonic() + seconds
        while not select.select([self.channel.reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if time.monotonic() >= deadline:
                raise Ended(f"no answer within {seconds:g} s")
        try:
            answer = self.channel.receive()
        except (EOFError, ValueError) as error:
            raise Ended("it has ended") from error
        if not isinstance(answer, Mapping):
            raise Ended("its answer is none")
        return answer

    def complaint(self) -> str:
        """Return the last of what it wrote about itself."""
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        telling = [line for line in lines if line.strip() and not line.startswith("Run 'docker")]
        return " ".join(telling[-1:])[-500:]

    def close(self) -> None:
        """End it, and all that it started."""
        process = getattr(self, "process", None)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a session of its own; who left it dies with its namespace
            process.wait()
            process.stdin.close()
            process.stdout.close()
        for end in self.texts:
            os.close(end)
        self.complaints.close()
        if self.group:
            for _ in range(100):  # the kernel needs a moment to empty it
                self.group.remove()
                if not any(folder.exists() for folder in self.group.folders):
                    break
                time.sleep(0.01)
        shutil.rmtree(self.stage, ignore_errors=True)
