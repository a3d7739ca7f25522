"""The same tasks, the same weights, through `lm_eval` itself and through us: the same numbers, the same responses.

Six tasks of all four output types, with few-shot examples and without; lm-eval's `hf` against ours, float64, greedy.
"""

import asyncio
import json
from pathlib import Path

import pytest

from harness import Plan, TaskSettings
from harness.registry import load_registry
from harness.run import run
from harness_tiny import WEIGHTS, generator

ROWS = [
    {"question": row["question"], "sum": int(row["target"]), "a": int(row["target"]) + 3}
    for row in generator.problems("words", 5, 12)
]
COMMON = """
dataset_path: json
dataset_kwargs: {{data_files: {{test: {rows}, train: {rows}}}}}
test_split: test
fewshot_split: train
metadata: {{version: 1.0}}
"""
TASKS = {
    "same_generate": """
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{sum}}"
generation_kwargs: {until: ["\\n\\n", "Question:"], max_gen_toks: 48, do_sample: false}
filter_list:
  - {name: last, filter: [{function: regex, regex_pattern: '(-?\\d+)', group_select: -1}, {function: take_first}]}
  - {name: said, filter: [{function: regex, regex_pattern: 'answer is (\\d+)'}, {function: take_first}]}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}]
""",
    "same_generate_few": """
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "The answer is {{sum}}."
num_fewshot: 2
generation_kwargs: {until: ["\\n\\n"], max_gen_toks: 32, do_sample: false}
filter_list:
  - {name: last, filter: [{function: regex, regex_pattern: '(-?\\d+)', group_select: -1}, {function: take_first}]}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
""",
    "same_choice": """
output_type: multiple_choice
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: ["{{sum}}", "{{a}}", "{{sum + 7}}"]
doc_to_target: 0
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
""",
    "same_choice_few": """
output_type: multiple_choice
num_fewshot: 3
description: "Choose.\\n\\n"
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: ["{{sum}}", "{{a}}"]
doc_to_target: 0
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
""",
    "same_likelihood": """
output_type: loglikelihood
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "The answer is {{sum}}."
metric_list:
  - {metric: perplexity, aggregation: perplexity, higher_is_better: false}
  - {metric: acc, aggregation: mean, higher_is_better: true}
""",
    "same_rolling": """
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{question}} {{sum}}."
metric_list:
  - {metric: word_perplexity}
  - {metric: byte_perplexity}
  - {metric: bits_per_byte}
""",
}
LONG = """
output_type: generate_until
doc_to_text: "{{('Once more. ' * 900) ~ question}}\\nAnswer:"
doc_to_target: "{{sum}}"
generation_kwargs: {until: ["\\n\\n"], max_gen_toks: 16, do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("same")
    (place / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    for name, text in {**TASKS, "same_long": LONG}.items():
        (place / f"{name}.yaml").write_text(f"task: {name}\n{COMMON.format(rows=place / 'rows.jsonl')}{text}")
    return place


@pytest.fixture(scope="module")
def theirs(folder):
    """Return what lm_eval itself gives: results, and samples by task."""
    import warnings

    from lm_eval import simple_evaluate
    from lm_eval.tasks import TaskManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return simple_evaluate(
            model="hf",
            model_args=f"pretrained={WEIGHTS},dtype=float64",
            tasks=[*TASKS, "same_long"],
            task_manager=TaskManager(include_defaults=False, include_path=str(folder)),
            batch_size=4,
            device="cpu",
            bootstrap_iters=1000,
        )


@pytest.fixture(scope="module")
def ours(folder, tmp_path_factory):
    plan = Plan(
        tasks=(*TASKS, "same_long"),
        evaluation="accuracy",
        model=f"hf:{WEIGHTS}",
        model_option={"dtype": "float64", "device": "cpu"},
        batch_size=4,
        settings=TaskSettings(include_path=(str(folder),)),
        output=str(tmp_path_factory.mktemp("runs")),
    )
    return asyncio.run(run(plan, load_registry().checked()))


@pytest.mark.parametrize("task", [*TASKS, "same_long"])
def test_the_numbers_are_lm_evals(task, ours, theirs):
    expected = {key: value for key, value in theirs["results"][task].items() if "," in key and "stderr" not in key}
    found = {one.metric: one.value for one in ours.estimates if one.labels["task"] == task}
    assert set(found) == set(expected)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-9, abs=0), key


@pytest.mark.parametrize("task", [*TASKS, "same_long"])
def test_the_filtered_responses_are_lm_evals(task, ours, theirs):
    expected = {(row["doc_id"], row["filter"]): row["filtered_resps"] for row in theirs["samples"][task]}
    path = next((ours.folder / "lm_eval").glob(f"samples_{task}_2*.jsonl"))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == len(expected)
    for row in rows:
        left = json.loads(json.dumps(expected[row["doc_id"], row["filter"]]))
        if "generate" in task or "long" in task:
            assert row["filtered_resps"] == left
        else:
            assert [numbers(one) for one in row["filtered_resps"]] == [pytest.approx(numbers(one)) for one in left]


def numbers(response):
    """Return a log-likelihood and its greedy flag as numbers; lm-eval's log writes both as text."""
    parts = response if isinstance(response, list) else [response]
    return [float({"True": 1, "False": 0}.get(str(part), part)) for part in parts]


def test_the_models_answers_are_real(ours):
    """Equal zeros would prove nothing: the embedded model solves its own kind of problem."""
    values = {(one.labels["task"], one.metric): one.value for one in ours.estimates}
    assert values["same_generate", "exact_match,last"] > 0.5


def test_a_prompt_longer_than_the_context_is_cut_on_the_left_and_counted(ours):
    assert ours.funnel["cut"] == len(ROWS)
    cut = [record for record in ours.records if record.task == "same_long"]
    assert all(record.trials[0].response.cut > 0 for record in cut)


def test_gsm8k_is_too_hard_for_the_embedded_model_and_the_report_says_so(tmp_path):
    root = Path(__file__).parents[2] / "shared" / "data" / "hub"
    if not root.is_dir():
        pytest.skip(f"needs the real GSM8K rows in {root}")
    plan = Plan(
        tasks=("gsm8k",),
        constraint_type=("format",),
        model="tiny",
        limit=3,
        settings=TaskSettings(dataset_root=str(root)),
        output=str(tmp_path),
    )
    end = asyncio.run(run(plan, load_registry().checked()))
    assert end.funnel["asked"] == 3
    assert end.funnel["cut"] == 3  # five worked examples do not fit into its context
    assert end.funnel["solved"] == 0
    raw = next(one for one in end.estimates if one.metric == "sustain_raw")
    assert raw.value is None
    assert "nothing solved" in raw.note
    assert "nothing solved" in (end.folder / "report.md").read_text()
