"""Which layer programs are confined by: the one asked for, or the strongest that works; tried, never presumed."""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import functools
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import SandboxError, UnknownName
from harness_sandbox.layers import LAYERS
from harness_sandbox.outcome import Outcome
from harness_sandbox.sandbox import Sandbox
from harness_sandbox.worker import swept

AUTO = "auto"
LOCK = threading.RLock()

#: A program that looks for what should not be there; each name is a promise that the tests hold it to.
LOOKING = """
import os, socket

def seen(path):
    try:
        with open(path, "rb") as file:
            return file.read(1) is not None
    except OSError:
        return False

def connected(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False

def written(path):
    try:
        with open(path, "w") as file:
            return file.write("x") == 1
    except OSError:
        return False

def forked():
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True

def signalled(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    return True

def environment():
    return sorted(os.environ)
"""

#: What a program is kept from: a test that fails where it is not, given the host's file, folder, port and process.
PROMISES = {
    "network": "assert not connected(PORT)",
    "files": "assert not seen(FILE)",
    "writes": "assert not written(PLACE)",
    "processes": "assert not forked()",
    "signals": "assert not signalled(PROCESS)",
    "environment": "assert 'HARNESS_SANDBOX_CANARY' not in environment()",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is asked for: `--sandbox` and `--allow-weak-sandbox`."""

    name: str = AUTO
    #: Whether a layer will do that does not put a program into namespaces of its own.
    weak: bool = False

    @classmethod
    def of_environment(cls) -> Choice:
        """Return what HARNESS_SANDBOX and HARNESS_ALLOW_WEAK_SANDBOX ask for."""
        weak = os.environ.get("HARNESS_ALLOW_WEAK_SANDBOX", "")
        return cls(name=os.environ.get("HARNESS_SANDBOX") or AUTO, weak=weak.lower() not in {"", "0", "false", "no"})


#: What the code that runs now asks for; None: the environment.
CHOSEN: contextvars.ContextVar[Choice | None] = contextvars.ContextVar("harness_sandbox_choice", default=None)


@contextlib.contextmanager
def using(choice: Choice | None) -> Iterator[None]:
    """Have every program that is run in here confined as a choice says; None: as the environment says."""
    token = CHOSEN.set(choice)
    try:
        yield
    finally:
        CHOSEN.reset(token)


def current() -> Sandbox:
    """Return the sandbox of the current choice.

    Raises:
        SandboxError: there is none that it allows.
    """
    return sandbox_for(CHOSEN.get() or Choice.of_environment())


def sandbox_for(choice: Choice) -> Sandbox:
    """Return the running sandbox of a choice; started once for the whole process, ended with it.

    Raises:
        UnknownName: no layer has that name. SandboxError: it does not work here, or is weaker than allowed.
    """
    if choice.name not in LAYERS and choice.name != AUTO:
        raise UnknownName.among("sandbox", choice.name, [AUTO, *LAYERS], hint="`harness doctor` tells which work here")
    if choice.name != AUTO:
        if not LAYERS[choice.name].strong and not choice.weak:
            raise SandboxError(
                f"--sandbox {choice.name}: {LAYERS[choice.name].summary}; programs of a model could harm this machine, "
                f"so say --allow-weak-sandbox if that is meant"
            )
        return opened(choice.name)
    failures = []
    for layer in LAYERS.values():
        if not layer.strong and not choice.weak:
            continue
        try:
            return opened(layer.name)
        except SandboxError as error:
            failures.append(str(error))
    raise SandboxError(
        f"no sandbox works here that keeps programs from network and files ({'; '.join(failures)}); "
        f"`harness doctor` tells more; install bubblewrap, or accept less with --allow-weak-sandbox"
    )


def opened(name: str) -> Sandbox:
    """Return the one running sandbox of a layer, once it was seen to keep its promises.

    Raises:
        SandboxError: it does not work here.
    """
    with LOCK:
        found = _opened(name)
    if isinstance(found, SandboxError):
        raise found
    return found


@functools.cache
def _opened(name: str) -> Sandbox | SandboxError:
    layer = LAYERS[name]
    swept()
    missing = layer.missing()
    if missing:
        return SandboxError(f"sandbox {name} does not work here: {missing}")
    try:
        sandbox = Sandbox(layer)
    except SandboxError as error:
        return error
    broken = [promise for promise, kept in promises(sandbox).items() if not kept.passed]
    if layer.strong and broken:
        sandbox.close()
        return SandboxError(f"sandbox {name} does not work here: it does not keep programs from {', '.join(broken)}")
    atexit.register(sandbox.close)
    return sandbox


def promises(sandbox: Sandbox) -> dict[str, Outcome]:
    """Return for everything that a program can be kept from how the attempt to reach it ended."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        Path(folder).chmod(0o777)  # so that only the sandbox stands between it and a program
        file = Path(folder) / "file"
        file.write_text("seen", encoding="ascii")
        values = {
            "FILE": str(file),
            "PLACE": str(Path(folder) / "place"),
            "PORT": server.getsockname()[1],
            "PROCESS": os.getpid(),
        }
        given = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        return {name: sandbox.judge(LOOKING, given + test) for name, test in PROMISES.items()}
