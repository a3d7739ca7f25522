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

PLUGIN = """
import asyncio, hashlib, os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from harness import Backend, Constraint, ConstraintType, Response, Sampling, TaskSpec, TaskSuite, Verdict, hookimpl
from harness.testing import ListSource, ListTask

ROWS = tuple({"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(60))
TASK = ListTask(name="sums", rows=ROWS, sampling=Sampling(temperature=1.0))


class Slow:
    identity = {"backend": "slow"}
    can = frozenset({"generate"})
    deterministic = True
    concurrency = 16

    async def generate(self, request):
        with open("asked.log", "a") as log:
            log.write(request.draw + "\\n")
        await asyncio.sleep(0.01)
        number = int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])
        seed = hashlib.sha256(f"{request.draw}{number}".encode()).digest()[0]
        return Response(text=f"That makes {2 * number + (seed % 4 == 0)}")


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Slow()

    yield Backend(name="slow", summary="", open=opened)


@hookimpl
def harness_task_suites():
    yield TaskSuite(name="tests", summary="", tasks=(TaskSpec(name="sums"),), source=ListSource(tasks={"sums": TASK}))


@hookimpl
def harness_constraint_types():
    made = Constraint(type="hundred", family="mine", version="1", params={}, text="Use at most 100 words.")
    yield ConstraintType(
        name="hundred", family="mine", summary="few words", extract=lambda source: (made,),
        check=lambda constraint, response: Verdict(met=0 < len(response.text.split()) <= 100),
    )
"""
WORDS = ("run", "--tasks", "sums", "--model", "slow", "--constraint-type", "mine", "--plugin", "slow.py")


def started(folder):
    command = [sys.executable, "-m", "harness", *WORDS]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
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
    (folder / "slow.py").write_text(PLUGIN)
    finish(folder)
    return folder


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_it_asks_only_what_is_missing_and_ends_with_the_same_bytes(whole, tmp_path, seed):
    (tmp_path / "slow.py").write_text(PLUGIN)
    log = Path(tmp_path / "asked.log")
    wanted = random.Random(seed).randint(1, 400)
    process = started(tmp_path)
    while process.poll() is None and (not log.exists() or log.read_text().count("\n") < wanted):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = stored(tmp_path)
    total = (whole / "asked.log").read_text().count("\n")
    assert 0 <= kept < total
    log.unlink()
    finish(tmp_path)
    assert log.read_text().count("\n") == total - kept
    assert files(tmp_path) == files(whole)
