"""What is wrong with a task is said in one line: whose it is, what, and what to do."""

import json
import time
from dataclasses import replace

import pytest

from harness import DataUnavailable, TaskError, TaskSettings, TaskSpec
from harness_lm_eval.source import LmEvalSource

YAML = """
output_type: generate_until
test_split: test
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
"""
ROWS = [{"question": "1+1?", "answer": "so\n#### 2", "topic": "sum", "also": ["two", "II"]}]


def opened(name: str, settings: TaskSettings, spec: TaskSpec | None = None):
    return LmEvalSource().open(name, settings, spec, "math")


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("dokument: 1\n", "unknown key 'dokument'"),
        ("doc_to_txt: x\n", "unknown key 'doc_to_txt'; did you mean doc_to_text"),
        ("metric_list: [{metric: exact_matsch}]\n", "no aggregation"),
        (
            "metric_list: [{metric: exact_matsch, aggregation: mean}]\n",
            "not one of lm-eval's; did you mean exact_match",
        ),
        ("metric_list: [{metric: wer, aggregation: mean, hf_evaluate: true}]\n", "from the hub .*does not answer"),
        ("metric_list: [{metric: exact_match, aggregation: meen}]\n", "unknown aggregation 'meen'; did you mean"),
        ("filter_list: [{name: x, filter: [{function: regexp}]}]\n", "unknown function 'regexp'; did you mean regex"),
        ("process_docs: !function nowhere.rows\n", "Cannot import module 'nowhere'"),
        ("generation_kwargs: 3\n", "TypeError"),
        ("unsafe_code: true\n", "unsafe_code: true.*--tasks code"),
        ("doc_to_image: picture\n", "doc_to_image asks about what is not text"),
        ("output_type: sing\n", "invalid output_type 'sing'"),
    ],
)
def test_a_faulty_task_file(write_task, monkeypatch, extra, message):
    monkeypatch.setattr("harness_lm_eval.checks.hub_answers", lambda: False)
    settings = write_task("faulty", YAML.replace("output_type: generate_until\n", "") + extra, ROWS)
    with pytest.raises(TaskError, match=message) as caught:
        opened("faulty", settings)
    assert str(caught.value).startswith("task faulty")


def test_unsafe_code_is_opened_for_a_suite_that_knows_it(write_task):
    settings = write_task("unsafe", YAML + "unsafe_code: true\n", ROWS)
    assert opened("unsafe", settings, TaskSpec(name="unsafe")).blocking


def test_a_template_that_fails_names_task_and_document(write_task):
    settings = write_task(
        "hole", YAML.replace("{{question}}", "{{question + (extra or '')}}"), [{**ROWS[0], "extra": None}]
    )
    task = opened("hole", settings)
    broken = replace(task.doc(0), fields={})
    with pytest.raises(TaskError, match="task hole, prompt of document 0: UndefinedError: 'extra' is undefined"):
        task.requests(broken)


def test_golds_aliases_and_clusters(write_task):
    spec = TaskSpec(name="told", aliases="also", cluster="topic")
    doc = opened("told", write_task("told", YAML, ROWS), spec).doc(0)
    assert doc.golds == ("so\n#### 2", "2", "two", "II")
    assert (doc.id, doc.cluster, doc.index) == ("told/0", "sum", 0)


def test_the_grades_of_a_suite(write_task):
    from harness import Response

    yaml = YAML + "metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]\n"
    settings = write_task("graded", yaml, ROWS)
    right = Response(text=ROWS[0]["answer"])
    task = opened("graded", settings, TaskSpec(name="graded", solved="exact_match,none"))
    assert task.score(task.doc(0), [right]).solved is True
    assert task.score(task.doc(0), [right]).lenient is None
    strict = opened("graded", settings, TaskSpec(name="graded", threshold=1.5))
    assert strict.score(strict.doc(0), [right]).solved is False
    other = opened("graded", settings, TaskSpec(name="graded", solved="f1,none"))
    assert other.score(other.doc(0), [right]).note == "no grade 'f1,none', only exact_match,none"


def test_what_a_manifest_tells_is_json_without_secrets_or_places(write_task, tmp_path):
    yaml = YAML + "metadata: {version: 2, api_key: sk-verysecret}\n"
    task = opened("told", write_task("told", yaml, ROWS))
    text = json.dumps(
        {key: value for key, value in task.facts.items() if key != "config"}
        | {"config": task.facts["config"]["metadata"]}
    )
    assert "sk-verysecret" not in text
    assert str(tmp_path) not in text
    assert task.version == "2"


def test_rows_from_the_dataset_root(hub, monkeypatch):
    monkeypatch.setenv("HARNESS_DATASET_ROOT", hub)
    task = opened("gsm8k", TaskSettings())
    assert len(task) == 1319
    assert task.facts["dataset"]["from"]["openai/gsm8k main"].startswith("dataset-root sha256:")


def test_a_task_without_examples_needs_no_examples(tmp_path):
    rows = tmp_path / "root" / "openai" / "gsm8k" / "main"
    rows.mkdir(parents=True)
    (rows / "test.jsonl").write_text('{"question": "Q", "answer": "#### 1"}\n')
    settings = TaskSettings(dataset_root=str(tmp_path / "root"))
    assert len(opened("gsm8k", replace(settings, num_fewshot=0))) == 1
    with pytest.raises(DataUnavailable, match=r"no split 'train', only test; add train\.jsonl"):
        opened("gsm8k", settings)
    (rows / "test.jsonl").write_text("[1]\n")
    with pytest.raises(DataUnavailable, match=r"test\.jsonl"):
        opened("gsm8k", replace(settings, num_fewshot=0))
    (rows.parent / "other").mkdir()
    (rows / "test.jsonl").unlink()
    with pytest.raises(DataUnavailable, match="'main'"):
        opened("gsm8k", settings)


def test_rows_that_cannot_be_had_are_told_within_seconds(monkeypatch):
    from harness_lm_eval import data

    monkeypatch.setattr(data, "answers", lambda _: False)
    start = time.perf_counter()
    with pytest.raises(DataUnavailable, match=r"'Rowan/hellaswag' .* the hub does not answer.*--dataset-root"):
        opened("hellaswag", TaskSettings())
    assert time.perf_counter() - start < 5


def test_a_host_that_does_not_answer_is_given_up():
    from harness_lm_eval.data import PATIENCE, answers

    start = time.perf_counter()
    assert answers("https://host.invalid") is False
    assert time.perf_counter() - start < PATIENCE + 1


def test_files_that_are_not_there(write_task):
    settings = write_task("lost", YAML + "dataset_kwargs: {data_files: {test: /nowhere.jsonl}}\n", ROWS)
    with pytest.raises(DataUnavailable, match=r"nowhere\.jsonl.*mend data_files"):
        opened("lost", settings)


def test_a_path_to_a_file(write_task, tmp_path):
    write_task("by_path", YAML, ROWS)
    path = str(tmp_path / "tasks" / "by_path.yaml")
    source = LmEvalSource()
    assert source.find(path, TaskSettings()) == ("by_path",)
    assert source.open("by_path", TaskSettings(), None, "").name == "by_path"
    assert source.open(path, TaskSettings(), None, "").name == "by_path"


def test_a_path_does_not_take_a_known_name(tmp_path):
    (tmp_path / "mine.yaml").write_text("task: gsm8k\n")
    with pytest.raises(TaskError, match=r"mine\.yaml takes the name 'gsm8k', which .*--include-path"):
        LmEvalSource().find(str(tmp_path / "mine.yaml"), TaskSettings())


def test_a_task_as_its_group_changes_it(write_task, tmp_path):
    settings = write_task("member", YAML, ROWS)
    (tmp_path / "tasks" / "group.yaml").write_text(
        'group: changed\ntask: [{task: member, doc_to_text: "Q: {{question}}"}]\n'
    )
    task = opened("changed::member", settings)
    assert (task.name, task.called) == ("changed::member", "member")
    assert task.requests(task.doc(0))[0].prompt.text == "Q: 1+1?"


def test_no_such_task():
    with pytest.raises(TaskError, match="no single task named 'gsm9k'; did you mean gsm8k"):
        opened("gsm9k", TaskSettings())
