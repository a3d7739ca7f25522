"""lm-eval as a library: quiet, its registries filled, its templates compiled once; so its quirks have one home."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from harness import PluginError, blame

#: Building a task passes through process-wide state (random numbers, the loader of rows): one at a time.
OPENING = threading.RLock()

#: Entry points of what is called once lm-eval is imported, to register metrics or filters that task files name.
REGISTERING = "harness.lm_eval"

#: The seeds of `lm-eval run`: Python's and numpy's global generators.
PYTHON_SEED, NUMPY_SEED = 0, 1234


@functools.cache
def prepare() -> None:
    """Import lm-eval, fill its registries in the one order that works, and compile each template once.

    A registry of lm-eval fills itself only while it is empty, so whoever registers first hides the rest;
    and `apply_template` compiles at every render, which is most of its time.
    """
    logging.getLogger("lm_eval").addHandler(logging.NullHandler())  # its warnings are ours to word
    for module in ("lm_eval.api.metrics", "lm_eval.filters", "lm_eval.models", "lm_eval.tasks"):
        importlib.import_module(module)
    import datasets
    from lm_eval import utils

    utils.env = contained(utils.env)
    utils.env.from_string = functools.lru_cache(maxsize=4096)(flat(utils.env.from_string))
    datasets.disable_progress_bars()
    for point in sorted(importlib.metadata.entry_points(group=REGISTERING), key=lambda point: point.name):
        with blame(f"entry point {point.name} of {REGISTERING}", PluginError):
            point.load()()


def flat(compiled: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a compiler of templates whose names are one dictionary: Jinja's own chain of them is copied slowly."""

    def template(text: str) -> Any:
        made = compiled(text)
        made.globals = dict(made.globals)
        return made

    return template


def contained(environment: Any) -> Any:
    """Return lm-eval's template environment in Jinja's sandbox: the same texts, but no way to Python's insides."""
    from jinja2.sandbox import SandboxedEnvironment

    found = SandboxedEnvironment(
        loader=environment.loader,
        undefined=environment.undefined,
        keep_trailing_newline=environment.keep_trailing_newline,
    )
    found.filters |= environment.filters
    found.globals |= {name: value for name, value in environment.globals.items() if name != "range"}
    return found


@contextmanager
def seeded() -> Iterator[None]:
    """Give task code the global random numbers that `lm-eval run` gives it, and put ours back."""
    import numpy as np

    before = random.getstate(), np.random.get_state()  # noqa: NPY002  # the global generator is what tasks read
    random.seed(PYTHON_SEED)
    np.random.seed(NUMPY_SEED)  # noqa: NPY002  # likewise
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002  # likewise
