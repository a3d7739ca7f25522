"""Programs are parsed by many threads at once."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.syntax import parsed, parsed_expression

PROGRAM = "def f(x):\n    return " + " + ".join(f"g({number}, [x, (x, {{x: x}})])" for number in range(120)) + "\n"


@pytest.fixture
def hasty():
    """Let threads take turns in the midst of a tree: collections of garbage run Python, which lets others run."""

    def turn(phase, info):
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(turn)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(turn)


def test_threads_do_not_disturb_one_another(hasty):
    with ThreadPoolExecutor(8) as threads:
        trees = list(threads.map(parsed, [PROGRAM] * 80))
    assert all(len(tree.body) == 1 for tree in trees)


def test_what_is_no_program_is_still_said():
    with pytest.raises(SyntaxError):
        parsed("def f(:")
    with pytest.raises(SyntaxError):
        parsed_expression("x =")
