"""From a process of the host to a fork server in its layer: into the control group, out of everything else."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

from harness_sandbox.inside import root
from harness_sandbox.inside.limits import LIBC


def main(text: str) -> None:
    """Do what the settings of a layer say, and serve; or become the program that does."""
    settings = json.loads(text)
    for door in settings.pop("doors"):
        with contextlib.suppress(OSError), open(door, "w", encoding="ascii") as file:  # noqa: PTH123
            file.write("0")
    if settings["launch"]:
        launched(settings)
    from harness_sandbox.inside.server import serve

    serve(settings)


def launched(settings: dict[str, Any]) -> None:
    """Become the tool that makes the layer. As root, it gets a tree made for it and no right of root."""
    command = settings.pop("launch")
    if os.geteuid() == 0 and settings["user"]:
        root.checked(LIBC.unshare(root.NEWNS), "unshare mount")
        root.stage_made(settings["stage"], settings["shown"], settings["masked"])
        root.become(settings["user"])
    inner = {**settings, "launch": [], "doors": [], "user": 0}
    os.execvp(command[0], [*command, json.dumps(inner)])  # noqa: S606  # that is the point
