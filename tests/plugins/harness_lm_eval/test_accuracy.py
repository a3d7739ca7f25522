"""A whole run: the figures, files and samples of lm-eval, from recorded answers and from a scripted model."""

import asyncio
import json
from dataclasses import replace

import pytest

from harness import Plan, Response, TaskSettings
from harness.registry import load_registry
from harness.run import run
from harness.testing import ScriptedModel

OTHERS = ("suites", "backends", "constraints", "tiny")


@pytest.fixture
def went(tmp_path, monkeypatch):
    """Return a function that runs a plan with a scripted model."""

    def went(script, tasks, settings, **changes):
        from harness_lm_eval import task

        monkeypatch.setattr(task, "DRAWS", 1000)
        model = ScriptedModel(script=script)
        registry = replace(load_registry(disabled=OTHERS), backends={"scripted": model.backend()})
        plan = Plan(
            tasks=tasks,
            evaluation="accuracy",
            model="scripted",
            settings=settings,
            output=str(tmp_path / "runs"),
            **changes,
        )
        return asyncio.run(run(plan, registry))

    return went


def lines(path):
    """Return the rows of a JSON lines file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def files(end):
    """Return the results file, and the samples by task."""
    folder = end.folder / "lm_eval"
    (results,) = folder.glob("results_*.json")
    samples = {
        path.name.split("_2", 1)[0].removeprefix("samples_"): lines(path) for path in folder.glob("samples_*.jsonl")
    }
    return json.loads(results.read_text()), samples


@pytest.mark.parametrize("arm", ["COT", "standard"])
def test_recorded_answers_give_lm_evals_files(shared, went, tmp_path, arm):
    recorded = shared / "lmeval_samples_replayed"
    (theirs,) = (recorded / f"gpt-3.5-turbo__{arm}").glob("samples_*.jsonl")
    expected = lines(theirs)
    rows = [sample["doc"] for sample in expected if sample["filter"] == "strict-match"]
    data = tmp_path / "test200.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder = tmp_path / "tasks"
    folder.mkdir()
    yaml = (recorded / "gsm8k_replay.yaml").read_text().replace("lme/test200.jsonl", str(data))
    (folder / "gsm8k_replay.yaml").write_text(yaml)
    answers = {sample["arguments"]["gen_args_0"]["arg_0"]: sample["resps"][0][0] for sample in expected}

    end = went(
        lambda request: answers[request.prompt.text],
        ("gsm8k_replay",),
        TaskSettings(include_path=(str(folder),)),
    )

    results, samples = files(end)
    assert samples["gsm8k_replay"] == expected
    (their_results,) = (recorded / f"gpt-3.5-turbo__{arm}").glob("results_*.json")
    told = json.loads(their_results.read_text())
    assert results["results"] == told["results"]
    assert results["task_hashes"] == told["task_hashes"]
    for key in ("n-shot", "versions", "higher_is_better", "n-samples", "group_subtasks"):
        assert results[key] == told[key]
    ours, other = results["configs"]["gsm8k_replay"], told["configs"]["gsm8k_replay"]
    assert {key: ours[key] for key in other if key not in ("dataset_kwargs", "metadata")} == {
        key: other[key] for key in other if key not in ("dataset_kwargs", "metadata")
    }
    assert set(told) - set(results) <= {
        "transformers_version",
        "upper_git_hash",
        "tokenizer_pad_token",
        "tokenizer_eos_token",
        "tokenizer_bos_token",
        "eot_token_id",
        "max_length",
    }
    figures = json.loads((recorded / "EXPECTED.json").read_text())["figures"][f"gpt-3.5-turbo__{arm}"]
    for estimate in end.estimates:
        assert estimate.value == figures[estimate.metric.split(",")[1]]["lm_eval"]


CHOICE = """
output_type: multiple_choice
test_split: test
doc_to_text: "{{question}}"
doc_to_target: label
doc_to_choice: choices
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""


def test_a_group_has_lm_evals_figures(write_task, went, tmp_path, answer, theirs):
    def rows(count, start):
        return [{"question": f"Q{start + k}", "choices": ["a", "b"], "label": k % 2} for k in range(count)]

    write_task("small", CHOICE, rows(4, 0))
    write_task("large", CHOICE, rows(13, 50))
    settings = write_task("alone", CHOICE, rows(3, 90))
    (tmp_path / "tasks" / "groups.yaml").write_text(
        "group: pair\ntask: [small, {group: inner, task: [large], aggregate_metric_list: [{metric: acc}]}]\n"
        "aggregate_metric_list:\n  - {metric: acc, weight_by_size: true}\n"
    )
    end = went(answer, ("pair", "alone"), settings)
    results, samples = files(end)
    expected = theirs("pair", settings, None, settings.include_path)
    for name in ("small", "large"):
        assert results["results"][name] == expected["results"][name]
    for name in ("pair", "pair::inner"):
        assert results["groups"][name] == expected["groups"][name]
    assert results["group_subtasks"]["pair"] == expected["group_subtasks"]["pair"]
    assert set(samples) == {"small", "large", "alone"}
    rows = {(e.labels.get("task") or e.labels["group"]): e for e in end.estimates}
    assert rows["pair"].value == expected["groups"]["pair"]["acc,none"]
    assert rows["pair"].n == 17

    again = went(answer, ("small",), settings)
    assert {e.labels["task"] for e in again.estimates} == {"small"}


def test_what_fails_is_unscored_and_in_no_sample(write_task, went):
    rows = [{"question": f"Q{k}", "choices": ["a", "b"], "label": 0} for k in range(5)]

    def script(request):
        if request.prompt.text == "Q3":
            return Response(finish="error", error="no luck")
        return Response(logprob=-1.0 if request.continuation == " a" else -2.0, greedy=False)

    end = went(script, ("partly",), write_task("partly", CHOICE, rows))
    assert end.funnel == {"asked": 5, "unscored": 1, "cut": 0, "solved": 4}
    assert end.estimates[0].value == 1.0
    assert end.estimates[0].note == "1 unscored left out"
    results, samples = files(end)
    assert [sample["doc_id"] for sample in samples["partly"]] == [0, 1, 2, 4]
    assert results["n-samples"]["partly"] == {"original": 5, "effective": 4}
    assert samples["partly"][0]["resps"] == [[["-1.0", "False"]], [["-2.0", "False"]]]


def test_a_conversation_is_logged_as_its_messages(write_task, went):
    rows = [{"question": "Q", "choices": ["a", "b"], "label": 0}]
    settings = write_task("talk", CHOICE, rows, apply_chat_template=True, system_instruction="Be brief.")
    end = went(lambda _: Response(logprob=-1.0, greedy=True), ("talk",), settings)
    _, samples = files(end)
    asked = json.loads(samples["talk"][0]["arguments"]["gen_args_0"]["arg_0"])
    assert asked == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Q"}]


def test_no_files_for_an_evaluation_that_asks_otherwise(write_task, went):
    from harness_lm_eval.reporter import write

    rows = [{"question": "Q", "choices": ["a", "b"], "label": 0}]
    end = went(lambda _: Response(logprob=-1.0, greedy=True), ("quiet",), write_task("quiet", CHOICE, rows))
    other = replace(end, evaluation=replace(end.evaluation, name="something"))
    assert list(write(other)) == []
