"""Work that is shared among forks: the same results in the same order, whatever becomes of a fork."""

import os
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

import pytest

from harness import HarnessError, StoreError
from harness.ledger import Records, line_of
from harness.parallel import in_order, usable_cores
from harness.registry import load_registry
from harness.summary import share_of, summary_of
from harness.testing import ListTask

TASK = ListTask(name="t", rows=(), domain="math")
CORES = pytest.mark.parametrize("cores", [1, 2, 3])


def named(part):
    """Return a part and who worked on it."""
    return part, os.getpid()


@CORES
def test_results_come_in_the_order_of_the_parts_and_each_core_takes_its_share(cores):
    results = list(in_order(named, range(10), cores))
    assert [part for part, _ in results] == list(range(10))
    assert len({who for _, who in results}) == cores
    assert (os.getpid() in {who for _, who in results}) == (cores == 1)


@CORES
def test_what_the_work_raises_is_raised_at_its_own_part(cores):
    def work(part):
        if part == 4:
            raise HarnessError("the fourth")
        return part

    results = in_order(work, range(10), cores)
    assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(HarnessError, match="the fourth"):
        next(results)


def test_a_fork_that_is_killed_loses_nothing():
    parent = os.getpid()

    def work(part):
        if part == 5 and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return named(part)

    results = list(in_order(work, range(10), 2))
    assert [part for part, _ in results] == list(range(10))
    assert {part for part, who in results if who == parent} == {5, 7, 9}


def test_what_cannot_be_sent_is_made_here():
    results = list(in_order(lambda part: lambda: part, range(4), 2))
    assert [one() for one in results] == [0, 1, 2, 3]


def test_few_parts_are_not_shared(monkeypatch):
    assert usable_cores(1) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    assert usable_cores(100) == 4
    monkeypatch.setattr(sys, "platform", "darwin")
    assert usable_cores(100) == 1


def test_forks_end_with_their_parent():
    code = """
import os, time
from harness.parallel import in_order
def work(part):
    time.sleep(0.05)
    return os.getpid()
for who in in_order(work, range(1000), 2):
    print(who, flush=True)
"""
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    forks = {int(run.stdout.readline()) for _ in range(4)}
    run.kill()
    run.wait()
    run.stdout.close()
    assert len(forks) == 2
    end = time.monotonic() + 20
    while any(alive(fork) for fork in forks):
        assert time.monotonic() < end, "a fork outlives its parent"
        time.sleep(0.05)


def alive(process):
    """Return whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def file(tmp_path, record_of):
    """Return the records of a finished run."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join(line_of(record_of(index)) + b"\n" for index in range(30)))
    (tmp_path / "results.json").write_text("{}")
    return path


def test_the_parts_of_a_file_hold_each_record_once_in_order(file):
    whole = list(Records(file))
    line = len(file.read_bytes().splitlines(keepends=True)[0])
    for size in (1, 100, line - 1, line, line + 1, 3 * line, 10**9):
        parts = Records(file).parts(size)
        assert list(chain.from_iterable(parts)) == whole, size
    assert list(chain.from_iterable(Records(file).parts(10**9)[:1])) == whole


def test_an_empty_file_has_one_part(tmp_path):
    (tmp_path / "records.jsonl").write_bytes(b"")
    (part,) = Records(tmp_path / "records.jsonl").parts()
    assert list(part) == []


def test_a_part_tells_the_line_of_the_whole_file(file):
    lines = file.read_bytes().splitlines(keepends=True)
    lines[17] = b'{"doc": 3}\n'
    file.write_bytes(b"".join(lines))
    for part in (Records(file), Records(file).parts(5000)):
        with pytest.raises(StoreError, match=r"records\.jsonl, line 18: not a record"):
            list(part if isinstance(part, Records) else chain.from_iterable(part))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"records\.jsonl"):
        Records(tmp_path / "records.jsonl").parts()


def test_a_summary_by_forks_is_that_of_one_process(file, monkeypatch):
    metrics = [one for one in load_registry().metrics.values() if one.evaluation == "sustainscore"]
    alone = summary_of(Records(file), metrics, {"t": TASK}, ("solved",))

    def told(*given):
        share = share_of(*given)
        share.marks[f"by {os.getpid()}"] += 1
        return share

    asked, ours = [], f"by {os.getpid()}"
    monkeypatch.setattr("harness.summary.share_of", told)
    monkeypatch.setattr(Records.parts, "__defaults__", (5000,))
    monkeypatch.setattr("harness.parallel.usable_cores", lambda parts: asked.append(parts) or 2)
    found = summary_of(Records(file), metrics, {"t": TASK}, ("solved", ours))
    assert found.funnel.pop(ours) == 0  # all that the metrics keep could be sent
    assert found == alone
    assert asked[0] > 3
    assert alone.estimates
