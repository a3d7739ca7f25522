"""`harness view [RUN...]`: serves the pages on this machine's own address until it is told to stop."""

from __future__ import annotations

import argparse
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

from harness import HarnessError
from harness_site.view.folders import Folders, folders_of

#: The only address: nobody but this machine can ask.
LOOPBACK = "127.0.0.1"
PORT = 7470


def call(words: Sequence[str]) -> int:
    """Serve what the words name until Ctrl-C; return the exit status.

    Raises:
        HarnessError: a folder that is not there, or a port that is taken.
    """
    import uvicorn

    from harness.plugin_flags import loaded
    from harness_site.view.app import application
    from harness_site.view.pages import Pages

    given = parser().parse_args(list(words))
    folders = folders_of(given.runs)
    registry = loaded(given)
    door = bound(given.port)
    sys.stdout.write(
        f"http://{LOOPBACK}:{door.getsockname()[1]}/ shows {', '.join(map(str, given.runs))}; Ctrl-C ends\n"
    )
    sys.stdout.flush()
    Thread(target=read_ahead, args=(folders,), daemon=True).start()
    app = application(Pages(folders=folders, registry=registry))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    server.run(sockets=[door])
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    from harness.plugin_flags import add_plugin_flags

    found = argparse.ArgumentParser(prog="harness view", description="Look at the answers of runs in a browser.")
    found.add_argument(
        "runs",
        nargs="*",
        type=Path,
        metavar="RUN",
        default=[Path("runs")],
        help="run folder, or folder of run folders, finished or going on (default: runs)",
    )
    found.add_argument("--port", type=int, default=PORT, help=f"port on {LOOPBACK} (default: {PORT}; 0: any free one)")
    add_plugin_flags(found)
    return found


def bound(port: int) -> socket.socket:
    """Return a socket that listens on the loopback address.

    Raises:
        HarnessError: the port is taken, or is none.
    """
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((LOOPBACK, port))
        door.listen()  # before its address is told: whoever comes early waits, and is not turned away
    except (OSError, OverflowError) as error:
        door.close()
        raise HarnessError(f"--port {port}: {error}; choose another, or 0 for any free one") from error
    return door


def read_ahead(folders: Folders) -> None:
    """Read the indexes of all runs, so that filters are whole by the time they are asked for."""
    for one in folders.look().values():
        while not one.index.whole:
            try:
                one.index.read_on(0.05)
                time.sleep(0.001)  # whoever waits for the index comes first
            except HarnessError:  # its page says so
                break
