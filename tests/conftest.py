"""What tests share: patience on a busy machine, and fresh environments."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# A machine that is shared is slow at times: examples have no deadline of their own, only tests have a timeout.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

#: pip without a network: what it needs is there already, the build backend too.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say that there is none
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Environment:
    """A virtual environment that was made for a test."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def around(self) -> dict[str, str]:
        """What `activate` would set, and that there is no network."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **OFFLINE, "PATH": path, "VIRTUAL_ENV": str(self.folder)}

    def install(self, *words: str | Path) -> None:
        """Install by pip, and nothing besides."""
        words = (self.python, "-m", "pip", "install", "--quiet", "--no-deps", *words)
        done = subprocess.run(words, env=self.around, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def fresh_environment() -> Callable[[Path], Environment]:
    """Return what makes an environment in a folder that is not there yet.

    What the harness needs weighs gigabytes: the fresh environment reads it from ours, and gets the rest by pip.
    """

    def make(folder: Path) -> Environment:
        venv.create(folder, symlinks=True)
        made = Environment(folder)
        words = [made.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        purelib = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        ours = sysconfig.get_path("purelib")
        (Path(purelib) / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        pip = made.folder / "bin" / "pip"
        pip.write_text(f'#!/bin/sh\nexec "{made.python}" -m pip "$@"\n')
        pip.chmod(0o755)
        return made

    return make
