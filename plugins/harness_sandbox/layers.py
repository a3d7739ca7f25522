"""The layers that a program can be confined by, strongest first, and how a worker is started in each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness_sandbox.library import PACKAGES, Library, library

#: Own users of workers that run at the same time as root, so that their processes are counted and seen apart.
FIRST_USER = 200_000_000
START = str(Path(__file__).parent / "inside" / "start.py")
FLAGS = ("-S", "-s", "-P", "-B", "-X", "utf8")
#: Everything that a program may know of the environment; a fixed hash seed, so that a verdict is repeatable.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108  # of its own root
    "TMPDIR": "/tmp",  # noqa: S108
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}
#: The image of the docker layer, if none is named by HARNESS_SANDBOX_IMAGE: it needs a Python 3.11 or later.
IMAGE = "python:3.11-slim"

#: What goes to a worker past its server, each through a pipe of its own.
TEXTS = ("programs", "tests")

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One way to confine programs."""

    name: str
    summary: str
    #: Whether a program in it is without a network, sees no file of the host and no process, by namespaces.
    strong: bool
    #: Why it cannot be tried here; empty: it can.
    missing: Callable[[], str]
    #: Command and settings of a worker, given the folder that becomes its root and its number.
    start: Callable[[str, int], tuple[Sequence[str], Settings]]


def claims(layer: Layer, facts: Mapping[str, Any]) -> frozenset[str]:
    """Return what a layer keeps programs from, given what its server found in the kernel."""
    always = {"verdict", "time", "memory", "output", "environment"}
    filtered = {"network", "writes", "disk", "processes", "signals", "kernel", "neighbours"}
    apart = {"network", "files", "writes", "disk", "processes", "signals", "neighbours"}
    found = always | (apart if layer.strong else set()) | (filtered if facts["seccomp"] else set())
    return frozenset(found | ({"files"} if facts["landlock"] else set()))


def settings_of(found: Library, **changed: Any) -> Settings:
    """Return the settings of a worker; see `inside.server`."""
    return {
        "launch": [],
        "doors": [],
        "unshare": False,
        "mounts": False,
        "own_files": True,
        "counted": True,
        "passes": False,
        "stage": "",
        "user": 0,
        "shown": found.shown,
        "masked": found.masked,
        "homes": found.homes,
        "readable": found.paths,
        "texts": [],
        **changed,
    }


def user_of(number: int) -> int:
    """Return the user that a worker becomes where we are root."""
    return FIRST_USER + (os.getpid() % 100_000) * 100 + number % 100


def namespaces(stage: str, number: int) -> tuple[Sequence[str], Settings]:
    """Start a worker that makes its namespaces itself."""
    found = library()
    made = settings_of(found, unshare=True, mounts=True, homes=(PACKAGES,), stage=stage, user=user_of(number))
    return (found.executable, *FLAGS, START), made


def bubblewrap(stage: str, number: int) -> tuple[Sequence[str], Settings]:
    """Start a worker inside of bubblewrap."""
    found = library()
    root = os.geteuid() == 0
    shown = ["--dev-bind", stage, "/"] if root else _bound(found)
    command = [
        shutil.which("bwrap") or "bwrap",
        *("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *("--uid", "0", "--gid", "0", "--cap-add", "ALL", "--as-pid-1", "--new-session", "--hostname", "sandbox"),
        *shown,
        *("--chdir", "/", "--", found.executable, *FLAGS, START),
    ]
    user = user_of(number) if root else 0
    made = settings_of(found, launch=command, mounts=True, homes=(PACKAGES,), stage=stage, user=user)
    return (found.executable, *FLAGS, START), made


def _bound(found: Library) -> list[str]:
    """Return the words that show the library, and nothing else, where we are no root."""
    words = []
    for path, place in found.shown:
        words += ["--dev-bind" if path.startswith("/dev/") else "--ro-bind", path, place]
    for path in found.masked:
        if Path(path).is_dir():
            words += ["--tmpfs", path, "--remount-ro", path]
    return [*words, "--dir", "/tmp", "--symlink", "/tmp", "/dev/shm", "--remount-ro", "/"]  # noqa: S108


def process(_stage: str, number: int) -> tuple[Sequence[str], Settings]:
    """Start a worker that is an ordinary process, of a user without rights where we are root."""
    found = library()
    root = os.geteuid() == 0
    made = settings_of(
        found,
        own_files=False,
        counted=root,
        passes=root and not found.open_to_all,
        user=user_of(number) if root else 0,
    )
    return (found.executable, *FLAGS, START), made


def docker(stage: str, _number: int) -> tuple[Sequence[str], Settings]:
    """Start a worker in a container without network, rights or a writable root.

    Descriptors do not reach into a container, so what is for its programs and tests goes through named pipes.
    """
    found = library()
    pipes = [Path(stage) / name for name in TEXTS]
    for pipe in pipes:
        os.mkfifo(pipe)
        pipe.chmod(0o644)  # it is read by a user without rights
    here = str(Path(__file__).parent)
    command = [
        *(shutil.which("docker") or "docker", "run", "--rm", "--interactive", "--network", "none", "--read-only"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "160", "--memory", "1g"),
        *("--cpus", "2", "--user", "65534:65534", "--ipc", "private", "--hostname", "sandbox"),
        *("--tmpfs", "/tmp:rw,nosuid,nodev,noexec,size=64m,mode=1777"),  # noqa: S108  # of its own root
        *("--volume", f"{here}:/harness_sandbox:ro", "--volume", f"{stage}:/harness_texts:ro"),
        *(word for name, value in ENVIRONMENT.items() for word in ("--env", f"{name}={value}")),
        *(os.environ.get("HARNESS_SANDBOX_IMAGE") or IMAGE, "python", *FLAGS, "/harness_sandbox/inside/start.py"),
    ]
    return command, settings_of(found, homes=(), texts=[f"/harness_texts/{name}" for name in TEXTS])


def _no_linux() -> str:
    return "" if os.uname().sysname == "Linux" else f"needs Linux, this is {os.uname().sysname}"


def _no_tool(tool: str) -> Callable[[], str]:
    return lambda: _no_linux() or ("" if shutil.which(tool) else f"`{tool}` is not installed")


LAYERS = {
    layer.name: layer
    for layer in (
        Layer(
            name="bubblewrap",
            summary="bubblewrap: user, mount, pid, net, ipc and uts namespaces, a root with the interpreter alone",
            strong=True,
            missing=_no_tool("bwrap"),
            start=bubblewrap,
        ),
        Layer(
            name="namespaces",
            summary="the same namespaces and root, made by the harness itself",
            strong=True,
            missing=_no_linux,
            start=namespaces,
        ),
        Layer(
            name="docker",
            summary="a container without network, rights and writable root; never tried by auto before the others",
            strong=True,
            missing=_no_tool("docker"),
            start=docker,
        ),
        Layer(
            name="process",
            summary="a process of its own with limits, and the kernel's filters where there are any; no namespaces",
            strong=False,
            missing=lambda: "",
            start=process,
        ),
    )
}
