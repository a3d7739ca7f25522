"""Which files a program may open: a Landlock ruleset, where the kernel has Landlock.

It holds whatever else fails: beneath the interpreter's library a program may read, beneath its own folder also write,
and it may neither connect nor signal anywhere.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

# linux/landlock.h; the numbers of the calls are the same on every architecture.
CREATE, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_OF, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 0x1, 0x2, 0x4, 0x8
READING = READ_FILE | READ_DIR
#: Rights known to versions 1 to 5 of the interface: files, moving between folders, cutting short, devices.
FILES = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
#: From version 4: to bind and to connect. From version 6: sockets without a file, signals.
NETWORK, SCOPES = 0x3, 0x3
NETWORK_SINCE, SCOPES_SINCE = 4, 6
#: Rights that mean something for what is no folder.
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | 0x4000 | 0x8000


class Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def landlock_version(libc: ctypes.CDLL) -> int:
    """Return the version of Landlock that the kernel speaks; 0: none."""
    return max(0, int(libc.syscall(CREATE, None, 0, VERSION_OF)))


def restrict(libc: ctypes.CDLL, readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()) -> bool:
    """Let this process open only what lies beneath some paths, for good; whether the kernel took it.

    What is listable tells the names of its files, no more; an import looks for a package among them.

    Needs `no_new_privs`. Paths that are not there are left out.
    """
    version = landlock_version(libc)
    if not version:
        return False
    files = FILES[min(version, max(FILES))]
    wanted = Ruleset(files, NETWORK if version >= NETWORK_SINCE else 0, SCOPES if version >= SCOPES_SINCE else 0)
    size = 8 * (1 + (version >= NETWORK_SINCE) + (version >= SCOPES_SINCE))
    ruleset = int(libc.syscall(CREATE, ctypes.byref(wanted), size, 0))
    if ruleset < 0:
        return False
    for rights, paths in ((READING, readable), (files & ~EXECUTE, writable), (READ_DIR, listable)):
        for path in paths:
            _allow(libc, ruleset, path, rights)
    taken = libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(taken)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Add one rule; a path that is not there needs none."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    allowed = rights if os.path.isdir(path) else rights & OF_FILES  # noqa: PTH112  # `pathlib` is not cheap
    rule = Beneath(allowed, parent)
    libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(parent)
