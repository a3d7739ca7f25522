"""The list of hashes of a run: what it covers, and what it shows."""

import asyncio
import subprocess

import pytest

from harness.errors import StoreError
from harness.run import run
from harness.seal import SUMS, seal_of


@pytest.fixture
def folder(world):
    plan, registry, _ = world(limit=3)
    return asyncio.run(run(plan, registry)).folder


def test_a_finished_run_is_whole(folder):
    seal = seal_of(folder)
    assert seal.whole
    assert {"manifest.json", "records.jsonl", "results.json", "report.md", ".run"} <= set(seal.kept)
    assert seal.added == ()


def test_any_changed_byte_is_named(folder):
    for name in seal_of(folder).kept:
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        assert seal_of(folder).changed == (name,)
        (folder / name).write_bytes(before)
    assert seal_of(folder).whole


def test_a_missing_and_an_added_file_are_named(folder):
    (folder / "report.md").unlink()
    (folder / "mine.txt").write_text("")
    seal = seal_of(folder)
    assert (seal.missing, seal.added, seal.whole) == (("report.md",), ("mine.txt",), False)


def test_the_system_can_check_it_too(folder):
    assert subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=folder, check=False).returncode == 0


def test_a_list_that_is_none_is_an_error(folder):
    (folder / SUMS).write_text("hello\n")
    with pytest.raises(StoreError, match="line 1"):
        seal_of(folder)
    (folder / SUMS).unlink()
    with pytest.raises(StoreError, match=SUMS):
        seal_of(folder)
