"""A server with faults for an hour's worth of requests: each document ends answered or unscored, and only once.

    python benchmarks/faults.py --docs 22000

Two fifths of the requests meet a fault: 429 with and without Retry-After, 5xx, slow, hanging, reset before and inside
the body, truncated, no JSON, wrong schema, no choices, two choices, not UTF-8, huge. One question of fifty is
refused for good. That makes 36,000 requests, an hour's at ten a second. Time is compressed: an answer takes 5 ms, an
attempt may take 2 s. Each answer must be that of its own question.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DOOMED, EVERY = 7, 50
TASK = r"""
task: faults
dataset_path: json
dataset_kwargs: {data_files: {test: FILE}}
output_type: generate_until
test_split: test
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["Question:"], do_sample: false, max_gen_toks: 64}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
filter_list:
  - name: number
    filter: [{function: regex, regex_pattern: '#### (\-?[0-9\.\,]+)'}, {function: take_first}]
"""
#: Time, compressed. The pace is fixed: faults by chance are no sign of too much, and would bring it down to a crawl.
OPTIONS = {"timeout": 2, "backoff": 0.01, "max_retries": 20, "hedge": 0.3, "deadline": 120, "concurrency": 128}
OPTIONS |= {"adaptive": 0}


def write_task(folder: Path, docs: int) -> None:
    """Write sums as a task file."""
    rows = ({"question": f"What is {k} plus {k % 9}?", "answer": str(k + k % 9)} for k in range(docs))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "faults.yaml").write_text(TASK.replace("FILE", json.dumps(str(folder / "rows.jsonl"))))


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """Give the address of a server process."""
    command = [sys.executable, str(ROOT / "loopback.py"), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def stats(url: str) -> dict[str, object]:
    """Return what a server was asked."""
    with urllib.request.urlopen(f"{url}/stats", timeout=60) as reply:
        found: dict[str, object] = json.load(reply)
        return found


def run(folder: Path, url: str, **options: float) -> None:
    """Run the task against the server, as a user does."""
    words = ["run", "--tasks", "faults.yaml", "--evaluation", "accuracy", "--model", "openai:m", "--output", "runs"]
    for name, value in {"base_url": f"{url}/v1", **OPTIONS, **options}.items():
        words += ["--model-option", f"{name}={value}"]
    around = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hub")}
    command = [sys.executable, "-m", "harness", *words]
    done = subprocess.run(command, cwd=folder, env=around, capture_output=True, text=True, check=False)
    if done.returncode != 1:  # some documents are unscored
        raise SystemExit(f"the run ended with {done.returncode}: {done.stderr[-2000:]}")


def checked(folder: Path, docs: int) -> Counter[str]:
    """Return how the documents ended; raises if one is missing, there twice, wrong or without a reason."""
    (records,) = folder.glob("runs/*/records.jsonl")
    ends: Counter[str] = Counter()
    with records.open() as lines:
        for number, line in enumerate(lines):
            record = json.loads(line)
            assert record["doc"] == f"faults/{number}", f"record {number} is of {record['doc']}"
            values = record["trials"][0]["score"]["values"]
            if number % EVERY == DOOMED:
                assert "cannot be answered" in record["why"], record["why"]
            elif values:
                assert values["exact_match,number"] == 1.0, f"document {number} has another's answer"
            else:
                assert record["why"], f"document {number} has neither an answer nor a reason"
            ends["answered" if values else record["why"][:100]] += 1
    assert sum(ends.values()) == docs, f"{sum(ends.values())} records of {docs} documents"
    with sqlite3.connect(folder / "runs" / "store.db") as store:
        (kept,) = store.execute("SELECT count(*) FROM responses").fetchone()
    assert kept == ends["answered"], f"{kept} answers in the store, {ends['answered']} in the records"
    return ends


def main() -> None:
    """Run, check and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=int, default=22_000)
    parser.add_argument("--faults", type=float, default=0.4)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_task(folder, given.docs)
        with serving("--seconds", "0.005", "--faults", str(given.faults), "--seed", str(given.seed)) as url:
            begun = time.monotonic()
            run(folder, url)
            seconds = time.monotonic() - begun
            told = stats(url)
        ends = checked(folder, given.docs)
    print(f"{given.docs:,} documents, {told['requests']:,} requests in {seconds:.0f} s; by fault {told['faults']}")
    print(f"questions answered more than once by the server (sent again beside a slow one): {told['twice']}")
    for end, count in ends.most_common():
        print(f"{count:>9,} {end}")
    print("every document answered with its own answer or unscored with a reason; none twice, none lost")


if __name__ == "__main__":
    main()
