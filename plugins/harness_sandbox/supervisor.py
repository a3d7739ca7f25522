"""What runs a program: a supervisor that confines, times and judges one child; a script without imports of ours.

    run_program ──source, nonce──> supervisor ──fork──> child: confined, executes the program
                <──nonce, status──            <──────── its witness: the nonce, once the program has ended

A program passes only if the nonce comes back. The nonce reaches the child after the fork, goes straight to
a thread of its own (the witness) and stands in no frame that the program can walk to. The witness gives it away
only when the main thread has asked for it *and* stands, frame for frame, where it stands after the program's last
statement. A child that cannot even start says nothing at all: then the sandbox is broken, not the program.
"""

from __future__ import annotations

import _thread
import os
import select
import sys
import time
import types

TYPE_CHECKING = False  # `typing` takes as long as the whole start
if TYPE_CHECKING:
    from harness_sandbox import confinement
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  # nor is `pathlib` cheap
    import confinement

    del sys.path[0]

#: Bytes of output and of verdict that are kept; what comes after is read and dropped.
KEPT = 65_536
#: Seconds between two looks at a child that keeps its pipes open.
GLANCE, SHORT_GLANCE = 0.05, 0.002
#: Length of a nonce.
NONCE = 32
#: The first byte on the verdict pipe: the program is about to start.
STARTED = b"\x01"
#: A verdict that is believed without the nonce, because it is none to be proud of: mark, status, detail.
CLAIM = b"claim\n"


# ---------------------------------------------------------------- the child


def obey(source: bytes, witness_end: int, verdict_end: int) -> None:
    """Execute the program and leave the process; never returns."""
    write, leave, who, self = os.write, os._exit, os.getpid, os.getpid()
    ready, done, given = (_thread.allocate_lock() for _ in range(3))
    for lock in (ready, done, given):
        lock.acquire()
    stack = stack_of(sys._getframe())  # noqa: SLF001  # documented all the same
    _thread.start_new_thread(testify, (witness_end, verdict_end, stack, ready, done, given))
    ready.acquire()
    write(verdict_end, STARTED)
    claim = execute(source)
    if who() != self:  # a copy that the program made of itself has no say
        leave(0)
    if claim:
        write(verdict_end, CLAIM + claim.encode("utf-8", "replace")[:2_000])
    else:
        ask(done, given)
    leave(0)


def ask(done: _thread.LockType, given: _thread.LockType) -> None:
    """Ask the witness for its testimony; where it looks for the main thread."""
    done.release()
    given.acquire()


def testify(  # what a thread is given, it is given in order
    witness_end: int,
    verdict_end: int,
    stack: tuple[types.CodeType, ...],
    ready: _thread.LockType,
    done: _thread.LockType,
    given: _thread.LockType,
) -> None:
    """Give the nonce away if the main thread asks for it, and nothing of the program is on its stack."""
    frames = sys._current_frames  # noqa: SLF001  # the program may replace it from now on, and all else below
    read, write, close, main, asked = os.read, os.write, os.close, MAIN, ask.__code__
    nonce = read(witness_end, NONCE)
    close(witness_end)
    ready.release()
    done.acquire()
    if stack_of(frames()[main]) == (asked, *stack):
        write(verdict_end, nonce)
    given.release()


def stack_of(frame: types.FrameType | None) -> tuple[types.CodeType, ...]:
    """Return the code objects on a stack, innermost first."""
    codes = []
    while frame is not None:
        codes.append(frame.f_code)
        frame = frame.f_back
    return tuple(codes)


def execute(source: bytes) -> str:
    """Execute a program as a module of its own; return "" or the status and what was raised."""
    try:
        code = compile(source, "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return f"syntax\n{described(error)}"
    module = types.ModuleType("program")
    sys.modules["program"] = module
    try:
        exec(code, module.__dict__)  # noqa: S102  # what it is for
    except MemoryError as error:
        return f"memory\n{described(error)}"
    except SystemExit as error:
        return f"failed\n{described(error)}: the program left before its end"
    except BaseException as error:  # noqa: BLE001  # whatever it raises is its outcome
        return f"failed\n{described(error)}"
    return ""


def described(error: BaseException) -> str:
    """Return an exception in one line, with the line of the program that raised it."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<program>":
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())[:500]
    except BaseException:  # noqa: BLE001  # `__str__` is the program's, too
        text = "(its message cannot be read)"
    where = f" (line {line})" if line else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{where}"


def settle(verdict_end: int, witness_end: int, output_end: int) -> None:
    """Leave the child with three standard streams and two pipes, in a session of its own."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output_end, 1)
    os.dup2(output_end, 2)
    low, high = sorted((verdict_end, witness_end))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, 256)  # the supervisor was started with three open files


# ---------------------------------------------------------------- the supervisor


def supervise(source: bytes, seconds: float, clock: float, memory_mb: int) -> tuple[bytes, str]:
    """Run a program in a child; return the nonce and "status, line feed, detail"."""
    layer = confinement.isolated(os.getcwd())  # noqa: PTH109
    verdict, verdict_end = os.pipe()
    witness, witness_end = os.pipe()
    output, output_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            settle(verdict_end, witness, output_end)
            confinement.limit(seconds, memory_mb, layer)
            confinement.drop(layer)
            obey(source, witness, verdict_end)
        except BaseException as error:  # noqa: BLE001  # told to the supervisor, whatever it is
            os.write(verdict_end, described(error).encode())
        finally:
            os._exit(99)
    for end in (verdict_end, witness, output_end):
        os.close(end)
    nonce = exactly(NONCE)
    os.write(witness_end, nonce)
    os.close(witness_end)
    said, ended, usage = watched(child, verdict, output, time.monotonic() + clock)
    confinement.kill_tree(child, ended=ended is not None)
    return nonce, judged(said, nonce, ended, usage, seconds)


def watched(child: int, verdict: int, output: int, deadline: float) -> tuple[bytes, int | None, float]:
    """Return what came on the verdict pipe, the wait status (None: still running) and the CPU seconds."""
    said, open_pipes, pause = b"", [verdict, output], GLANCE
    while True:
        left = deadline - time.monotonic()
        for pipe in select.select(open_pipes, [], [], max(0.0, min(pause, left)))[0]:
            block = os.read(pipe, KEPT)
            if not block:
                open_pipes.remove(pipe)
                pause = SHORT_GLANCE  # it is about to end
            elif pipe == verdict:
                said = (said + block)[:KEPT]
        who, status, usage = os.wait4(child, os.WNOHANG)
        if who:
            if verdict in open_pipes and select.select([verdict], [], [], 0)[0]:
                said = (said + os.read(verdict, KEPT))[:KEPT]
            return said, status, usage.ru_utime + usage.ru_stime
        if left <= 0:
            return said, None, 0.0


def judged(said: bytes, nonce: bytes, ended: int | None, spent: float, seconds: float) -> str:
    """Return the status and the detail of a program from what it said and how it ended."""
    if not said.startswith(STARTED) and ended is not None:
        raise SystemExit(f"the child did not start: {said.decode('utf-8', 'replace')} (wait status {ended})")
    said = said[len(STARTED) :]
    if ended is None:
        return "timeout\nno end in sight"
    if said == nonce and ended == 0:
        return "passed\n"
    if said.startswith(CLAIM):
        status, detail = ([*said[len(CLAIM) :].decode("utf-8", "replace").split("\n"), ""])[:2]
        return f"{status}\n{detail}" if status in {"failed", "memory", "syntax"} else "failed\nforged its verdict"
    if os.WIFSIGNALED(ended):
        number = os.WTERMSIG(ended)
        if number == confinement.SIGXCPU or (number == confinement.SIGKILL and spent >= 0.9 * seconds):
            return f"timeout\nmore than {seconds:g} s of CPU time"
        return f"crashed\nkilled by signal {number}"
    return f"failed\nended with status {os.waitstatus_to_exitcode(ended)} before its last statement"


def exactly(length: int) -> bytes:
    """Return so many bytes of standard input, unbuffered: the next ones are not the child's to see."""
    text = b""
    while len(text) < length:
        block = os.read(0, length - len(text))
        if not block:
            raise SystemExit("standard input ended early")
        text += block
    return text


def main() -> None:
    """Read a program and a nonce from standard input, and report."""
    length, seconds, clock, memory_mb = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    del sys.argv[1:]
    nonce, report = supervise(exactly(length), seconds, clock, memory_mb)
    os.write(1, nonce + b"\n" + report.encode("utf-8", "replace")[:4_000])


MAIN = _thread.get_ident()
if __name__ == "__main__":
    main()
