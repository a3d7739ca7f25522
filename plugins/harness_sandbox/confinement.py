"""What the kernel can be asked to take away from a program; each layer is tried, none is presumed.

As root: namespaces of its own, a user of its own without capabilities. As anyone else: the same through a
user namespace, where the system allows one. Anywhere: limits on memory, CPU time, files and processes.
A script's module: the standard library alone.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

TYPE_CHECKING = False  # `typing` takes as long as the whole start
if TYPE_CHECKING:
    from collections.abc import Callable

# linux/sched.h, linux/mount.h, linux/prctl.h, linux/capability.h
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 0x1, 0x2, 0x4, 0x4000, 0x40000
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY = 442, -100, 0x8000, 0x1
SET_PDEATHSIG, SET_DUMPABLE, SET_KEEPCAPS, SET_SUBREAPER, SET_NO_NEW_PRIVS = 1, 4, 8, 36, 38
CAP_VERSION, CAP_DAC_READ_SEARCH = 0x20080522, 1 << 2

#: Written out, because `signal` takes a fifth of the time that the whole start takes.
SIGKILL, SIGXCPU = 9, 24

#: Own users of programs that run at the same time, so that they count and see their processes apart.
FIRST_USER = 200_000_000
NOBODY = 65_534
FILE_BYTES, FOLDER_BYTES, OPEN_FILES, PROCESSES = 16 << 20, "64m", 64, 64

#: Whether the program has namespaces of its own; the user it becomes.
Layer = tuple[bool, int]

LIBC = ctypes.CDLL(None, use_errno=True)
LINUX = sys.platform == "linux"


def tried(call: Callable[..., object], *arguments: object) -> bool:
    """Whether a call of the system went through; what it refuses is done without."""
    try:
        call(*arguments)
    except (OSError, ValueError):
        return False
    return True


def isolated(folder: str) -> Layer:
    """Move this process, and so its children, into namespaces of their own as far as may be."""
    uid = os.geteuid()
    user = uid or FIRST_USER + os.getpid()
    privileged = LINUX and uid == 0 and LIBC.unshare(NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET) == 0
    spaces = privileged or (LINUX and _unshared_by_anyone())
    if spaces and not privileged:
        user = uid  # the only one that exists in there
    if spaces:
        _mounts_made(folder, user)
    elif uid == 0:
        tried(os.chown, folder, user, user)
    if LINUX:
        LIBC.prctl(SET_PDEATHSIG, SIGKILL)
        LIBC.prctl(SET_SUBREAPER, 1)
        LIBC.prctl(SET_DUMPABLE, 0)
    os.chdir(folder)
    return spaces, user


def _unshared_by_anyone() -> bool:
    """Whether this process got its namespaces through one of users."""
    uid, gid = os.geteuid(), os.getegid()
    if LIBC.unshare(NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET | NEWUSER) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        tried(_written, f"/proc/self/{name}", text)
    return True


def _written(path: str, text: str) -> None:
    """Write a small file."""
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(text)


def _mounts_made(folder: str, user: int) -> None:
    """Make the file system read-only, hide /proc, and lay a small one of its own over the folder."""
    LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    readonly = (ctypes.c_uint64 * 4)(ATTR_RDONLY, 0, 0, 0)
    LIBC.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, b"/", AT_RECURSIVE, readonly, 32)
    LIBC.mount(b"none", b"/proc", b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, b"size=4k")
    owner = f",uid={user},gid={user}" if user != os.geteuid() else ""
    options = f"size={FOLDER_BYTES},mode=0700{owner}".encode()
    LIBC.mount(b"none", os.fsencode(folder), b"tmpfs", MS_NOSUID | MS_NODEV, options)


def limit(seconds: float, memory_mb: int, layer: Layer) -> None:
    """Bound what this process and its children can use up."""
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, -int(-seconds // 1)),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ]
    if layer[0] or layer[1] != os.geteuid():  # else it would count the processes of the one who runs us
        limits.append((resource.RLIMIT_NPROC, PROCESSES))
    for which, most in limits:
        hard = resource.getrlimit(which)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        tried(resource.setrlimit, which, (bound, bound))  # some systems refuse some limits


def drop(layer: Layer) -> None:
    """Give up every right of this process but to read what Python's own library needs."""
    if not LINUX:
        return
    kept = 0
    if os.geteuid() == 0:
        kept = 0 if _readable_by_all(os.__file__) else CAP_DAC_READ_SEARCH
        LIBC.prctl(SET_KEEPCAPS, 1)
        tried(os.setgroups, [])
        for user in (layer[1], NOBODY):  # a container may know few users
            if tried(os.setresgid, user, user, user) and tried(os.setresuid, user, user, user):
                break
    header = (ctypes.c_uint32 * 2)(CAP_VERSION, 0)
    LIBC.capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0))
    LIBC.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    LIBC.prctl(SET_DUMPABLE, 0)
    LIBC.prctl(SET_PDEATHSIG, SIGKILL)


def _readable_by_all(path: str) -> bool:
    """Whether a user without rights can reach a file."""
    while path not in {"", "/"}:
        needed = 0o001 if os.path.isdir(path) else 0o004  # noqa: PTH112
        if not os.stat(path).st_mode & needed:  # noqa: PTH116
            return False
        path = os.path.dirname(path)  # noqa: PTH120
    return True


def kill_tree(child: int, *, ended: bool) -> None:
    """End a child, its process group, and whatever of its offspring was left to us."""
    tried(os.killpg, child, SIGKILL)
    if not ended:
        tried(os.kill, child, SIGKILL)
        tried(os.waitpid, child, 0)
    for _ in range(100):  # a process that forks while it is hunted is met again
        orphans = _children()
        if not orphans:
            return
        for orphan in orphans:
            tried(os.kill, orphan, SIGKILL)
            tried(os.waitpid, orphan, 0)


def _children() -> list[int]:
    """Return the children of this process; with namespaces there are none left, and /proc is hidden."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
            return [int(word) for word in file.read().split()]
    except OSError:
        return []
