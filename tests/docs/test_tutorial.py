"""As a new user would: from nothing to an own packaged constraint type in a run, by the page, to the letter."""

import csv
from pathlib import Path

import pytest
from blocks import blocks_of
from desk import Desk

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(1200)  # a busy machine
BLOCKS = [block for block in blocks_of(ROOT / "docs" / "writing-a-plugin.md", ROOT) if block.is_done]


@pytest.fixture(scope="module")
def desk(fresh_environment, tmp_path_factory):
    """Return a folder with nothing in it, in an environment that holds the harness as pip installs it."""
    place = tmp_path_factory.mktemp("author")
    made = fresh_environment(place / "env")
    made.install("--no-build-isolation", ROOT)
    around = {**made.around, "HARNESS_ALLOW_WEAK_SANDBOX": "1", "HF_HUB_OFFLINE": "1"}
    return Desk(place / "work", around)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_the_tutorial_can_be_followed_to_the_letter(block, desk):
    for one in BLOCKS:
        if one.line <= block.line and one not in desk.outputs:
            desk.outputs[one] = desk.do(one)
    assert block.options.get("shows", "") in desk.outputs[block]


def test_it_shows_what_the_program_prints(desk):
    """The lines below a command are in what it printed, but for those that are left out (`...`)."""
    block = next(one for one in BLOCKS if one.language == "console")
    if block not in desk.outputs:
        desk.outputs[block] = desk.do(block)
    shown = [line for line in block.text.splitlines() if line.strip() and not line.startswith(("$ ", "..."))]
    assert shown
    for line in shown:
        assert line in desk.outputs[block]


def test_the_run_with_the_authors_constraint_is_on_the_board(desk):
    rows = list(csv.DictReader((desk.folder / "site" / "board.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["verified"] for row in rows] == ["verified"] * len(rows) != []
    assert all(row["run"].endswith("_demo_words_connectives_tiny") for row in rows)
    assert "demo_words_connectives_tiny" in (desk.folder / "site" / "index.html").read_text(encoding="utf-8")


def test_every_document_of_the_run_that_could_be_has_the_authors_constraint(desk):
    """Word problems are solved with words: most answers have a connective."""
    (run,) = desk.folder.glob("runs/*_demo_words_connectives_tiny")
    assert (run / "report.md").read_text().count("connectives") > 1
    assert "harness-connectives 0.1.0" in (run / "manifest.json").read_text()
