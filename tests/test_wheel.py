"""What is installed elsewhere holds what the checkout holds, and hides nobody's module."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place]
    subprocess.run([*words, str(ROOT)], check=True)
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        return wheel.namelist()


@pytest.mark.parametrize(
    "name",
    [
        "harness/run.py",
        "harness/py.typed",
        "harness_new/templates/package/pyproject.toml.jinja",
        "harness_tiny/weights/model.safetensors",
        "harness_data/constraints/format.yaml",
        "harness_data/tasks/demo/demo.py",
        "harness_data/tasks/math/math500.yaml",
        "harness_data/tasks/multihop_qa/_short_answer",
    ],
)
def test_the_wheel_holds(name, names):
    assert name in names


def test_the_folders_of_the_checkout_are_no_modules(names):
    assert {name.split("/")[0] for name in names} & {"tasks", "constraints", "plugins", "tests"} == set()


def test_every_plugin_is_found_where_it_was_written():
    code = "import importlib.metadata as m; print(*(p.load().__file__ for p in m.entry_points(group='harness')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "None" not in done.stdout.split()
