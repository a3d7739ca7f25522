"""`harness show RUN --failures` on a real run: cases side by side, chosen and limited, hostile answers made harmless."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness import HarnessError
from harness.cli.app import program

#: Brings the constraint type.
SUMS = str(Path(__file__).parents[1] / "sums.py")
PLUGIN = r"""
from harness import Sampling, TaskSpec, TaskSuite, hookimpl
from harness.testing import ListSource, ListTask, ScriptedModel

ROWS = tuple({"question": f"What is {n} + {n}?", "answer": str(2 * n)} for n in range(1, 9))
TASK = ListTask(name="added", rows=ROWS, domain="mathematics", sampling=Sampling(temperature=1.0))
HOSTILE = "\x1b[31m[bold]red[/bold] \u202etxet\u202c \ud800 \x07"


def script(request):
    number = int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])
    right = f"We add {number} and {number}, and so {number} + {number} = {2 * number}, as one sees. The answer is {2 * number}"
    if "Constraint:" not in request.prompt.asked.content:
        return right
    if number == 1:
        return f"We add {HOSTILE} and so 1 + 1 = 3, as one sees with ease and no doubt. The answer is 3"
    if number == 2:
        return "We add 2 and 2, and so 2 + 2 = 4, which is the answer that was asked for here: 4 (four)"
    return right


@hookimpl
def harness_task_suites():
    yield TaskSuite(name="adding", summary="", domain="mathematics", tasks=(TaskSpec(name="added"),),
                    source=ListSource(tasks={"added": TASK}))


@hookimpl
def harness_backends():
    yield ScriptedModel(script=script).backend()
"""
RUN = ("run", "--tasks", "added", "--model", "scripted", "--constraint-type", "mine", "--draws", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("shown")
    (made / "mine.py").write_text(textwrap.dedent(PLUGIN))
    return made


def started(folder, *words):
    """Return what the program prints, started as a user starts it."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words, "--plugin", "mine.py", "--plugin", SUMS],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run(folder):
    return str(folder / started(folder, *RUN).strip().splitlines()[-1])


@pytest.fixture(scope="module")
def said(folder, run):
    return started(folder, "show", run, "--failures")


@pytest.fixture
def shown(folder):
    def call(*words):
        result = CliRunner().invoke(program(), ["show", *words, "--plugin", str(folder / "mine.py"), "--plugin", SUMS])
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return call


def test_failures_stand_beside_the_answers_that_were_right(said):
    assert "4 of 4 failed answers shown" in said
    assert "calculation_slip" in said
    assert "Constraint: Use at most 100 words." in said
    case = said[said.index("1 · calculation_slip · added/0 · constrained, k = 1, draw 0") :]
    assert "1 + 1 = 2" in case
    assert "⟦1 + 1 = 3⟧" in case
    assert "complied all" in case


def test_nothing_in_an_answer_reaches_the_terminal_as_a_command(said):
    assert not {"\x1b", "\x07", "\u202e", "\u202c"} & set(said)
    assert "␛[31m[bold]red[/bold]" in said
    assert "⟨U+202E⟩" in said


def test_failures_are_chosen_and_limited(shown, run):
    slips = shown("run", run, "--failures", "--class", "calculation_slip", "--limit", "1")
    assert "1 of 2 failed answers shown; more with --limit" in slips
    assert "· output_specification ·" not in slips
    moved = shown(run, "--failures", "--class", "output_specification", "--task", "added")
    assert "2 of 2 failed answers shown" in moved
    assert "⟦4⟧" in moved


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--failures", "--class", "slip"), "--class slip: .*there are: calculation_slip, output_specification"),
        (("--failures", "--task", "gsm8k"), "there are: added"),
        (("--class", "calculation_slip"), "add --failures"),
    ],
)
def test_a_wrong_choice_is_said(shown, run, words, message):
    with pytest.raises(HarnessError, match=message):
        shown(run, *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("task", "sums", "--failures"), "it goes with a run"),
        (("tusk", "sums"), "no such kind of thing; there are: task, suite"),
        (("task",), "its name is missing"),
    ],
)
def test_only_a_run_has_failures(shown, words, message):
    with pytest.raises(HarnessError, match=message):
        shown(*words)


def test_an_evaluation_that_tells_no_failures_apart_says_so(folder, shown):
    words = ("run", "--tasks", "added", "--model", "scripted", "--evaluation", "accuracy")
    run = started(folder, *words).split()[-1]
    with pytest.raises(HarnessError, match="does not tell failures apart"):
        shown(str(folder / run), "--failures")
