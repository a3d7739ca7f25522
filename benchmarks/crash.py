"""Kill a run at random instants, cut its files at random, start it again: the same results, and nothing asked twice.

    python benchmarks/crash.py --kills 200

A model that answers by a hash of the question serves a run of SustainScore. The process is killed (SIGKILL) at a random
instant; then the last bytes of the store's log, the records or the manifest are cut at random. After so many kills the
run is left to end, and compared byte for byte with one that was never killed. What the store held after a kill must
never be asked again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUMS = Path(__file__).resolve().parents[1] / "tests" / "sums.py"
#: How often a kill is followed by a cut.
CUTS = 0.5
WORDS = ("run", "--tasks", "sums", "--model", "sums", "--constraint-type", "mine", "--plugin", str(SUMS))


def started(folder: Path) -> subprocess.Popen[bytes]:
    """Start the run."""
    command = [sys.executable, "-m", "harness", *WORDS]
    with (folder / "said.log").open("wb") as said:
        around = {**os.environ, "SUMS_LOG": "asked.log", "SUMS_SECONDS": "0.01"}
        return subprocess.Popen(command, cwd=folder, env=around, stdout=said, stderr=said, start_new_session=True)


def finished(folder: Path) -> None:
    """Run to the end."""
    process = started(folder)
    if process.wait(timeout=600) != 0:
        said = (folder / "said.log").read_text().strip()
        raise SystemExit(f"the run in {folder} ended with {process.returncode}: {said}")


def results(folder: Path) -> dict[str, bytes]:
    """Return what must be the same; also of runs that ended before they were killed."""
    runs = [path.parent for path in folder.glob("runs/*/results.json")]
    found = [{name: (run / name).read_bytes() for name in ("records.jsonl", "results.json")} for run in runs]
    if any(one != found[0] for one in found):
        raise SystemExit(f"{folder}: two runs that ended differ")
    return found[0]


def asked(folder: Path) -> list[str]:
    """Return the names of the requests in the order in which they were asked."""
    log = folder / "asked.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [line.split()[1] for line in lines if line.startswith("asked")]


def stored(folder: Path) -> int:
    """Return how many answers the store holds, as SQLite itself counts them."""
    try:
        with sqlite3.connect(folder / "runs" / "store.db") as connection:
            return int(connection.execute("SELECT count(*) FROM responses").fetchone()[0])
    except sqlite3.Error:
        return 0


def cut(folder: Path, rng: random.Random) -> None:
    """Cut the last bytes of one of the run's files, as a power cut does."""
    ended = {path.parent for path in folder.glob("runs/*/results.json")}  # a cut there is for `harness verify` to find
    files = [path for path in (*folder.glob("runs/*/*"), folder / "runs" / "store.db-wal") if path.is_file()]
    files = [path for path in files if path.parent not in ended]
    victims = [path for path in files if path.name in {"records.jsonl", "manifest.json", "store.db-wal", ".run"}]
    if victims and rng.random() < CUTS:
        victim = rng.choice(sorted(victims))
        size = victim.stat().st_size
        with victim.open("r+b") as file:
            file.truncate(max(0, size - rng.randint(1, 5000)))


def killed(folder: Path, rng: random.Random, most: float) -> None:
    """Start the run, and kill it after a random time."""
    process = started(folder)
    time.sleep(rng.uniform(0, most))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> None:
    """Kill, cut and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as base:
        whole = Path(base) / "whole"
        whole.mkdir()
        begun = time.monotonic()
        finished(whole)
        seconds = time.monotonic() - begun
        expected, total = results(whole), len(asked(whole))
        kills = rounds = again = 0
        while kills < given.kills:
            folder = Path(base) / f"round{rounds}"
            folder.mkdir()
            for _ in range(min(rng.randint(3, 8), given.kills - kills)):
                killed(folder, rng, seconds)
                kills += 1
                cut(folder, rng)
                kept = stored(folder)
                (folder / "asked.log").unlink(missing_ok=True)
            finished(folder)
            if results(folder) != expected:
                raise SystemExit(f"round {rounds}: other results than those of the run that was never killed")
            again += len(asked(folder)) - (total - kept)
            rounds += 1
            shutil.rmtree(folder)
        print(f"kills {kills}, runs {rounds}, requests a run {total}: the same bytes each time")
        print(f"asked again though stored: {again}")
        if again:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
