"""Generated programs get the verdict they earned, and leave nothing behind."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness_sandbox import Outcome, run_program

SLOW = 30.0  # ample, so that a busy machine does not turn a right answer wrong

HONEST = {
    "children": "import os\nif os.fork() == 0:\n    assert False\nos.wait()",
    "processes": "import multiprocessing as m\np = m.Process(target=print)\np.start()\np.join()\nassert p.exitcode == 0",
    "a true assertion": "def f(x):\n    return x + 1\nassert f(1) == 2",
    "the standard library": (
        "import collections, dataclasses, decimal, fractions, functools, hashlib, heapq, itertools, json, math, random,"
        " re, statistics, string, typing\nassert json.loads('[1]') == [1]"
    ),
    "dataclasses": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\nassert P() == P(1)",
    "files of its own": "open('a', 'w').write('x')\nassert open('a').read() == 'x'",
    "deep recursion": "import sys\nsys.setrecursionlimit(20000)\ndef f(n):\n    return n and 1 + f(n - 1)\nassert f(15000)",
    "output": "print('x' * 1_000_000)",
    "threads": "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()",
    "a background thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()",
    "text beyond ASCII": "assert 'é€😀'[2] == '😀'",
    "exit in a branch that is not taken": "import sys\nif __name__ == '__main__':\n    sys.exit(input())",
    "caught exits": "import sys\ntry:\n    sys.exit(0)\nexcept SystemExit:\n    pass\nassert True",
    "nothing": "",
}

# name: (program, what becomes of it)
HOSTILE = {
    "a false assertion": ("assert 1 == 2", {"failed"}),
    "an exception": ("raise ValueError('no')", {"failed"}),
    "not a program": ("def f(:", {"syntax"}),
    "a NUL": ("x = 1\0", {"syntax"}),
    "nesting": ("(" * 5000 + ")" * 5000, {"syntax"}),
    "a lone surrogate": ("x = '\ud800'", {"syntax"}),
    "sys.exit": ("import sys\nsys.exit(0)\nassert False", {"failed"}),
    "os._exit": ("import os\nos._exit(0)\nassert False", {"failed"}),
    "exit by raising": ("raise SystemExit\nassert False", {"failed"}),
    "kill itself": ("import os\nos.kill(os.getpid(), 9)\nassert False", {"crashed", "failed"}),
    "a segmentation fault": ("import ctypes\nctypes.string_at(0)\nassert False", {"crashed"}),
    "fork and leave": ("import os\nif os.fork():\n    os._exit(0)\nassert False", {"failed"}),
    "an endless loop": ("while True:\n    pass", {"timeout"}),
    "sleep": ("import time\ntime.sleep(99)", {"timeout"}),
    "an endless loop in a child": ("import os\nos.fork()\nwhile True:\n    pass", {"timeout"}),
    "a fork bomb": (
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        {"timeout"},
    ),
    "copies of itself that fail": ("import os\nfor _ in range(4):\n    os.fork()\nassert False", {"failed"}),
    "waiting for input": ("input()", {"failed"}),
    "memory": ("x = bytearray(10**10)", {"memory"}),
    "memory by growth": ("x = []\nwhile True:\n    x.append('y' * 10**6)", {"memory"}),
    "a flood of output": ("while True:\n    print('x' * 10**6)", {"timeout"}),
    "a large file": ("f = open('x', 'wb')\nfor _ in range(99):\n    f.write(bytes(10**6))", {"failed"}),
    "an exit handler": ("import atexit, os\natexit.register(os._exit, 0)\nassert False", {"failed"}),
    "a message that exits": (
        "import os\nclass E(Exception):\n    def __str__(self):\n        os._exit(0)\nraise E",
        {"failed"},
    ),
    "a message that raises": ("class E(Exception):\n    def __str__(self):\n        1 / 0\nraise E", {"failed"}),
    "patched builtins": (
        (
            "import builtins, os, sys\nbuiltins.AssertionError = None\nos.write = sys.exit = os._exit = lambda *a: 0\n"
            "assert False"
        ),
        {"failed"},
    ),
    "printing a verdict": (
        (
            "import os\nfor fd in range(64):\n    try:\n        os.write(fd, b'passed\\n')\n    except OSError:\n        pass\n"
            "os._exit(0)"
        ),
        {"failed"},
    ),
    "printing a claim": (
        (
            "import os\nfor fd in range(3, 64):\n    try:\n        os.write(fd, b'claim\\npassed\\n')\n"
            "    except OSError:\n        pass\nos._exit(0)"
        ),
        {"failed"},
    ),
    "reading and echoing every pipe": (
        (
            "import os\nfor fd in range(3, 64):\n    try:\n        os.set_blocking(fd, False)\n        text = os.read(fd, 99)\n"
            "    except OSError:\n        text = b'x'\n    for to in range(3, 64):\n        try:\n"
            "            os.write(to, text)\n        except OSError:\n            pass\nos._exit(0)"
        ),
        {"failed"},
    ),
    "asking the witness": (
        (
            "import sys\nframe = sys._getframe(1)\nwhile 'done' not in frame.f_locals:\n    frame = frame.f_back\n"
            "frame.f_locals['done'].release()\nframe.f_locals['given'].acquire()\nimport os\nos._exit(0)"
        ),
        {"failed"},
    ),
    "asking as the supervisor asks": (
        (
            "import sys\nframe = sys._getframe(1)\nwhile 'done' not in frame.f_locals:\n    frame = frame.f_back\n"
            "frame.f_globals['ask'](frame.f_locals['done'], frame.f_locals['given'])\nimport os\nos._exit(0)"
        ),
        {"failed"},
    ),
    "looking for the nonce": (
        (
            "import gc, sys, os\nframe = sys._getframe()\nwords = []\nwhile frame:\n"
            "    words += [v for v in list(frame.f_locals.values()) if isinstance(v, bytes) and len(v) == 32]\n"
            "    frame = frame.f_back\nwords += [o for o in gc.get_objects() if isinstance(o, bytes)]\n"
            "for word in words:\n    for fd in range(3, 64):\n        try:\n            os.write(fd, word)\n"
            "        except OSError:\n            pass\nos._exit(0)"
        ),
        {"failed"},
    ),
    "killing the supervisor": ("import os\nos.kill(os.getppid(), 9)\nassert False", {"failed"}),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_passes(name: str):
    assert run_program(HONEST[name], timeout=SLOW) == Outcome(status="passed")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_program_fails(name: str):
    program, expected = HOSTILE[name]
    outcome = run_program(program, timeout=1 if "timeout" in expected else SLOW, memory_mb=256)
    assert outcome.status in expected, outcome


def test_the_detail_names_exception_and_line():
    assert run_program("x = 1\nassert x == 2, 'x is off'").detail == "AssertionError: x is off (line 2)"
    assert run_program("x = (").detail == "SyntaxError: '(' was never closed (line 1)"


def test_the_clock_stops_what_takes_no_time_of_the_cpu():
    start = time.monotonic()
    assert run_program("import time\ntime.sleep(60)", timeout=0.5).status == "timeout"
    assert time.monotonic() - start < 15


def test_no_environment_is_inherited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_API_KEY", "sesame")
    assert run_program("import os\nassert 'sesame' not in str(os.environ)", timeout=SLOW).passed


def test_no_descriptor_is_inherited(tmp_path: Path):
    file = os.open(tmp_path / "open", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(file, True)
    program = (
        "import os, stat\nfor fd in range(3, 256):\n    try:\n        mode = os.fstat(fd).st_mode\n"
        "    except OSError:\n        continue\n    assert stat.S_ISFIFO(mode), fd"
    )
    try:
        assert run_program(program, timeout=SLOW).passed
    finally:
        os.close(file)


def test_its_folder_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run_program("import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()", timeout=SLOW).passed
    assert not list(tmp_path.iterdir())


def test_offspring_does_not_outlive_it(tmp_path: Path):
    tmp_path.chmod(0o777)
    beat = tmp_path / "beat"
    beat.touch()
    beat.chmod(0o666)
    program = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        while True:\n"
        f"            try:\n                open({str(beat)!r}, 'a').write('x')\n            except OSError:\n"
        "                pass\n            time.sleep(0.01)\n    os._exit(0)\ntime.sleep(0.2)"
    )
    assert run_program(program, timeout=SLOW).passed
    size = beat.stat().st_size
    time.sleep(0.3)
    assert beat.stat().st_size == size


@pytest.mark.skipif(os.geteuid() != 0, reason="only a superuser gives each program a user of its own")
def test_nothing_outside_its_folder_can_be_written(tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_text("kept")
    assert not run_program(f"open({str(kept)!r}, 'w')", timeout=SLOW).passed
    assert kept.read_text() == "kept"


def test_many_programs_run_at_once():
    def status(number: int) -> str:
        return run_program(f"assert {number} % 2 == 0", timeout=SLOW).status

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(status, range(24)))
    assert found == ["passed", "failed"] * 12
    assert threading.active_count() < 20
