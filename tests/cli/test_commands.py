"""The program itself, as a user starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SUMS = str(Path(__file__).parents[1] / "sums.py")
PLUGIN = """
from harness import Command, hookimpl


@hookimpl
def harness_commands():
    yield Command(name="greet", summary="says hello", call=lambda words: print("hello", *words) or 7)
"""


@pytest.fixture
def harness(tmp_path):
    (tmp_path / "mine.py").write_text(PLUGIN)

    def call(*words, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done

    return call


MODEL = ("--model", "sums:steady", "--constraint-type", "mine", "--plugin", SUMS)
RUN = ("run", "--tasks", "sums", "--limit", "12", *MODEL)


def test_a_run_prints_funnel_table_and_folder(harness, tmp_path):
    done = harness(*RUN)
    lines = done.stdout.strip().splitlines()
    assert lines[0] == "12 asked · 0 unscored · 0 cut · 12 solved · 12 constrained · 0 lost"
    assert "D_spec" in done.stdout
    assert (tmp_path / lines[-1] / "results.json").is_file()
    assert (tmp_path / lines[-1] / "report.md").read_text().splitlines()[2] == f"**{lines[0]}**"


def test_json_goes_to_standard_output_alone(harness):
    value = json.loads(harness(*RUN, "--json").stdout)
    assert value["funnel"]["solved"] == 12


def test_a_dry_run_asks_nothing_and_writes_nothing(harness, tmp_path):
    done = harness(*RUN, "--dry-run")
    assert "arm constrained" in done.stdout
    assert "requests, at most: 192" in done.stdout
    assert not (tmp_path / "runs").exists()


def test_a_finished_run_can_be_shown(harness):
    folder = harness(*RUN).stdout.strip().splitlines()[-1]
    assert "12 solved" in harness("show", "run", folder).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run",), "no tasks: give --tasks"),
        ((*RUN, "--model", "nobody"), "no backend named 'nobody'"),
        (("run", "--tasks", "sums", "--plugin", "gone.py"), "--plugin gone.py: no such file"),
        ((*RUN, "--option", "draws"), "give it as name=value"),
        ((*RUN, "--output", "mine.py"), "mine.py"),
        (("show", "run", "nowhere"), "nowhere/results.json"),
        (("show", "backend", "hff"), "no backend named 'hff'"),
        (("validate", "no_such_task_anywhere"), "no task, suite, group, tag or file named 'no_such_task_anywhere'"),
    ],
)
def test_bad_input_is_one_line_and_exit_status_2(harness, words, message):
    done = harness(*words, status=2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2  # the default model may be named first


@pytest.mark.parametrize("kind", ["suites", "constraints", "backends", "evaluations", "metrics", "executors"])
def test_everything_can_be_listed(harness, kind):
    rows = json.loads(harness("list", kind, "--json", "--plugin", SUMS).stdout)
    assert rows
    assert all(row["name"] for row in rows)
    assert harness("list", kind, "-v").stdout


def test_options_of_a_backend_are_listed(harness):
    assert "base_url" in harness("list", "backends", "openai", "-v", "--json").stdout


def test_plugins_are_listed_and_a_broken_one_says_why(harness, tmp_path):
    assert "evaluation: sustainscore" in harness("plugins").stdout
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    done = harness("plugins", "--plugin", "broken.py", status=2)
    assert "FAILED: ModuleNotFoundError" in done.stdout


def test_one_plugin_is_listed_by_name_and_long_lists_are_cut(harness):
    told = harness("plugins", "constraints").stdout
    assert told.startswith("constraints  (sustain-harness ")
    assert " more\n" in told
    assert "ends_with_number" not in told
    assert "ends_with_number" in harness("plugins", "constraints", "-v").stdout
    assert "did you mean constraints?" in harness("plugins", "constraint", status=2).stderr


def test_a_plugins_command_is_called_with_the_words_after_it(harness):
    done = harness("greet", "you", "--plugin", "mine.py", "too", status=7)
    assert done.stdout.strip() == "hello you too"


def test_a_file_that_was_asked_for_and_fails_is_no_run(harness, tmp_path):
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    done = harness(*RUN, "--plugin", "broken.py", status=2)
    assert "--plugin broken.py: ModuleNotFoundError" in done.stderr


def test_results_that_are_none_are_named(harness, tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "results.json").write_text('{"accuracy": 1}')
    assert "not the results of a run" in harness("show", "run", "foreign", status=2).stderr


def test_a_task_is_validated_by_doing_what_a_run_does(harness):
    done = harness("validate", "sums", "--plugin", SUMS)
    assert "60 documents" in done.stdout
    assert "exact_match,none = 1.0" in done.stdout
