"""Namespaces and a root of one's own: no network, no other process, no file but the interpreter and its library.

As root the tree is made first, then every right is given up by becoming a user without any and entering a user
namespace; as anyone else the user namespace comes first, and the tree is made in it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Sequence

from harness_sandbox.inside.limits import LIBC, SET_DUMPABLE, SET_PDEATHSIG, SIGKILL

# linux/sched.h, linux/mount.h
NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
APART = NEWUSER | NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWPID | NEWNET
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000
ATTR_RDONLY, ATTR_NOSUID = 0x1, 0x2
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

#: The user that a program is, in there.
INSIDE = 1000
NOBODY = 65_534
#: The folder of a program: its size, and how many files it may hold.
FOLDER, FOLDER_OPTIONS = "/tmp", b"size=64m,nr_inodes=4k,mode=1777"  # noqa: S108  # of its own root


def checked(result: int, what: str) -> None:
    """Raise what the kernel said of a call that failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become(user: int) -> None:
    """Become a user without rights; `nobody` where the system knows too few users."""
    with contextlib.suppress(OSError):
        os.setgroups([])
    for number in (user, NOBODY):
        with contextlib.suppress(OSError):
            os.setresgid(number, number, number)
            os.setresuid(number, number, number)
            break
    if os.geteuid() == 0:
        raise OSError("cannot become a user without rights")
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)  # else its own `/proc/self/uid_map` is closed to it


def stage_made(stage: str, shown: Sequence[Sequence[str]], masked: Sequence[str]) -> None:
    """Lay a small file system over a folder, with some paths of the host in it, read-only.

    Args:
        stage: the folder.
        shown: what of the host is there, each with its place in there.
        masked: folders among it that are empty there.
    """
    checked(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount private")
    target = os.fsencode(stage)
    checked(LIBC.mount(b"none", target, b"tmpfs", MS_NOSUID | MS_NODEV, b"size=1m,mode=0755"), "mount a root")
    for path, place in shown:
        _bound(path, stage + place)
    for path in masked:
        if os.path.isdir(stage + path):  # noqa: PTH112  # `pathlib` is not cheap
            checked(
                LIBC.mount(b"none", os.fsencode(stage + path), b"tmpfs", MS_NOSUID | MS_NODEV, b"size=4k,mode=0555"),
                "mask",
            )
    for folder in ("/tmp", "/dev", "/proc"):  # noqa: S108  # of its own root
        os.makedirs(stage + folder, exist_ok=True)  # noqa: PTH103
    os.symlink(FOLDER, f"{stage}/dev/shm")  # noqa: PTH211, S108
    readonly = (ctypes.c_uint64 * 4)(ATTR_RDONLY | ATTR_NOSUID, 0, 0, 0)
    checked(LIBC.syscall(MOUNT_SETATTR, AT_FDCWD, target, AT_RECURSIVE, readonly, 32), "make it read-only")


def _bound(source: str, target: str) -> None:
    """Show a file or folder of the host at a place."""
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target, exist_ok=True)  # noqa: PTH103
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    checked(LIBC.mount(os.fsencode(source), os.fsencode(target), None, MS_BIND | MS_REC, None), f"bind {source}")


def entered(stage: str, shown: Sequence[Sequence[str]], masked: Sequence[str], user: int) -> None:
    """Move this process and what it forks into namespaces of their own; it returns as the first process in there.

    Raises:
        OSError: the system does not let us.
    """
    proc = os.open("/proc", os.O_PATH | os.O_CLOEXEC)
    if os.geteuid() == 0:
        checked(LIBC.unshare(NEWNS), "unshare mount")
        stage_made(stage, shown, masked)
        _pivoted(stage)
        become(user)
        _unshared(proc)
    else:
        _unshared(proc)
        stage_made(stage, shown, masked)
        _pivoted(stage)
    os.close(proc)
    LIBC.sethostname(b"sandbox", 7)
    _first_process()


def _unshared(proc: int) -> None:
    """Leave every namespace of the host, and be someone in the new one."""
    user, group = os.geteuid(), os.getegid()
    checked(LIBC.unshare(APART), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {user} 1"), ("gid_map", f"{INSIDE} {group} 1")):
        file = os.open(f"self/{name}", os.O_WRONLY | os.O_CLOEXEC, dir_fd=proc)
        os.write(file, text.encode())
        os.close(file)


def _pivoted(stage: str) -> None:
    """Make the stage the root, and let go of the old one."""
    os.chdir(stage)
    number = SYS_PIVOT_ROOT[os.uname().machine]
    checked(LIBC.syscall(number, b".", b"."), "pivot_root")
    checked(LIBC.umount2(b".", MNT_DETACH), "let go of the old root")
    os.chdir("/")


def _first_process() -> None:
    """Return in a child, the first process of the new namespace; the parent only waits for its end."""
    child = os.fork()
    if child == 0:
        LIBC.prctl(SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        return
    os.closerange(0, 2)  # whoever waits for its answers must see that it has gone
    _, status = os.waitpid(child, 0)
    os._exit(0 if status == 0 else 1)


def folder_mounted() -> None:
    """Lay the file system of bounded size over the folder of the programs."""
    options = MS_NOSUID | MS_NODEV | MS_NOEXEC
    checked(LIBC.mount(b"none", os.fsencode(FOLDER), b"tmpfs", options, FOLDER_OPTIONS), "mount a folder")
