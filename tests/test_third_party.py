"""A third party's package: installed by pip into a fresh environment, found, run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "harness-example"


@pytest.fixture(scope="module")
def environment(fresh_environment, tmp_path_factory):
    """Return the python of a fresh environment that holds the example, installed by pip."""
    place = tmp_path_factory.mktemp("fresh")
    made = fresh_environment(place / "env")
    source = shutil.copytree(EXAMPLE, place / "source")
    made.install(source)
    return made.python


def test_four_plugins_take_less_than_sixty_lines():
    files = [*EXAMPLE.rglob("*.py"), *EXAMPLE.rglob("*.yaml")]
    assert sum(len(file.read_text().splitlines()) for file in files) < 60


def test_the_package_is_found_and_runs(environment, tmp_path):
    def harness(*words):
        done = subprocess.run(
            [environment, "-m", "harness", *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = harness("plugins")
    for offer in ("suite: geography", "constraint type: calm", "backend: atlas", "metric: characters"):
        assert offer in listed
    ran = harness("run", "--tasks", "geography", "--model", "atlas", "--constraint-type", "tone")
    assert ran.startswith("4 asked · 0 unscored · 0 cut · 4 solved · 4 constrained · 0 lost")
    assert "75.0 %" in ran
    assert "characters" in ran


def test_it_is_not_found_where_it_is_not_installed():
    done = subprocess.run([sys.executable, "-m", "harness", "plugins"], capture_output=True, text=True, check=True)
    assert "geography" not in done.stdout
