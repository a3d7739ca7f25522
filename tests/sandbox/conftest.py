"""What stands outside of a sandbox and must still stand there afterwards."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import SandboxError
from harness_sandbox import Choice, sandbox_for
from harness_sandbox.sandbox import Sandbox


def sandbox_of(layer: str) -> Sandbox:
    """Return the sandbox of a layer; skip where the layer does not work here."""
    try:
        return sandbox_for(Choice(name=layer, weak=True))
    except SandboxError as error:
        pytest.skip(str(error))


@dataclass(frozen=True)
class Outside:
    """A folder open to everybody, servers that nobody may reach, a process that nobody may touch."""

    folder: Path
    servers: tuple[socket.socket, ...]
    abstract: str
    victim: subprocess.Popen[bytes]

    def filled(self, program: str) -> str:
        """Return a program aimed at all of this."""
        places = {
            "@FOLDER@": str(self.folder),
            "@PORT@": str(self.servers[0].getsockname()[1]),
            "@ABSTRACT@": self.abstract,
            "@PID@": str(self.victim.pid),
        }
        for mark, value in places.items():
            program = program.replace(mark, value)
        return program

    def check(self) -> None:
        """Fail if any of it was touched."""
        assert sorted(path.name for path in self.folder.iterdir()) == ["secret", "socket"]
        assert (self.folder / "secret").read_text() == "secret"
        assert (self.folder / "secret").stat().st_mode & 0o777 == 0o666
        for server in self.servers:
            with pytest.raises(BlockingIOError):
                server.recv(1) if server.type == socket.SOCK_DGRAM else server.accept()
        assert self.victim.poll() is None


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Stand outside."""
    folder = tmp_path_factory.mktemp("outside")
    for place in (folder, *folder.parents):
        if place.stat().st_uid == os.geteuid() and place.is_relative_to("/tmp") and place != Path("/tmp"):
            place.chmod(0o777)  # so that only the sandbox stands between it and a program
    secret = folder / "secret"
    secret.write_text("secret")
    secret.chmod(0o666)
    abstract = f"harness-test-{secrets.token_hex(8)}"
    servers = [
        socket.create_server(("127.0.0.1", 0)),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    ]
    servers[1].bind(str(folder / "socket"))
    (folder / "socket").chmod(0o777)
    servers[2].bind(f"\0{abstract}")
    servers[3].bind(("127.0.0.1", servers[0].getsockname()[1]))
    for server in servers[:3]:
        server.listen()
    for server in servers:
        server.setblocking(False)
    victim = subprocess.Popen(["sleep", "3600"])
    yield Outside(folder, tuple(servers), abstract, victim)
    victim.kill()
    victim.wait()
    for server in servers:
        server.close()
