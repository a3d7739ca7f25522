"""A task file from elsewhere is data: what would make code of it is refused before anything of it runs."""

from dataclasses import replace

import pytest

from harness import DataUnavailable, TaskError
from harness_lm_eval.source import LmEvalSource
from harness_lm_eval.trust import code_in, trusted

YAML = """
output_type: generate_until
test_split: test
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
"""
ROWS = [{"question": "1+1?", "answer": "2"}]
EVIL = "open('stolen', 'w').write('x')\n\n\ndef text(row):\n    return 'x'\n"


def opened(name, settings):
    return LmEvalSource().open(name, settings, None, "math")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("process_docs: !function evil.text\n", "!function evil.text"),
        ("doc_to_choice: [!function evil.text]\n", "!function evil.text"),
        ("metric_list:\n  - metric: !function evil.text\n    aggregation: mean\n", "!function evil.text"),
        ("process_results: !function os.system\n", "!function os.system"),
        ("class: !function evil.text\n", "class"),
        ("metric_list: [{metric: wer, aggregation: mean, hf_evaluate: true}]\n", "hf_evaluate: true"),
        ("x: &a {process_docs: !function evil.text}\ny: *a\n", "!function evil.text"),
    ],
)
def test_code_in_a_file_from_elsewhere_is_refused_and_not_run(write_task, tmp_path, extra, said):
    settings = replace(write_task("foreign", YAML + extra, ROWS), trust_tasks=())
    (tmp_path / "tasks" / "evil.py").write_text(EVIL)
    with pytest.raises(TaskError, match="brings code") as caught:
        opened("foreign", settings)
    assert said in str(caught.value)
    assert "--trust-tasks tasks" in str(caught.value)
    assert not (tmp_path / "stolen").exists()


def test_what_is_trusted_by_name_runs_its_code(write_task, tmp_path):
    settings = write_task("mine", YAML.replace('"{{question}}"', "!function mine.text"), ROWS)
    (tmp_path / "tasks" / "mine.py").write_text("def text(row):\n    return 'asked: ' + row['question']\n")
    task = opened("mine", settings)
    assert task.requests(task.doc(0))[0].prompt.text == "asked: 1+1?"


def test_code_that_is_included_is_refused_too(write_task, tmp_path):
    settings = replace(write_task("outer", YAML + "include: deep/inner.yaml\n", ROWS), trust_tasks=())
    (tmp_path / "tasks" / "deep").mkdir()
    (tmp_path / "tasks" / "deep" / "inner.yaml").write_text("process_docs: !function evil.text\n")
    (tmp_path / "tasks" / "deep" / "evil.py").write_text(EVIL)
    with pytest.raises(TaskError, match=r"inner\.yaml brings code"):
        opened("outer", settings)


def test_lm_evals_own_templates_may_be_included(write_task):
    """Their functions are lm-eval's, wherever they are included from."""
    from harness_lm_eval.index import default_root

    own = next(path for path in sorted(default_root().glob("*/*.yaml")) if any(code_in(path)))
    assert trusted(own, (default_root().resolve(),))


def test_a_link_into_a_trusted_folder_does_not_trust_what_it_leads_to(write_task, tmp_path):
    settings = write_task("linked", YAML + "process_docs: !function evil.text\n", ROWS)
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe" / "linked.yaml").symlink_to(tmp_path / "tasks" / "linked.yaml")
    (tmp_path / "tasks" / "evil.py").write_text(EVIL)
    only_safe = replace(settings, include_path=(str(tmp_path / "safe"),), trust_tasks=(str(tmp_path / "safe"),))
    with pytest.raises(TaskError, match="brings code"):
        opened("linked", only_safe)


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.system('touch stolen') }}",
        "{{ question.__class__.__init__.__globals__ }}",
        "{{ '%s'|attr('__class__') }}",
    ],
)
def test_templates_have_no_way_to_pythons_insides(write_task, tmp_path, template):
    settings = write_task("deep", YAML.replace("{{question}}", template), ROWS)
    with pytest.raises(TaskError):
        opened("deep", settings).requests(opened("deep", settings).doc(0))
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "openai/../../secret"])
def test_a_dataset_name_that_leads_out_of_the_root_is_refused(write_task, tmp_path, path):
    settings = write_task("out", YAML, ROWS)
    (tmp_path / "secret" / "default").mkdir(parents=True)
    (tmp_path / "secret" / "default" / "test.jsonl").write_text('{"question": "key", "answer": "sk-1"}\n')
    (tmp_path / "root").mkdir()
    file = tmp_path / "tasks" / "out.yaml"
    lines = [
        line for line in file.read_text().splitlines() if "data_files" not in line and "dataset_kwargs" not in line
    ]
    file.write_text("\n".join(lines).replace("dataset_path: json", f"dataset_path: {path}"))
    with pytest.raises(DataUnavailable, match="leads out of its folder"):
        opened("out", replace(settings, dataset_root=str(tmp_path / "root")))


def test_a_format_that_unpickles_is_refused(write_task, tmp_path):
    settings = write_task("packed", YAML, ROWS)
    file = tmp_path / "tasks" / "packed.yaml"
    file.write_text(file.read_text().replace("dataset_path: json", "dataset_path: pandas"))
    with pytest.raises(DataUnavailable, match="unpickles files"):
        opened("packed", settings)
