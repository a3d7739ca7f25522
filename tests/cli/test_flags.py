"""Flags: the YAML file and the command line give one plan."""

import pytest

from harness import HarnessError, UnknownName
from harness.cli.flags import Flags, from_file, merged, pairs, plan_of, split


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "run.yaml"
        path.write_text(text)
        return path

    return write


def test_the_file_takes_the_names_of_the_command_line(config):
    text = "tasks: gsm8k, math500\nconstraint-type: [format, length]\nmodel: openai:x\nmodel-option: {base_url: http://h/v1}\nlimit: 5\n"
    plan = plan_of(from_file(config(text)))
    assert plan.tasks == ("gsm8k", "math500")
    assert plan.constraint_type == ("format", "length")
    assert plan.model_option == {"base_url": "http://h/v1"}
    assert plan.limit == 5


def test_the_command_line_wins_and_options_are_joined_by_name(config):
    file = from_file(config("tasks: [a]\nlimit: 5\noption: {draws: 2, base_draws: 3}\n"))
    plan = plan_of(merged(file, Flags(limit=7, option={"draws": "9"})))
    assert plan.tasks == ("a",)
    assert plan.limit == 7
    assert plan.option == {"draws": "9", "base_draws": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task: gsm8k\n", "no flag in .* named 'task'; did you mean tasks"),
        ("tasks: [a]\nlimit: many\n", "Expected `int | null`, got `str`"),
        ("- a\n- b\n", "must be a mapping of flags"),
        ("tasks: [a\n", "while parsing"),
        ("tasks: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(config, text, message):
    with pytest.raises(HarnessError, match=message):
        from_file(config(text))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (Flags(), "no tasks: give --tasks"),
        (Flags(tasks=("a",), limit=0), "--limit 0: must be at least 1"),
        (Flags(tasks=("a",), batch_size=-1), "--batch-size -1"),
        (Flags(tasks=("a",), dataset_root="nowhere"), "--dataset-root nowhere: no such folder"),
    ],
)
def test_a_flag_that_cannot_be_is_named(flags, message):
    with pytest.raises(HarnessError, match=message):
        plan_of(flags)


def test_words_and_pairs():
    assert split(["a,b", " c "]) == ("a", "b", "c")
    assert split([]) is None
    assert pairs(["a=1", "b=x=y"], "--option") == {"a": "1", "b": "x=y"}
    with pytest.raises(HarnessError, match="--option 'a': give it as name=value"):
        pairs(["a"], "--option")


def test_environment_fills_in(monkeypatch, tmp_path):
    monkeypatch.setenv("HARNESS_MODEL", "hf:here")
    monkeypatch.setenv("HARNESS_DATASET_ROOT", str(tmp_path))
    plan = plan_of(Flags(tasks=("a",)))
    assert plan.model == "hf:here"
    assert plan.settings.dataset_root == str(tmp_path)
    assert plan_of(Flags(tasks=("a",), model="tiny")).model == "tiny"


def test_unknown_names_are_harness_errors():
    assert issubclass(UnknownName, HarnessError)
