"""Runs that are stopped, doubled or starved of disk: nothing that was answered is lost or asked again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SUMS = Path(__file__).with_name("sums.py")
WORDS = ["run", "--tasks", "greedy_sums", "--model", "sums", "--concurrency", "8", "--evaluation", "accuracy"]
WORDS += ["--limit", "40", "--plugin", str(SUMS)]
LOG, SECONDS, BYTES = "SUMS_LOG", "SUMS_SECONDS", "SUMS_BYTES"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def start(folder, *words, seconds=0.5):
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *WORDS, *words],
        cwd=folder,
        env={**os.environ, LOG: str(folder / "log"), SECONDS: str(seconds)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(folder, what):
    log = folder / "log"
    return [line for line in log.read_text().splitlines() if line.startswith(what)] if log.exists() else []


def wait_for(folder, what, count):
    until = time.monotonic() + 60
    while len(told(folder, what)) < count:
        assert time.monotonic() < until, f"{what}: {told(folder, what)}"
        time.sleep(0.02)


def records(folder):
    found = list(folder.glob("runs/*/records.jsonl"))
    assert len(found) == 1
    return found[0].read_text().splitlines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_once_it_waits_for_what_was_asked_and_the_next_run_asks_the_rest(folder, number):
    process = start(folder)
    wait_for(folder, "asked", 12)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in said
    asked = told(folder, "asked")
    assert len(asked) < 40
    assert len(told(folder, "answered")) == len(asked)  # drained
    process = start(folder)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(told(folder, "asked")) == len(set(told(folder, "asked"))) == 40
    assert len(records(folder)) == 40


def test_stopped_in_the_background_it_drains_too(folder):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell has its background jobs
    try:
        process = start(folder)
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(folder, "asked", 12)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(told(folder, "answered")) == len(told(folder, "asked")) < 40


def test_stopped_twice_it_stops_at_once(folder):
    process = start(folder, seconds=30)
    wait_for(folder, "asked", 8)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None  # it waits for eight answers
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=25)
    assert process.returncode == 130
    assert time.monotonic() - begun < 25
    assert "8 answers under way" in said


def test_the_same_run_twice_at_once_is_refused_and_names_who_is_at_it(folder):
    first = start(folder, seconds=100)
    wait_for(folder, "asked", 8)
    second = start(folder)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 2
    assert f"under way there (process {first.pid} on " in said
    assert len(told(folder, "asked")) == 8
    first.kill()
    first.communicate(timeout=60)


def test_another_run_may_share_the_store_meanwhile(folder):
    first = start(folder)
    wait_for(folder, "asked", 1)
    second = start(folder, "--limit", "3", "--seed", "5")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 0, said
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_a_clock_that_goes_backwards_changes_nothing(folder):
    (folder / "back.py").write_text(
        "import itertools, time\n_now = time.time\n_ticks = itertools.count()\n"
        "time.time = lambda: _now() - 3600 * next(_ticks)\n"
    )
    process = start(folder, "--plugin", "back.py", seconds=0.01)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert len(records(folder)) == 40


def contained(folder, script):
    """Run a shell script in its own mount namespace, so that small and read-only disks can be made."""
    unshare = shutil.which("unshare")
    probe = [unshare or "", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"]
    if unshare is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace may be made here: unshare -rm is refused")
    return subprocess.run(
        [unshare, "-rm", "sh", "-ec", script],
        cwd=folder,
        env={**os.environ, LOG: str(folder / "log"), "PY": sys.executable, SECONDS: "0.05", BYTES: "60000"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_on_a_full_disk_every_answer_is_kept_and_the_next_run_asks_only_the_rest(folder):
    (folder / "runs").mkdir()
    words = " ".join(WORDS)
    done = contained(
        folder,
        f"""mount -t tmpfs -o size=2m none runs
        "$PY" -m harness {words} && exit 90 || status=$?
        echo "first: $status"
        cp log first.log
        mount -o remount,size=64m none runs
        "$PY" -m harness {words}
        cp -r runs kept""",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "first: 2" in done.stdout
    assert "all that was answered is kept" in done.stderr
    first = (folder / "first.log").read_text().splitlines()
    answered = {line.partition(" ")[2] for line in first if line.startswith("answered")}
    assert 5 < len(answered) < 40
    asked = [line.partition(" ")[2] for line in told(folder, "asked")]
    assert sorted(asked) == sorted(set(asked))  # nothing answered was asked again
    assert len(asked) == 40
    [results] = folder.glob("kept/*/results.json")
    assert json.loads(results.read_text())["funnel"]["asked"] == 40


def test_a_read_only_folder_is_named_before_anything_is_asked(folder):
    (folder / "runs").mkdir()
    done = contained(folder, f'mount -t tmpfs -o ro,size=2m none runs\n"$PY" -m harness {" ".join(WORDS)}')
    assert done.returncode == 2
    assert "Read-only file system" in done.stderr
    assert "--output" in done.stderr
    assert not (folder / "log").exists()
