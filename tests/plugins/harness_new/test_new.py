"""`harness new plugin`: what it writes is a package that installs, passes its own tests, and is clean to every checker."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.registry import KINDS
from harness_new.command import new
from harness_new.naming import named
from harness_new.parts import PARTS

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.timeout(1200)  # a busy machine
#: Each kind by itself, all of them, two that meet in one hook, and a name as long as it may be.
CHOICES = {f"only-{kind}": kind for kind in PARTS} | {
    "everything": "all",
    "figures": "metric,evaluation",
    "abcdefghi-abcdefghi-abcdefghij": "all",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a package of every choice."""
    folder = tmp_path_factory.mktemp("packages")
    for name, kinds in CHOICES.items():
        assert new(["plugin", name, "--with", kinds, "--output", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def environment(fresh_environment, place):
    """Return a fresh environment with all of them installed by pip."""
    made = fresh_environment(place / "env")
    made.install(*(word for path in sorted(place.glob("harness-*")) for word in ("-e", path)))
    return made


def passed(words, folder, **extra):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **extra})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_a_package_of_everything_passes_its_own_tests(environment, place):
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert "passed" in passed([environment.python, *words], place / "harness-everything")


def test_every_other_choice_is_found_and_offers_what_it_should(environment, place):
    """The tests of what they offer are those of the package of everything."""
    files = sorted(str(path / "tests" / "test_plugin.py") for path in place.glob("harness-*"))
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", f"--rootdir={place}"]
    assert f"{len(CHOICES)} passed" in passed([environment.python, *words, *files], place)


def test_the_packages_are_clean(place):
    ruff = str(Path(sys.executable).with_name("ruff"))
    passed([ruff, "check", "--no-cache", "."], place)
    passed([ruff, "format", "--no-cache", "--check", "."], place)


def test_the_packages_are_typed_to_the_letter(place):
    whole = place / "harness-everything"
    others = [str(path / "src") for path in sorted(place.glob("harness-*")) if path != whole]
    around = {"MYPYPATH": os.pathsep.join([str(ROOT), str(whole / "src"), *others])}
    words = [sys.executable, "-m", "mypy", "--follow-imports=silent", "--cache-dir", str(place / "mypy")]
    passed([*words, "src", "tests", *others], whole, **around)


def test_what_is_installed_is_shown_by_name(environment, place):
    told = passed([environment.python, "-m", "harness", "plugins", "everything"], place)
    for offer in ("suite: everything", "constraint type: everything", "backend: everything", "reporter: everything"):
        assert offer in told


def test_every_kind_but_formats_and_commands_can_be_written():
    assert {part.hook for part in PARTS.values()} == KINDS.keys() - {"harness_constraint_formats", "harness_commands"}


def test_nothing_is_written_over(place):
    before = {path: path.read_bytes() for path in (place / "harness-everything").rglob("*.toml")}
    with pytest.raises(HarnessError, match=r"harness-everything is there already; nothing was written"):
        new(["plugin", "everything", "--output", str(place)])
    assert all(path.read_bytes() == text for path, text in before.items())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My_Plugin", "for example my-plugin"),
        ("7", "for example plugin-7"),
        ("tone/../../x", "for example tone-x"),
        ("-x", "for example x"),
        ("a" * 31, "30 at the most"),
        ("harness-", "for example my-plugin"),
        ("constraints", "sustain-harness has a plugin of that name already"),
        ("harness-data", "there is a module harness_data already"),
    ],
)
def test_a_name_that_cannot_be_one_is_a_clear_error(name, message, tmp_path):
    with pytest.raises(HarnessError, match=message):
        new(["plugin", "--output", str(tmp_path), "--", name])
    assert not list(tmp_path.iterdir())


def test_a_kind_that_is_none_is_a_clear_error(tmp_path):
    with pytest.raises(HarnessError, match="no kind of plugin named 'suites'; did you mean suite"):
        new(["plugin", "tone", "--with", "metric,suites", "--output", str(tmp_path)])


def test_the_prefix_may_be_said_or_not():
    assert named("harness-tone") == named("tone")
