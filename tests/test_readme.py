"""What the README shows is run."""

import re
from pathlib import Path

import pytest
import typer

from harness.cli.app import program
from harness.registry import load_registry
from harness.testing import check_constraint_type

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_plugin_of_the_readme_keeps_its_contract(tmp_path):
    code = re.search(r"```python title=\"polite.py\"\n(.*?)```", README, re.DOTALL).group(1)
    assert len(code.strip().splitlines()) <= 20
    (tmp_path / "polite.py").write_text(code)
    registry = load_registry(files=[str(tmp_path / "polite.py")]).checked()
    assert check_constraint_type(registry.constraint_types["calm"], ["It is seven.", "Seven!"]) > 0


def test_the_readme_opens_with_the_two_commands():
    head = README.split("##")[0]
    assert "make demo" in head
    assert "make test" in head


@pytest.mark.parametrize("flag", sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z_-]+", README))))
def test_every_flag_that_the_readme_names_is_there(flag):
    group = typer.main.get_command(program())
    known = {option for command in group.commands.values() for one in command.params for option in one.opts}
    options = {name for one in load_registry().evaluations.values() for name in one.options.__dataclass_fields__}
    known |= {f"--{name.replace('_', '-')}" for name in options}  # an evaluation's options are flags of run
    assert flag in known | {"--include_path", "--model_args"}  # the last are lm_eval's own


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:harness|plugins|examples)/[\w/.-]+)`", README))))
def test_every_file_that_the_readme_names_is_there(path):
    assert (ROOT / path).exists()
