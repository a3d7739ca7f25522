"""Runs commands of `harness`, and pieces of Python, each in a process forked from one that has imported all that is heavy.

One line of JSON in for each, one out. A page shows dozens of commands, and to import torch and lm-eval takes seconds.
"""

import importlib
import json
import os
import sys
import traceback

#: What takes its time to import, and starts no thread by being imported.
HEAVY = [
    "harness.cli.app",
    "harness.run",
    "altair",
    "datasets",
    "evaluate",
    "lm_eval.api.metrics",
    "lm_eval.evaluator",
    "lm_eval.filters",
    "lm_eval.models",
    "scipy.stats",
    "statsmodels.api",
    "torch",
    "transformers.models.auto",
]


def preload():
    for name in HEAVY:
        importlib.import_module(name)
    from harness.registry import load_registry

    load_registry()


def called(words):
    """Do what the program `harness` does; return its exit status."""
    from harness.cli import main

    sys.argv = ["harness", *words]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def executed(code):
    """Run a piece of Python as a program; return its exit status."""
    sys.path.insert(0, "")
    exec(compile(code, "<page>", "exec"), {"__name__": "__main__"})
    return 0


def forked(order):
    """Carry out an order in a child; return its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 70
    try:
        os.chdir(order["folder"])
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        status = called(order["words"]) if "words" in order else executed(order["code"])
    except BaseException:  # noqa: BLE001  # a child says what it died of
        traceback.print_exc()
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed on import is no answer
    preload()
    for line in sys.stdin:
        answers.write(json.dumps({"status": forked(json.loads(line))}) + "\n")
        answers.flush()
