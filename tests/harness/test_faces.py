"""Public faces: every name is the one that its module has, found late; no module takes the place of a command."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from harness.registry import load_registry

FACES = ("harness", "harness_ordinal", "harness_paradigms", "harness_sustainscore")


def declared(package):
    """(module, name) of what type checkers are told of a face."""
    tree = ast.parse(Path(package.__file__).read_text())
    [block] = [one for one in tree.body if isinstance(one, ast.If) and getattr(one.test, "id", "") == "TYPE_CHECKING"]
    return [(line.module, alias.name) for line in block.body for alias in line.names]


@pytest.mark.parametrize("name", FACES)
def test_a_name_is_the_one_that_type_checkers_are_told_of(name):
    package = importlib.import_module(name)
    told = {one: getattr(importlib.import_module(module), one) for module, one in declared(package)}
    for one in package.__all__:
        assert getattr(package, one) is told.get(one, getattr(package, one)), one
    assert len(told.keys() & set(package.__all__)) >= len(package.__all__) - 2
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nobody'"):
        _ = package.nobody


def test_commands_stay_commands_whatever_is_imported():
    for module in (
        "sustainscore.analyse.command",
        "sustainscore.compare.command",
        "site.leaderboard",
        "sandbox.doctor",
    ):
        importlib.import_module(f"harness_{module}")
    assert all(callable(one.call) for one in load_registry().commands.values())


def test_hooks_import_no_command():
    code = (
        "import sys; from harness.registry import load_registry; load_registry(); "
        "print([name for name in ('argparse', 'harness_new.command', 'harness_sandbox.doctor', 'harness_ordinal.commands', "
        "'harness_sustainscore.failures', 'harness_sustainscore.compare', 'harness_paradigms.report') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
