"""How long `harness view` takes to open a run of many records and to page through it, and what memory it needs.

    python benchmarks/viewer.py [--records 100000] [--folder DIR]

A run of the embedded model is made once; its records are repeated under new document numbers until there are so many.
Times are those of a client: from the start of the process to the first page of samples, then of single pages.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

TURNS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        folder = many_records(Path(place), given.records)
        size = (folder / "records.jsonl").stat().st_size
        print(f"{given.records:,} records, {size / 1e6:,.0f} MB")
        measure(folder, given.records)


def many_records(place: Path, count: int) -> Path:
    words = ["run", "--tasks", "demo_words", "--constraint-type", "format", "--limit", "6", "--output", str(place)]
    subprocess.run([sys.executable, "-m", "harness", *words], check=True, stdout=subprocess.DEVNULL)
    [folder] = [path for path in place.iterdir() if path.is_dir()]
    records = folder / "records.jsonl"
    lines = records.read_bytes().splitlines(keepends=True)
    name = re.compile(rb'"doc":"demo_words/\d+"|"index":\d+')
    with records.open("wb") as file:
        for number in range(count):
            line = lines[number % len(lines)]
            new = iter((b'"doc":"demo_words/%d"' % number, b'"index":%d' % number))
            file.write(name.sub(lambda _, new=new: next(new), line, count=2))
    return folder


def measure(folder: Path, count: int) -> None:
    start = time.perf_counter()
    words = [sys.executable, "-m", "harness", "view", str(folder), "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().split("/ shows")[0]
            client = httpx.Client(base_url=address, timeout=120, trust_env=False)
            samples = f"/runs/{folder.name}/samples"
            assert "demo_words/0<" in client.get(samples).text
            print(f"{'start to first page of samples':<44} {time.perf_counter() - start:8.2f} s")
            while f">demo_words/{count - 1}<" not in client.get(samples, params={"page": count}).text:
                time.sleep(0.05)
            print(f"{'start to the last record':<44} {time.perf_counter() - start:8.2f} s")
            turn(client, "page of 50 samples", lambda n: (samples, {"page": 1 + n * (count // 50 - 1) // TURNS}))
            turn(client, "page of 50 samples, by outcome", lambda n: (samples, {"outcome": "kept", "page": 1 + 7 * n}))
            turn(client, "one sample", lambda n: (f"{samples}/{n * (count - 1) // TURNS}", {}))
            turn(client, "a document by name", lambda n: (samples, {"doc": f"demo_words/{count - 1 - n}"}))
            turn(client, "page of the run", lambda _: (f"/runs/{folder.name}/", {}))
            print(f"{'memory, the most':<44} {peak(server.pid):8.0f} MB")
        finally:
            server.terminate()


def turn(client: httpx.Client, what: str, address: Callable[[int], tuple[str, dict[str, object]]]) -> None:
    times = []
    for number in range(TURNS):
        path, params = address(number)
        start = time.perf_counter()
        answer = client.get(path, params=params, follow_redirects=True)
        times.append(1000 * (time.perf_counter() - start))
        answer.raise_for_status()
    print(f"{what:<44} {statistics.median(times):8.1f} ms median, {max(times):.1f} ms the longest of {TURNS}")


def peak(pid: int) -> float:
    told = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 1000


if __name__ == "__main__":
    main()
