"""The page of the hooks has a section for each, and each shows a plugin that works."""

import re
from pathlib import Path

import pytest

import harness.testing
from harness.registry import KINDS, load_registry
from harness.testing import check_constraint_type, check_evaluation, check_metric, check_reporter

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_hook_has_its_section():
    assert list(SECTIONS) == list(KINDS)


@pytest.mark.parametrize("hook", KINDS)
def test_a_section_names_what_it_yields_and_shows_a_plugin(hook, tmp_path):
    kind, declared = KINDS[hook]
    assert f"`{declared.__name__}`" in SECTIONS[hook]
    (code,) = re.findall(r"```python[^\n]*\n(.*?)```", SECTIONS[hook], re.DOTALL)
    (tmp_path / "mine.py").write_text(code)
    plugin = next(
        one for one in load_registry(files=[str(tmp_path / "mine.py")]).checked().plugins if one.name == "mine"
    )
    assert {found for found, _ in plugin.offers} == {kind}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(?:await )?(check_\w+|small_run)", PAGE))))
def test_every_check_that_the_page_names_is_there(name):
    assert name in harness.testing.__all__


def test_what_the_page_shows_keeps_its_contract(tmp_path, tried_run):
    files = []
    for hook, section in SECTIONS.items():
        files.append(str(tmp_path / f"{hook}.py"))
        Path(files[-1]).write_text(re.search(r"```python[^\n]*\n(.*?)```", section, re.DOTALL).group(1))
    offers = load_registry(files=files).checked()
    assert check_constraint_type(offers.constraint_types["calm"], ["It is seven."]) > 0
    (tmp_path / "a.words").write_text("Banana\n")
    (kind,) = offers.constraint_formats["words"].read(tmp_path / "a.words")
    assert check_constraint_type(kind, ["It is seven."], counterexamples=["One banana"]) > 0
    assert len(check_evaluation(offers.evaluations["once"])) == 12
    end = tried_run(offers.constraint_types["calm"], constraint_type=("calm",))
    assert check_metric(offers.metrics["full_stop"], end.records)[0].value == 1.0
    assert check_reporter(offers.reporters["unsolved"], end)
    assert offers.commands["count"].call([str(end.folder)]) == 0


pytest_plugins = ["harness.testing.fixtures"]
