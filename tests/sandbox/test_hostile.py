"""Every hostile program is contained by every layer that claims to: no effect outside, its verdict, no worker lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness_sandbox.layers import claims

from .conftest import sandbox_of

PROGRAMS = {path.stem: path.read_text() for path in sorted((Path(__file__).parent / "hostile").glob("*.txt"))}
TESTS = "assert answer() == 42\n"
HONEST = "def answer():\n    return 42\n"


def told(program: str, what: str) -> set[str]:
    """Return what a program's header says of it."""
    found = re.search(rf"^# {what}: (.*)$", program, re.MULTILINE)
    return set(found[1].split()) if found else set()


def test_there_are_many():
    assert len(PROGRAMS) >= 60
    assert all(told(program, "against") and told(program, "ends") for program in PROGRAMS.values())


@pytest.mark.parametrize("layer", ["bubblewrap", "namespaces", "process"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_hostile_program_is_contained(layer: str, name: str, outside):
    sandbox, program = sandbox_of(layer), PROGRAMS[name]
    missing = told(program, "against") - claims(sandbox.layer, sandbox.facts)
    if missing:
        pytest.skip(f"{layer} does not claim here to keep programs from {', '.join(sorted(missing))}")
    ends = told(program, "ends")
    outcome = sandbox.judge(outside.filled(program), TESTS, timeout=0.3 if "timeout" in ends else 10.0)
    assert outcome.status in ends, outcome
    outside.check()
    assert sandbox.judge(HONEST, TESTS).passed
    assert len(sandbox.workers) == 1
    for worker in sandbox.workers:
        for folder in worker.group.folders if worker.group else ():
            # whoever waits for the server, the server, the tests' side
            assert len((folder / "cgroup.procs").read_text().split()) <= 3
