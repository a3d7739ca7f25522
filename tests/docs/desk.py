"""Where a reader works through a page: a folder of its own, and the blocks of the page done one after the other."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from blocks import Block

SERVER = Path(__file__).with_name("server.py")
#: What only a shell understands.
SHELL = set("|;&<>$`(){}~")


class Server:
    """The process that runs commands of `harness` without importing all anew."""

    def __init__(self, python: Path, around: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [python, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(around)
        )

    def status(self, **order: object) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the server of commands has ended"
        return int(json.loads(answer)["status"])

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


class Desk:
    """A folder in which the blocks of one page are done, each once."""

    def __init__(
        self, folder: Path, around: Mapping[str, str], server: Server | None = None, store: Path | None = None
    ) -> None:
        self.folder = folder
        self.server = server
        self.around = dict(around)
        #: What each block printed.
        self.outputs: dict[Block, str] = {}
        folder.mkdir(parents=True)
        if store is not None and store.exists():  # what another page asked is not asked again
            (folder / "runs").mkdir()
            shutil.copy(store, folder / "runs" / "store.db")

    @property
    def store(self) -> Path:
        return self.folder / "runs" / "store.db"

    def do(self, block: Block) -> str:
        """Do a block; return what it printed."""
        if block.title:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return ""
        if block.language == "python":
            return self._called(block, code=block.text)
        return "".join(self._command(block, command) for command in block.commands)

    def _command(self, block: Block, command: str) -> str:
        words = shlex.split(command, comments=True)
        if words[0] == "harness" and self.server is not None and not SHELL & set("".join(words)):
            return self._called(block, words=[found for word in words[1:] for found in self._globbed(word)])
        if words[0] == "cd" and len(words) == 2:
            self.folder = self.folder / words[1]
            return ""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder, env=self.around, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n$ {command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def _globbed(self, word: str) -> list[str]:
        """Return the paths that a word with a star stands for, as a shell would; itself if there are none."""
        found = sorted(self.folder.glob(word)) if "*" in word and not word.startswith("/") else []
        return [str(path.relative_to(self.folder)) for path in found] or [word]

    def _called(self, block: Block, **order: object) -> str:
        assert self.server is not None
        output = self.folder / ".output"
        output.unlink(missing_ok=True)
        status = self.server.status(folder=str(self.folder), output=str(output), **order)
        text = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        output.unlink(missing_ok=True)
        assert status == 0, f"{block}\n{order}\nexit status {status}\n{text[-4000:]}"
        return text


def around(root: Path) -> dict[str, str]:
    """Return the environment of a reader who has no network; benchmark rows, where there are any, stand in for the hub."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")}
    found |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HARNESS_ALLOW_WEAK_SANDBOX": "1", "COLUMNS": "120"}
    rows = rows_of(root)
    return found | ({"HARNESS_DATASET_ROOT": str(rows)} if rows else {})


def rows_of(root: Path) -> Path | None:
    """Return the folder of benchmark rows that stands in for the hub; None where there is none."""
    rows = root.parent / "shared" / "data" / "hub"
    return rows if rows.is_dir() else None
