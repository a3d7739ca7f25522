"""Flags: the YAML file and the command line give one plan."""

from dataclasses import dataclass

import pytest

from harness import Evaluation, HarnessError, UnknownName
from harness.cli.flags import Flags, from_file, further_flags, merged, pairs, plan_of, split, with_options


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


def test_further_models_have_options_of_their_own(config):
    file = from_file(config("tasks: a\nextractor-model: openai:w\nextractor-option: {base_url: u, api_key: k}\n"))
    line = Flags(extractor_option=pairs(["api_key=z"], "--extractor-option"), judge_model="hf:j")
    plan = plan_of(merged(file, line))
    assert (plan.extractor_model, plan.judge_model) == ("openai:w", "hf:j")
    assert plan.extractor_option == {"base_url": "u", "api_key": "z"}
    assert plan.judge_option == plan.model_option == {}


def test_the_command_line_wins_and_options_are_joined_by_name(config):
    file = from_file(config("tasks: [a]\nlimit: 5\noption: {draws: 2, base_draws: 3}\n"))
    plan = plan_of(merged(file, Flags(limit=7, option={"draws": "9"})))
    assert plan.tasks == ("a",)
    assert plan.limit == 7
    assert plan.option == {"draws": "9", "base_draws": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tasks: [a]\nlimit: many\n", "Expected `int | null`, got `str`"),
        ("- a\n- b\n", "must be a mapping of flags"),
        ("tasks: [a\n", "while parsing"),
        ("tasks: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(config, text, message):
    with pytest.raises(HarnessError, match=message):
        from_file(config(text))


@dataclass(frozen=True, kw_only=True)
class Options:
    constraint_count: tuple[int, ...] = (1,)
    touching: bool = False
    seed: int = 0


EVALUATION = Evaluation(name="some", summary="", evaluate=None, options=Options)


def test_the_options_of_an_evaluation_are_flags_too():
    line = Flags(option={"touching": "false"}, further=further_flags(["--constraint-count", "1,2", "--touching"]))
    assert with_options(line, EVALUATION).option == {"constraint_count": "1,2", "touching": "true"}
    assert with_options(line, EVALUATION).further is None


def test_they_are_names_of_the_file_too_and_the_command_line_wins(config):
    file = from_file(config("tasks: [a]\nconstraint-count: [1, 2]\ntouching: true\n"))
    both = with_options(merged(file, Flags(further={"constraint_count": "4"})), EVALUATION)
    assert plan_of(both).option == {"constraint_count": "4", "touching": True}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--limt", "3"], "no flag named '--limt'; did you mean --limit"),
        (["--constraint-cuont=3"], "did you mean --constraint-count"),
        (["stray"], "unexpected word 'stray'"),
        (["--touching", "true", "false"], "unexpected word 'false'"),
        (["-x"], "unexpected word '-x'"),
    ],
)
def test_a_flag_that_nobody_has_is_named(words, message):
    with pytest.raises(HarnessError, match=message):
        with_options(Flags(further=further_flags(words)), EVALUATION)


def test_a_name_of_the_file_that_nobody_has_is_named(config):
    with pytest.raises(UnknownName, match="no flag named '--task'; did you mean --tasks"):
        with_options(from_file(config("task: gsm8k\n")), EVALUATION)


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
