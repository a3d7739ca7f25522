"""Recorded outputs of real models; where they are missing, the tests that need them say so."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Path]:
    """Return a function from the name of a recorded file or folder to its path."""

    def path(name: str) -> Path:
        found = DATA / name
        if not found.exists():
            pytest.skip(f"the recorded outputs shared/data/{name} are not here")
        return found

    return path


@pytest.fixture(scope="session")
def rows(recorded) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function from the name of a recorded JSON lines file to its rows."""

    def read(name: str) -> list[dict[str, Any]]:
        path = recorded(name)
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            return [json.loads(line) for line in lines]

    return read


@pytest.fixture(scope="session")
def expected(recorded) -> Callable[[str], dict[str, Any]]:
    """Return a function from a folder to the figures that a correct harness computes on it."""

    def read(name: str) -> dict[str, Any]:
        return json.loads((recorded(name) / "EXPECTED.json").read_text())["figures"]

    return read
