"""The fork server: a warm interpreter that runs nothing foreign itself, and forks a process for every program.

    sandbox ──limits──> server ──fork──> the program's side   executes the program
            <──ending──        ──fork──> the tests' side      runs the tests, and alone says how they ended
            ──program────────────────────^
            ──tests──────────────────────────────────────^

All three are confined for good before there is anything foreign. The server keeps nothing that a program could change
or read: it never sees a program or a test, the folder is emptied, every process is killed, and the next program's side
is forked from the same untouched interpreter.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from typing import Any

from harness_sandbox.inside import program, root, tests
from harness_sandbox.inside.limits import (
    CAP_DAC_READ_SEARCH,
    LIBC,
    LINUX,
    Child,
    confine_server,
    keep_only,
    limit_server,
)
from harness_sandbox.inside.ruleset import landlock_version
from harness_sandbox.inside.wire import Channel

#: Imported beforehand, because most programs want them. Each one makes every fork dearer, so no more than that.
COMMON = "bisect collections collections.abc copy functools heapq itertools math operator random re string typing"
#: Bytes of output that are kept; what comes after is read and dropped.
KEPT = 65_536
#: Seconds that a process may take to end once it has closed its end of the channel; most take none.
ENDING = 2.0
#: CPU seconds that the work of `speed` takes on the machine for which time limits are meant: a core of 2020.
REFERENCE_SECONDS = 0.0055
#: The share of the clock that two sides take at least if they are at work, and not asleep.
STARVED = 0.05
KEEPCAPS, SUBREAPER = 8, 36
#: Tests that one process serves; then a fresh one does.
RENEWED = 200
#: MiB that the tests' side may take beyond the program's share: it holds what is expected, too.
TESTS_MB = 256


def speed() -> float:
    """Return how many times longer this machine takes for plain work than the one time limits are meant for."""
    times = []
    for _ in range(5):
        began, total = time.process_time(), 0
        for number in range(100_000):
            total += number & 7
        times.append(time.process_time() - began)
    return sorted(times)[2] / REFERENCE_SECONDS


class Tests:
    """The process of the tests: started when it is first wanted, and anew when it has served long or ended oddly."""

    def __init__(self, server: Server) -> None:
        """Belong to a server."""
        self.server = server
        self.held = Child(passes=True)
        self.process = 0
        self.served = 0
        self.ours: socket.socket | None = None

    def given(self, job: dict[str, Any], reading: int, writing: int) -> socket.socket:
        """Hand tests over, with the descriptors to their program; return where the answer will come from."""
        if self.ours is None or self.served >= RENEWED:
            self.end()
            self.ours = self._started(job["memory_mb"])
        self.served += 1
        socket.send_fds(self.ours, [b"x"], [reading, writing])
        return self.ours

    def _started(self, memory_mb: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.process = os.fork()
        if self.process == 0:
            try:
                nothing = self.server.nothing
                settled((nothing, nothing, nothing, theirs.fileno(), self.server.texts[1]))
                self.held.confine(memory_mb + TESTS_MB, None)
                gc.enable()
                sys.path += self.server.settings["homes"]
                tests.serve(3, 4)
            finally:
                os._exit(0)
        theirs.close()
        return ours

    def end(self, patience: float = 0.0) -> tuple[int, float] | None:
        """End it; return how it had ended by itself, if it had or does within so many seconds."""
        if self.ours is None:
            return None
        self.ours.close()
        self.ours, self.served = None, 0
        found = waited(self.process, patience)
        if found is None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        return found


class Server:
    """One fork server."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Take the settings of its layer."""
        self.settings = settings
        #: Where programs and tests come from. The server reads neither: what it has read, a program could find in it.
        self.texts = tuple(opened(place) for place in settings["texts"])
        #: Whether the kernel keeps programs from starting others.
        self.filtered = False
        self.nothing = os.open(os.devnull, os.O_RDWR)
        self.held = Child(passes=False)
        self.tests = Tests(self)

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run one program against its tests, and return how that ended."""
        (asked, asking), (answers, answering), (printed, printing) = os.pipe(), os.pipe(), os.pipe()
        actor = os.fork()
        if actor == 0:
            self.act(job, (self.nothing, printing, printing, asked, answering, self.texts[0]))
        verdict = self.tests.given(job, answers, asking)
        for end in (asked, answering, printing, answers, asking):
            os.close(end)
        patience = Patience(job["clock"], job["most"], (actor, self.tests.process))
        said, output, late = watched(printed, verdict.fileno(), patience)
        ended = self.ended(actor, ENDING if said[0] == "gone" else 0.0)
        os.close(printed)
        if said[0] == "gone":
            said = of_ending(ended, job, "the program")
        elif not said[0]:
            of_tests = self.tests.end(0.0 if late else ENDING)
            late_by = f"no end within {patience.given:g} s"
            said = ("timeout", late_by) if late else of_ending(of_tests, job, "the tests' side")
        return {"status": said[0], "detail": said[1], "output": output.decode("utf-8", "replace")}

    def act(self, job: dict[str, Any], descriptors: tuple[int, ...]) -> None:
        """Be the program's side; never returns."""
        try:
            settled(descriptors)
            self.held.confine(job["memory_mb"], job["seconds"])
            gc.enable()
            program.obey(3, 4, 5)
        finally:
            os._exit(99)

    def ended(self, actor: int, patience: float) -> tuple[int, float] | None:
        """Kill a program and whatever it started; return how it had ended by itself, if it had."""
        found = waited(actor, patience)
        if found is None:
            os.kill(actor, signal.SIGKILL)
            os.waitpid(actor, 0)
        if not self.filtered:
            self.tests.end()
            reap_all()
        return found

    def clean(self) -> bool:
        """Leave nothing of a program to the next one; whether that could be done."""
        if not self.settings["own_files"]:
            return True
        for _ in range(2):  # the second time for what the first one has made deletable
            if not os.listdir(root.FOLDER):  # noqa: PTH208
                return True
            emptied(root.FOLDER)
        return not os.listdir(root.FOLDER)  # noqa: PTH208

    def serve(self, channel: Channel) -> None:
        """Take jobs until whoever sends them has gone."""
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                job = channel.receive()
                ending = self.run(job)
                clean = self.clean()
                channel.send({**ending, "spent": not clean})
                if not clean:  # another worker takes over, with a folder of its own
                    return


def opened(place: int | str) -> int:
    """Return a descriptor that was inherited, or the one of a named pipe."""
    return place if isinstance(place, int) else os.open(place, os.O_RDONLY | os.O_CLOEXEC)


def settled(descriptors: tuple[int, ...]) -> None:
    """Keep these descriptors, renumbered from 0 on, and close every other."""
    kept = [fcntl.fcntl(one, fcntl.F_DUPFD, 40) for one in descriptors]
    for number, one in enumerate(kept):
        os.dup2(one, number)
    os.closerange(len(kept), 256)  # a server is started with three open files and opens few
    os.setsid()


class Patience:
    """How long to wait for the sides: longer on a busy machine, where they work but get little of the processor."""

    def __init__(self, clock: float, most: float, sides: tuple[int, ...]) -> None:
        """Give so many seconds, and as many again, up to the most, if meanwhile the sides have worked."""
        self.clock, self.most, self.sides = clock, most, sides
        self.given = clock
        self.deadline = time.monotonic() + clock
        self.spent = sum(map(cpu_seconds, sides))

    def left(self) -> float:
        """Return the seconds that are left; 0 or less: none, and no more will be given."""
        left = self.deadline - time.monotonic()
        if left > 0 or self.given >= self.most:
            return left
        spent = sum(map(cpu_seconds, self.sides))
        if spent - self.spent < STARVED * self.clock:
            return left
        self.spent = spent
        self.given += self.clock
        self.deadline += self.clock
        return self.left()


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds that a process has taken, by its own clock (Linux: `clock_getcpuclockid(3)`)."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:  # it has ended, or the system has no such clocks
        return 0.0


def watched(printed: int, verdict: int, patience: Patience) -> tuple[tuple[str, str], bytes, bool]:
    """Return what the tests' side said (nothing: it ended), what the program printed, and whether time ran out.

    Raises:
        EOFError: whoever waits for the answer has gone.
    """
    output, pipes = b"", [printed, verdict, 0]
    while True:
        left = patience.left()
        if left <= 0:
            return ("", ""), output, True
        for pipe in select.select(pipes, [], [], left)[0]:
            if pipe == 0:
                raise EOFError  # no second job comes before the first is answered, so this is the end
            if pipe == verdict:
                try:
                    status, detail = Channel(verdict, verdict).receive()
                except (EOFError, OSError):
                    status, detail = "", ""
                return (status, detail), drained(printed, output), False
            block = os.read(printed, KEPT)
            output = (output + block)[:KEPT]
            if not block:
                pipes.remove(printed)


def drained(printed: int, output: bytes) -> bytes:
    """Return what was printed with what still stands in the pipe."""
    while len(output) < KEPT and select.select([printed], [], [], 0)[0]:
        block = os.read(printed, KEPT)
        if not block:
            break
        output = (output + block)[:KEPT]
    return output


def waited(child: int, patience: float) -> tuple[int, float] | None:
    """Return the wait status and the CPU seconds of a child; None if it does not end in time."""
    deadline = time.monotonic() + patience
    while True:
        who, status, usage = os.wait4(child, os.WNOHANG)
        if who:
            return status, usage.ru_utime + usage.ru_stime
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.0005)


def reap_all() -> None:
    """Kill and wait for every process that is left to us, until there is none."""
    first = os.getpid() == 1  # of a namespace: then all others in it are ours
    while True:
        for orphan in [-1] if first else offspring():
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.0002)


def offspring() -> list[int]:
    """Return the children of this process, where /proc tells."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def emptied(folder: str) -> None:
    """Delete what lies in a folder, however its rights were set; never through a link."""
    for entry in list(os.scandir(folder)):
        with contextlib.suppress(OSError, RecursionError):
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)  # noqa: PTH101
                emptied(entry.path)
                os.rmdir(entry.path)  # noqa: PTH106
            else:
                os.unlink(entry.path)  # noqa: PTH108


def of_ending(ending: tuple[int, float] | None, job: dict[str, Any], whose: str) -> tuple[str, str]:
    """Return status and detail of a side that said nothing."""
    if ending is None:
        return "failed", f"{whose} fell silent"
    wait, spent = ending
    if not os.WIFSIGNALED(wait):
        return "failed", f"{whose} ended with status {os.waitstatus_to_exitcode(wait)} before its time"
    number = os.WTERMSIG(wait)
    if number == signal.SIGXCPU or (number == signal.SIGKILL and spent >= 0.9 * job["seconds"]):
        return "timeout", f"{whose} took more than {job['seconds']:g} s of CPU time"
    if number == signal.SIGSYS:
        return "refused", f"{whose} asked the kernel for what no program may do"
    return "crashed", f"{whose} was killed by signal {number}"


def become_other(settings: dict[str, Any]) -> None:
    """Become a user without rights, but to pass folders that are closed to it if the interpreter lies behind one."""
    if settings["passes"] and LINUX:
        LIBC.prctl(KEEPCAPS, 1, 0, 0, 0)
    root.become(settings["user"])
    keep_only(CAP_DAC_READ_SEARCH if settings["passes"] else 0)


def serve(settings: dict[str, Any]) -> None:
    """Set up the layer that the settings name, say hello, and serve."""
    for name in COMMON.split():
        importlib.import_module(name)
    if settings["unshare"]:
        root.entered(settings["stage"], settings["shown"], settings["masked"], settings["user"])
    elif os.geteuid() == 0 and settings["user"]:
        become_other(settings)
    if settings["mounts"]:
        root.folder_mounted()
    if LINUX:
        LIBC.prctl(SUBREAPER, 1, 0, 0, 0)
    own = settings["own_files"]
    limit_server(counted=bool(settings["counted"]))
    server = Server(settings)
    version = landlock_version(LIBC) if LINUX else 0
    held = confine_server(
        ["/"] if own else settings["readable"],
        [root.FOLDER] if own else [],
        settings["homes"],
        kept=CAP_DAC_READ_SEARCH if settings["passes"] else 0,
    )
    server.filtered = held["seccomp"]
    os.chdir(root.FOLDER if own else "/")
    channel = Channel(0, os.dup(1))
    os.dup2(2, 1)
    gc.collect()
    gc.freeze()
    gc.disable()
    channel.send({"speed": speed(), "landlock_version": version, **held})
    server.serve(channel)
