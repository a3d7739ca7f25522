"""A run that is killed goes on: it asks only what is missing and ends with the same bytes."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

SUMS = Path(__file__).with_name("sums.py")
WORDS = ("run", "--tasks", "sums", "--model", "sums", "--constraint-type", "mine", "--plugin", str(SUMS))


def started(folder):
    command = [sys.executable, "-m", "harness", *WORDS]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "SUMS_LOG": "asked.log", "SUMS_SECONDS": "0.01"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(folder):
    process = started(folder)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said.decode()


def files(folder):
    runs = [path for path in (folder / "runs").iterdir() if path.is_dir()]
    assert len(runs) == 1
    return {name: (runs[0] / name).read_bytes() for name in ("records.jsonl", "results.json")}


def stored(folder):
    path = folder / "runs" / "store.db"
    if not path.exists():
        return 0
    with sqlite3.connect(path) as connection:
        try:
            return connection.execute("SELECT count(*) FROM responses").fetchone()[0]
        except sqlite3.OperationalError:  # killed before the table was made
            return 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    finish(folder)
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_it_asks_only_what_is_missing_and_ends_with_the_same_bytes(whole, tmp_path, seed):
    log = Path(tmp_path / "asked.log")
    wanted = random.Random(seed).randint(1, 400)
    process = started(tmp_path)
    while process.poll() is None and (not log.exists() or log.read_text().count("asked") < wanted):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = stored(tmp_path)
    total = (whole / "asked.log").read_text().count("asked")
    assert 0 <= kept < total
    log.unlink()
    finish(tmp_path)
    assert log.read_text().count("asked") == total - kept
    assert files(tmp_path) == files(whole)
