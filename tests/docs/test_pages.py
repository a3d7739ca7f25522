"""Every command that README and documentation show is run: in order, a page in a folder of its own."""

import re
import shlex
import sys
from functools import cache
from pathlib import Path

import pytest
import typer
from blocks import COMMANDS, blocks_of
from desk import Desk, Server, around, rows_of

from harness.cli.app import program
from harness.cli.further import OURS
from harness.registry import load_registry

ROOT = Path(__file__).parents[2]
#: A block may hold several runs, and the machine may be busy.
pytestmark = pytest.mark.timeout(1200)
#: A page that is followed in an environment of its own: see `test_tutorial.py`.
ELSEWHERE = {"docs/writing-a-plugin.md"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = [block for page in PAGES for block in blocks_of(page, ROOT)]
DONE = [block for block in BLOCKS if block.is_done and block.page not in ELSEWHERE]
SKIPPED = [block for block in BLOCKS if block.skip]
#: How a line begins that is a command.
PROGRAMS = re.compile(
    r"^\s*(\$ |harness [a-z]|make [a-z]|pip [a-z]|python [-\w]|lm_eval |lm-eval |ray |docker |srun |sbatch )"
)


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    """Return what gives each page its desk."""
    environment = around(ROOT)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    server = Server(Path(sys.executable), environment)
    made = {}
    top = tmp_path_factory.mktemp("pages")

    def desk(page):
        if page not in made:
            last = next((one.store for one in reversed(made.values()) if one.store.exists()), None)
            made[page] = Desk(top / page.replace("/", "_"), environment, server, last)
        return made[page]

    yield desk
    server.close()


def caught_up(desk, block):
    """Do what stands before a block on its page, then the block."""
    for one in DONE:
        if one.page == block.page and one.line <= block.line and one not in desk.outputs:
            if one.options.get("needs") == "rows" and rows_of(ROOT) is None:
                continue
            desk.outputs[one] = desk.do(one)
    return desk.outputs.get(block, "")


@pytest.mark.parametrize("block", DONE, ids=str)
def test_what_a_page_shows_can_be_done(block, desks):
    if block.options.get("needs") == "rows" and rows_of(ROOT) is None:
        pytest.skip("reads benchmark rows, which are not a part of the project")
    printed = caught_up(desks(block.page), block)
    assert block.options.get("shows", "") in printed


@pytest.mark.parametrize("block", SKIPPED, ids=str)
def test_what_is_not_run_says_why_and_could_be_run(block):
    """Its flags are there, at least; `pytest -rs` lists them with their reasons."""
    assert len(block.skip.split()) > 2
    assert block.commands
    for command in block.commands:
        check_flags(command)
    pytest.skip(block.skip)


def test_every_command_stands_in_a_block_that_is_run_or_says_why_not():
    stray = [
        f"{block}: {line.strip()}"
        for block in BLOCKS
        if block.language not in COMMANDS and not block.title and block.language != "python"
        for line in block.text.splitlines()
        if PROGRAMS.match(line)
    ]
    assert stray == []


@cache
def offered():
    return load_registry()


@cache
def known_flags():
    group = typer.main.get_command(program())
    found = {option for command in group.commands.values() for one in command.params for option in one.opts}
    found |= {option for command in group.commands.values() for one in command.params for option in one.secondary_opts}
    for one in offered().evaluations.values():  # the options of an evaluation are flags of run
        found |= {f"--{name.replace('_', '-')}" for name in one.options.__dataclass_fields__}
    return found


def check_flags(command):
    """Check that the words of a command are ones that the program knows; a plugin's command reads its own."""
    words = shlex.split(command, comments=True)
    if words[0] != "harness":
        return
    assert words[1] in OURS | set(offered().commands), f"{command}: no such command"
    if words[1] in {"run", "plan"}:
        flags = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert not flags - known_flags(), f"{command}: no such flag: {flags - known_flags()}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_in_passing_is_there(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for command in re.findall(r"`(harness [a-z][^`\n]*)`", text):
        check_flags(command)
    for path in re.findall(r"`((?:harness|plugins|examples|benchmarks|tasks|docs|constraints)/[\w/.-]+)`", text):
        assert (ROOT / path).exists(), path


def test_a_page_names_each_elicitation_that_is_run(desks):
    block = next(one for one in DONE if one.page == "docs/ordinal.md" and "--evaluation ratings" in one.text)
    printed = caught_up(desks("docs/ordinal.md"), block)
    page = (ROOT / "docs" / "ordinal.md").read_text(encoding="utf-8")
    for name in re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE):
        assert name == "labels_calibrated" or name in printed
