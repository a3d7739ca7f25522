"""Where the interpreter and its library lie: all of the host that a program gets to see."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Imports every extension module of the library, and the packages for tests, in a process of its own, and tells the
#: shared objects behind them.
OBJECTS = """
import ctypes, importlib, json, os, sys, sysconfig
folder = os.path.join(sysconfig.get_path("stdlib"), "lib-dynload")
for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
    try:
        importlib.import_module(name.split(".")[0])
    except Exception:
        pass
sys.path += sys.argv[1:]
try:
    import numpy
except Exception:
    pass
found = []
class Info(ctypes.Structure):
    _fields_ = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]
KIND = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def seen(info, size, data):
    found.append(os.fsdecode(info.contents.name or b""))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(KIND(seen), None)
print(json.dumps([path for path in found if os.path.isabs(path) and os.path.exists(path)]))
"""
#: What belongs to the library but lies elsewhere: the loader's index, time zones.
BESIDES = ("/etc/ld.so.cache", "/usr/share/zoneinfo", "/dev/null", "/dev/zero", "/dev/urandom")
#: Third-party packages that tests, never programs, may import.
FOR_TESTS = ("numpy", "numpy.libs")
#: Where a root of its own has them, wherever they are installed: under `/tmp`, say, which a program has for itself.
PACKAGES = "/packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The parts of an interpreter."""

    executable: str
    #: Files and folders that it needs, and the packages for tests.
    paths: tuple[str, ...]
    #: Folders of installed packages among them, which are hidden.
    masked: tuple[str, ...]
    #: The packages among them.
    packages: tuple[str, ...]
    #: Whether a user without rights can reach all of it.
    open_to_all: bool

    @property
    def homes(self) -> tuple[str, ...]:
        """The folders in which the packages are installed."""
        return homes_of(self.packages)

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """What a root of its own shows of the host, each with its place in there."""
        return tuple((path, f"{PACKAGES}/{Path(path).name}" if path in self.packages else path) for path in self.paths)


@functools.cache
def library() -> Library:
    """Return the parts of the interpreter that runs this, without its environment and its installed packages.

    Raises:
        OSError: it cannot be started.
    """
    executable = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    stdlib = os.path.realpath(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
    packages = tuple(str(path) for path in found_packages())
    command = [executable, "-I", "-S", "-B", "-c", OBJECTS, *homes_of(packages)]
    told = subprocess.run(command, capture_output=True, check=True, env={}, timeout=120).stdout  # noqa: S603
    shown = tuple(f"{path}/" for path in (stdlib, *packages))
    objects = [path for path in json.loads(told) if not path.startswith(shown)]
    here = os.path.realpath(Path(__file__).parent)
    paths = (executable, stdlib, *objects, here, *packages, *(path for path in BESIDES if Path(path).exists()))
    return Library(
        executable=executable,
        paths=tuple(dict.fromkeys(paths)),
        masked=tuple(f"{stdlib}/{name}" for name in ("site-packages", "dist-packages", "test")),
        packages=packages,
        open_to_all=all(readable_by_all(path) for path in paths),
    )


def homes_of(packages: Iterable[str]) -> tuple[str, ...]:
    """Return the folders in which packages are installed, each once."""
    return tuple(dict.fromkeys(str(Path(path).parent) for path in packages))


def found_packages() -> list[Path]:
    """Return the folders of the packages that tests may import, as far as they are installed."""
    folders = [Path(folder) for folder in sys.path if Path(folder).is_dir()]
    found = [folder / name for name in FOR_TESTS for folder in folders if (folder / name).is_dir()]
    return [path for path in found if path.parent == found[0].parent]


def readable_by_all(path: str) -> bool:
    """Whether a user without rights can reach a file."""
    while path not in {"", "/"}:
        needed = 0o001 if Path(path).is_dir() else 0o004
        if not Path(path).stat().st_mode & needed:
            return False
        path = str(Path(path).parent)
    return True
