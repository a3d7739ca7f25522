"""Programs get the verdict they earned, whatever values they work with, and the sandbox goes on serving."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness import SandboxError
from harness_sandbox import Choice, Outcome, judge, run_program, using
from harness_sandbox.choice import sandbox_for
from harness_sandbox.judging import names_tested
from harness_sandbox.layers import LAYERS
from harness_sandbox.sandbox import Sandbox

SLOW = 30.0  # ample, so that a busy machine does not turn a right answer wrong

# name: (program, tests)
HONEST = {
    "a true assertion": ("def f(x):\n    return x + 1", "assert f(1) == 2"),
    "a function that checks": (
        "def f(x):\n    return x + 1",
        "def check(candidate):\n    assert candidate(1) == 2\n\ncheck(f)",
    ),
    "every plain type": (
        "def f(x):\n    return x",
        (
            "import collections, datetime, decimal, fractions, math\n"
            "for x in (None, True, 7, 10**5000, -(2**63), 1.5, -0.0, 2j, 'é😀\\ud800', b'x', bytearray(b'y'), (1, (2,)), [[]],\n"
            "          {1: 'a', (2,): [3]}, {1, 2}, frozenset({3}), range(3), decimal.Decimal('1.10'),\n"
            "          fractions.Fraction(1, 3), collections.Counter('aab'), collections.deque([1], 5),\n"
            "          collections.OrderedDict(a=1), datetime.date(2020, 2, 29), datetime.timedelta(1, 2)):\n"
            "    assert f(x) == x and type(f(x)) is type(x), x\n"
            "assert math.isnan(f(math.nan)) and f(math.inf) == math.inf"
        ),
    ),
    "an argument that is changed in place": (
        "def f(x, y):\n    x.sort()\n    y['new'] = [1]\n    y['old'].append(2)",
        (
            "a, b = [3, 1, 2], {'old': [1]}\ninner = b['old']\nassert f(a, b) is None\n"
            "assert a == [1, 2, 3] and b == {'old': [1, 2], 'new': [1]} and inner == [1, 2]"
        ),
    ),
    "a helper of the program": (
        "def poly(xs, x):\n    return sum(c * x**i for i, c in enumerate(xs))\ndef root(xs):\n    return -xs[0] / xs[1]",
        "import math\nassert math.fabs(poly([1, 2], root([1, 2]))) < 1e-4",
    ),
    "a variable of the program": ("ans = 41 + 1", "assert round(ans, 2) == 42"),
    "a class of the program": (
        (
            "class Pair:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n"
            "def longest(pairs):\n    return max(p.b - p.a for p in pairs)"
        ),
        (
            "p = Pair(5, 24)\nassert longest([p, Pair(b=25, a=15)]) == 19 and p.a == 5\n"
            "p.a = 0\nassert longest([p]) == 24 and isinstance(p, Pair)"
        ),
    ),
    "linked objects of the program": (
        (
            "class Node:\n    def __init__(self, data):\n        self.data, self.left, self.right = data, None, None\n"
            "def height(n):\n    return 0 if n is None else 1 + max(height(n.left), height(n.right))"
        ),
        (
            "root = Node(1)\nroot.left = Node(2)\nroot.left.right = Node(3)\nassert height(root) == 3\n"
            "assert root.left.right.data == 3 and root.right is None"
        ),
    ),
    "dataclasses compared with each other": (
        "from dataclasses import dataclass\n@dataclass(order=True)\nclass P:\n    x: int = 1\ndef f():\n    return P(2)",
        "assert f() == P(2) and f() != P(3) and P(1) < P(2) and str(f()) == 'P(x=2)'",
    ),
    "iterators": (
        (
            "def squares():\n    n = 0\n    while True:\n        yield n * n\n        n += 1\ndef evens(xs):\n"
            "    return filter(lambda x: x % 2 == 0, xs)"
        ),
        (
            "import itertools\nassert list(itertools.islice(squares(), 4)) == [0, 1, 4, 9]\n"
            "assert list(evens([1, 2, 4])) == [2, 4] and 4 in evens([1, 2, 4]) and sorted(set(evens({6, 2}))) == [2, 6]"
        ),
    ),
    "functions handed over": (
        "def apply(f, xs):\n    return [f(x) for x in xs]\ndef total(xs):\n    return sum(xs)",
        (
            "assert apply(lambda x: x * 2, [1, 2]) == [2, 4] and apply(str.upper, ['a']) == ['A'] and apply(int, ['3']) == [3]\n"
            "assert total(x for x in (1, 2, 3)) == 6"
        ),
    ),
    "functions handed back": ("def adder(n):\n    return lambda x: x + n", "assert adder(2)(3) == 5"),
    "an exception that is expected": (
        "class Own(ValueError):\n    pass\ndef f(x):\n    raise Own('no', x)\ndef g():\n    return {}[1]",
        (
            "try:\n    f(1)\nexcept Own as error:\n    assert error.args == ('no', 1)\nelse:\n    assert False\n"
            "try:\n    f(2)\nexcept ValueError:\n    pass\ntry:\n    g()\nexcept KeyError as error:\n    assert error.args == (1,)"
        ),
    ),
    "tests of unittest": (
        "def f(x):\n    if x < 0:\n        raise ValueError(x)\n    return x",
        (
            "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(f(1), 1)\n"
            "        with self.assertRaises(ValueError):\n            f(-1)\n"
            "assert unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()"
        ),
    ),
    "named tuples and enums that are numbers": (
        (
            "import enum, collections\nclass C(enum.IntEnum):\n    A = 1\nP = collections.namedtuple('P', 'x y')\n"
            "def f():\n    return C.A\ndef g():\n    return P(1, 2)\ndef h():\n    return collections.defaultdict(int, a=1)"
        ),
        "assert f() == 1 and g() == (1, 2) and h() == {'a': 1}",
    ),
    "state between calls": (
        "calls = []\ndef f(x, seen=[]):\n    seen.append(x)\n    calls.append(x)\n    return len(seen)",
        "assert [f(1), f(2)] == [1, 2] and calls == [1, 2]",
    ),
    "a name that is a built-in": ("def sum(a, b):\n    return a + b + 1", "assert sum(1, 2) == 4"),
    "files of its own": (
        (
            "def f():\n    with open('a', 'w') as file:\n        file.write('x')\n    with open('a') as file:\n"
            "        return file.read()"
        ),
        "assert f() == 'x'",
    ),
    "the standard library": (
        (
            "import asyncio, bz2, csv, dataclasses, hashlib, json, re, sqlite3, statistics, typing, uuid, zoneinfo\n"
            "async def g():\n    await asyncio.sleep(0)\n    return 1\ndef f():\n    return asyncio.run(g())"
        ),
        "assert f() == 1",
    ),
    "deep recursion": (
        "import sys\nsys.setrecursionlimit(20000)\ndef f(n):\n    return n and 1 + f(n - 1)",
        "assert f(15000) == 15000",
    ),
    "output and threads": (
        (
            "import threading\nprint('x' * 1_000_000)\nt = threading.Thread(target=print)\nt.start()\nt.join()\n"
            "threading.Thread(target=threading.Event().wait, daemon=True).start()\ndef f():\n    return 1"
        ),
        "assert f() == 1",
    ),
    "demonstration code": (
        "def f():\n    return 1\nif __name__ == '__main__':\n    import sys\n    sys.exit(input())",
        "assert f() == 1",
    ),
    "its own signals and timers": (
        (
            "import os, signal\nseen = []\nsignal.signal(signal.SIGUSR1, lambda *_: seen.append(1))\n"
            "os.kill(os.getpid(), signal.SIGUSR1)\nsignal.raise_signal(signal.SIGUSR1)"
        ),
        "assert seen == [1, 1]",
    ),
}

# name: (program, tests, status, part of the detail)
WRONG = {
    "a false assertion": (
        "def f():\n    return 1",
        "x = 1\nassert f() == 2, 'two'",
        "failed",
        "AssertionError: two (line 2",
    ),
    "an exception": ("\ndef f():\n    return 1 / 0", "f()", "failed", "ZeroDivisionError: division by zero (line 3)"),
    "an exception at once": ("raise ValueError('no')", "", "failed", "ValueError: no (line 1)"),
    "not a program": ("x = (", "", "syntax", "SyntaxError: '(' was never closed (line 1)"),
    "a NUL": ("x = 1\0", "", "syntax", "null bytes"),
    "nesting": ("(" * 5000 + ")" * 5000, "", "syntax", "too many nested parentheses"),
    "a lone surrogate": ("x = '\ud800'", "", "syntax", "surrogates"),
    "nothing": (" \n", "assert True", "no code", "no program"),
    "a missing name": ("def g():\n    pass", "f()", "failed", "NameError: name 'f' is not defined"),
    "an early exit": ("import sys\nsys.exit(0)", "", "failed", "left before its end"),
    "memory": ("x = bytearray(10**10)", "", "memory", "MemoryError"),
    "memory when asked": ("def f():\n    return bytearray(10**10)", "f()", "memory", "MemoryError"),
    "what is not allowed": ("import socket\nsocket.socket()", "", "refused", "PermissionError"),
    "tests that catch everything": (
        "import os\ndef f():\n    os._exit(0)",
        "try:\n    f()\nexcept:\n    pass",
        "failed",
        "status 0",
    ),
    "a crash": ("import ctypes\ndef f():\n    ctypes.string_at(0)", "f()", "crashed", "signal 11"),
    "an endless loop": ("def f():\n    while True:\n        pass", "f()", "timeout", "s"),
    "endless tests": ("def f():\n    pass", "while True:\n    pass", "timeout", "s"),
    "faulty tests": ("def f():\n    pass", "assert f(", "failed", "SyntaxError"),
    "an argument that cannot leave": (
        "def f(x):\n    pass",
        "class Own:\n    pass\nf(Own())",
        "failed",
        "cannot leave them",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def sandboxed() -> Iterator[None]:
    """Use the strongest layer there is."""
    with using(Choice(weak=True)):
        yield


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_passes(name: str):
    program, tests = HONEST[name]
    outcome = judge(program, tests, timeout=SLOW)
    assert outcome.passed, outcome


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_ends_as_it_should(name: str):
    program, tests, status, detail = WRONG[name]
    outcome = judge(program, tests, timeout=0.5 if status == "timeout" else SLOW)
    assert outcome.status == status, outcome
    assert detail in outcome.detail


def test_a_program_without_tests_hands_out_what_it_printed():
    assert run_program("print('a')\nprint('b' * 3)").output == "a\nbbb\n"
    assert len(run_program("print('x' * 1_000_000)", timeout=SLOW).output) == 65_536


def test_a_built_in_is_replaced_only_where_it_is_tested():
    program = "def f(x):\n    return -x\ndef abs(x):\n    return 7"
    assert judge(program, "assert abs(f(7)) == 7 and abs(f(3)) == 3").passed
    assert judge(program, "assert abs(f(3)) == 3", tested=("abs",)).status == "failed"
    assert names_tested("def check(candidate):\n    assert abs(candidate(1)) == 1\ncheck(sum)") == ("sum",)


def test_one_program_leaves_nothing_to_the_next():
    run_program("import builtins, json\nbuiltins.len = json.dumps = None\nopen('left', 'w').close()")
    program = "import json, os\ndef f():\n    return [len(json.dumps([1])), os.path.exists('left')]"
    assert judge(program, "assert f() == [3, False]").passed


def test_tests_leave_no_random_numbers_to_the_next_ones():
    tests = "import random\nassert f(random.random())"
    first = judge("def f(x):\n    raise ValueError(x)", tests).detail
    assert first == judge("def f(x):\n    raise ValueError(x)", tests).detail


def test_large_values_cross():
    tests = "x = list(range(300_000))\nassert f(x) == x[::-1] and f('é' * 3_000_000)[0] == 'é'"
    assert judge("def f(x):\n    return x[::-1]", tests, timeout=SLOW).passed


def test_many_programs_at_once():
    def status(number: int) -> str:
        return judge(f"def f():\n    return {number}", f"assert f() % 2 == 0 and f() == {number}", timeout=SLOW).status

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(status, range(40)))
    assert found == ["passed", "failed"] * 20


def test_no_thread_is_left_behind():
    before = threading.active_count()
    assert run_program("pass", timeout=SLOW).passed
    assert threading.active_count() == before


def test_a_worker_that_dies_is_replaced_and_its_program_judged():
    sandbox = sandbox_for(Choice(weak=True))
    assert sandbox.judge("pass").passed
    for worker in list(sandbox.workers):
        os.killpg(worker.process.pid, signal.SIGKILL)
    assert sandbox.judge("def f():\n    return 1", "assert f() == 1", timeout=SLOW) == Outcome(status="passed")


def test_a_killed_harness_leaves_no_process():
    script = (
        "import time\nfrom harness_sandbox import Choice, sandbox_for\ns = sandbox_for(Choice(weak=True))\n"
        "print(*[worker.process.pid for worker in s.workers], flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as harness:
        pids = [int(word) for word in harness.stdout.readline().split()]
        harness.kill()
    assert pids
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_slower_machine_gives_more_time():
    sandbox = Sandbox(LAYERS["process"], workers=1)
    try:
        sandbox.slowness = 8.0
        assert sandbox.judge("import time\ntime.sleep(1.5)", timeout=0.1).passed
        sandbox.slowness = 1.0
        assert sandbox.judge("import time\ntime.sleep(60)", timeout=0.1).status == "timeout"
    finally:
        sandbox.close()


def test_a_program_that_works_is_given_more_time_on_a_busy_machine_and_one_that_sleeps_is_not():
    """Work that takes a fifth of the processor is what a program gets of it that four others crowd."""
    crowded = """
import time
began = time.process_time()
while time.process_time() - began < 0.6:
    busy = time.process_time()
    while time.process_time() - busy < 0.02:
        pass
    time.sleep(0.08)
"""
    sandbox = Sandbox(LAYERS["process"], workers=1)
    try:
        sandbox.slowness = 1.0
        assert sandbox.judge(crowded, timeout=0.65).passed  # three seconds at least; 1.95 are given first
        late = sandbox.judge("import time\ntime.sleep(3)", timeout=0.65)
        assert (late.status, late.detail) == ("timeout", "no end within 1.95 s")
    finally:
        sandbox.close()


def test_a_layer_that_does_not_work_says_why(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(SandboxError, match="say --allow-weak-sandbox"):
        sandbox_for(Choice(name="process"))
    with pytest.raises(Exception, match="no sandbox named 'jail'"):
        sandbox_for(Choice(name="jail"))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "not installed" in LAYERS["docker"].missing()
