"""What processes give up for good: rights, calls and files once in the server, resources in every child."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Sequence

from harness_sandbox.inside.rules import child_rules, prepared, server_rules
from harness_sandbox.inside.ruleset import restrict

LIBC = ctypes.CDLL(None, use_errno=True)
LINUX = sys.platform == "linux"
# linux/prctl.h, linux/capability.h, linux/securebits.h
SET_PDEATHSIG, SET_DUMPABLE, CAPBSET_DROP, SET_SECUREBITS, SET_NO_NEW_PRIVS = 1, 4, 24, 28, 38
CAP_VERSION, CAP_DAC_READ_SEARCH, LAST_CAP = 0x20080522, 1 << 2, 63
NO_ROOT_LOCKED = 0b11
SIGKILL = 9
FILE_BYTES, OPEN_FILES, PROCESSES = 16 << 20, 64, 64


def confine_server(
    readable: Sequence[str], writable: Sequence[str], listable: Sequence[str], *, kept: int
) -> dict[str, bool]:
    """Confine this process and all that it forks; return which of the kernel's filters took hold.

    Args:
        readable: beneath which paths files may be read, where Landlock is there.
        writable: beneath which they may be written; none: nowhere.
        listable: beneath which their names may be read.
        kept: capabilities that stay.
    """
    if not LINUX:
        return {"seccomp": False, "landlock": False}
    LIBC.prctl(SET_SECUREBITS, NO_ROOT_LOCKED, 0, 0, 0)
    for number in range(LAST_CAP + 1):
        if LIBC.prctl(CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    keep_only(kept)
    LIBC.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    LIBC.prctl(SET_DUMPABLE, 0, 0, 0, 0)
    landlock = restrict(LIBC, readable, writable, listable)
    rules = prepared(server_rules(os.uname().machine, writes=bool(writable)), LIBC)
    return {"seccomp": rules is not None and rules.install(), "landlock": landlock}


def keep_only(kept: int) -> None:
    """Give up every capability but those kept."""
    header = (ctypes.c_uint32 * 2)(CAP_VERSION, 0)
    LIBC.capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0))


def limit_server(*, counted: bool) -> None:
    """Bound what every process that this one forks can use up, as far as it is the same for all.

    Args:
        counted: whether our processes can be counted apart from those of whoever runs us.
    """
    _limited(resource.RLIMIT_CORE, 0, 0)
    _limited(resource.RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES)
    _limited(resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES)
    if counted:
        _limited(resource.RLIMIT_NPROC, PROCESSES, PROCESSES)


class Child:
    """How a forked process is confined further; prepared before it is forked, so that it has little left to do."""

    def __init__(self, *, passes: bool) -> None:
        """Prepare; `passes` says whether it may be passed descriptors."""
        self.rules = prepared(child_rules(os.uname().machine, passes=passes), LIBC) if LINUX else None
        #: The first process of a namespace takes all others in it with it when it ends.
        self.alone = LINUX and os.getpid() != 1

    def confine(self, memory_mb: int, seconds: float | None) -> None:
        """Confine this process: MiB of address space, seconds of CPU time."""
        _limited(resource.RLIMIT_AS, memory_mb << 20, memory_mb << 20)
        if seconds is not None:
            whole = -int(-seconds // 1)
            _limited(resource.RLIMIT_CPU, whole, whole + 1)  # SIGXCPU tells it from a kill; SIGKILL follows for sure
        if self.alone:
            LIBC.prctl(SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        if self.rules is not None:
            self.rules.install()


def _limited(which: int, soft: int, most: int) -> None:
    """Set one limit; some systems refuse some."""
    try:
        resource.setrlimit(which, (soft, most))
    except (OSError, ValueError):
        hard = resource.getrlimit(which)[1]
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (min(soft, hard), min(most, hard)))
