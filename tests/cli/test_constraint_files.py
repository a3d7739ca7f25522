"""A user's own constraint types, as a YAML file: validated, shown, run, and refused with every mistake named."""

import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from harness.cli.app import program
from harness.cli.exits import FAILED
from harness.errors import HarnessError

MINE = """
family: brevity
types:
  - name: few_words
    summary: Few words.
    measure: word_count
    relation: at_most
    slack: 20
    step: human
    unit: word
    hint: 0
    stratum: soft
    example: {bound: 50}
    wordings:
      imperative: Use at most {amount}.
      declarative: There are at most {amount}.
      polite: Please use at most {bound} words.
      checklist: At most {bound} words.
  - name: no_rather
    summary: The word "rather" is not used.
    measure: listed_words
    args: {words: rather}
    relation: absent
    stratum: strict
    wordings:
      imperative: Do not use "rather".
      declarative: The response does not use "rather".
      polite: Please avoid "rather".
      checklist: No "rather".
"""


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str


@pytest.fixture
def harness(tmp_path, monkeypatch):
    """Call the program in this process: what it prints, and its exit status as the real one would be."""
    (tmp_path / "mine.yaml").write_text(MINE)
    monkeypatch.chdir(tmp_path)

    def call(*words, status=0):
        done = CliRunner().invoke(program(), words)
        failed = isinstance(done.exception, HarnessError)
        assert failed or done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert (FAILED if failed else done.exit_code) == status, (done.output, done.exception)
        return Done(done.stdout, f"harness: {done.exception}" if failed else done.stderr)

    return call


def test_a_right_file_is_valid(harness):
    said = harness("validate", "mine.yaml").stdout
    assert "ok    brevity few_words: Use at most 50 words." in said
    assert "ok    brevity no_rather" in said


def test_every_mistake_is_named_with_file_and_type(harness, tmp_path):
    wrong = MINE.replace("measure: word_count", "measur: word_count").replace("hint: 0", "hint: 7")
    (tmp_path / "wrong.yaml").write_text(wrong.replace("listed_words", "listed_wrods"))
    said = harness("validate", "mine.yaml", "wrong.yaml", status=2).stdout
    assert "wrong.yaml: 4 problem(s)" in said
    assert "wrong.yaml: type 'few_words': no key named 'measur'; did you mean measure?" in said
    assert "wrong.yaml: type 'few_words': hint: Invalid enum value 7" in said
    assert "wrong.yaml: type 'few_words': `measure` is missing" in said
    assert "wrong.yaml: type 'no_rather': no measurement named 'listed_wrods'; did you mean listed_words" in said


def test_a_file_that_is_no_yaml_is_named(harness, tmp_path):
    (tmp_path / "wrong.yaml").write_text(MINE.replace("summary: Few words.", "summary: ["))
    assert "wrong.yaml: not YAML" in harness("validate", "wrong.yaml", status=2).stdout


def test_a_task_file_is_still_validated_as_a_task(harness, tmp_path):
    (tmp_path / "task.yaml").write_text("task: mine\ndataset_path: json\ndoc_to_text: '{{q}}'\nfoo: 1\n")
    said = harness("validate", "task.yaml", status=2)
    assert "problem(s)" not in said.stdout
    assert "mine" in said.stdout + said.stderr


def test_a_file_is_shown_with_its_wordings_and_its_check(harness):
    said = harness("show", "constraint", "mine.yaml").stdout
    for text in ("few_words", "Please use at most {bound} words.", "measurement: word_count", "is at most {bound}"):
        assert text in said


def test_a_file_runs_beside_families_and_its_content_names_the_run(harness, tmp_path):
    words = ("run", "--tasks", "demo_words", "--limit", "1", "--constraint-type", "mine.yaml", "--json")
    first = json.loads(harness(*words).stdout)
    types = first["constraint_types"]
    assert sorted(types) == ["few_words", "no_rather"]
    assert types["few_words"].startswith("1+")
    records = (tmp_path / first["folder"] / "records.jsonl").read_text().splitlines()
    drawn = [one["type"] for line in records for one in json.loads(line)["constraints"]]
    assert drawn
    assert set(drawn) <= {"few_words", "no_rather"}
    (tmp_path / "mine.yaml").write_text(MINE.replace("slack: 20", "slack: 30"))
    again = json.loads(harness(*words).stdout)
    assert again["constraint_types"]["few_words"] != types["few_words"]
    assert again["folder"] != first["folder"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.yaml", None, "--constraint-type gone.yaml: no such file"),
        ("task.yaml", "task: x\n", "--constraint-type task.yaml: not a file of constraint types"),
        ("twin.yaml", MINE.replace("few_words", "words_at_most"), "type 'words_at_most' is declared elsewhere"),
        ("bad.yaml", MINE.replace("at_most", "at_moist", 1), "bad.yaml: type 'few_words': relation"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_run(harness, tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    done = harness("run", "--tasks", "demo_words", "--constraint-type", name, status=2)
    assert said in done.stderr


def test_the_list_has_the_columns_of_a_catalogue(harness):
    rows = json.loads(harness("list", "constraints", "--json").stdout)
    assert len(rows) >= 60
    for row in rows:
        assert list(row) == ["name", "family", "domains", "hint", "stratum", "example"]
        assert row["hint"] in {0, 1, 2}
        assert row["stratum"] in {"strict", "soft", "forcing"}
        assert row["example"]
        assert row["domains"]
    lines = harness("list", "constraints", "words_at_most").stdout.splitlines()
    assert lines[0].split() == ["name", "family", "domains", "hint", "stratum", "example"]
    assert "Use at most 120 words." in lines[1]
