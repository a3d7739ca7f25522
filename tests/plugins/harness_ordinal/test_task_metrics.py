"""Task files name ordinal metrics: the same figures under the harness and under lm-eval's own evaluator."""

import json
import math

import pytest

from harness import Record, Response, TaskError, TaskSettings, Trial
from harness_lm_eval.source import LmEvalSource
from harness_ordinal import METRICS, OrdinalError, predictions_of
from harness_ordinal.task_figures import TASK_FIGURES
from harness_ordinal.task_metrics import aggregated, generated_item, label_in, of_items, register

YAML = """
task: {name}
dataset_path: json
dataset_kwargs:
  data_files: {{test: {rows}}}
output_type: {kind}
test_split: test
doc_to_text: "{{{{text}}}}"
{target}
metric_list:
  - metric: qwk
  - metric: mae
    decoding: median
  - metric: {more}
metadata: {{version: 1.0, labels: {labels}}}
"""
CHOICES = 'doc_to_choice: ["low", "middle", "high"]\ndoc_to_target: "{{stars}}"'
WEIGHTS = [[-1.0, -2.0, -3.0], [-3.0, -1.0, -1.5], [-0.5, -5.0, -0.7], [-2.0, -2.5, -0.1]]


def opened(tmp_path, kind, target, more, labels='["low", "middle", "high"]'):
    rows = tmp_path / "rows.jsonl"
    words = ("low", "middle", "high", "high")
    rows.write_text(
        "".join(
            json.dumps({"text": f"review {place}", "stars": min(place, 2), "word": word}) + "\n"
            for place, word in enumerate(words)
        )
    )
    path = tmp_path / "rated.yaml"
    path.write_text(YAML.format(name="rated", rows=rows, kind=kind, target=target, more=more, labels=labels))
    source, settings = LmEvalSource(), TaskSettings()
    (name,) = source.find(str(path), settings)
    return source.open(name, settings, None, "")


def scores(task, answers):
    docs = list(task.docs())
    return [task.score(doc, responses) for doc, responses in zip(docs, answers, strict=True)]


def log_likelihoods(weights):
    return [[Response(logprob=weight, greedy=False) for weight in row] for row in weights]


def test_a_multiple_choice_task_names_metrics_of_ranks_and_of_distributions(tmp_path):
    task = opened(tmp_path, "multiple_choice", CHOICES, "rps")
    found = {one.metric: one.value for one in task.aggregate(scores(task, log_likelihoods(WEIGHTS)))}
    argmax = predictions_of([0, 1, 2, 2], 3, ranks=[0, 1, 0, 2])
    assert found["qwk,none"] == pytest.approx(METRICS["qwk"].value(argmax))
    totals = [sum(map(math.exp, row)) for row in WEIGHTS]
    above = [
        [sum(map(math.exp, row[k + 1 :])) / total for k in (0, 1)] for row, total in zip(WEIGHTS, totals, strict=True)
    ]
    median = predictions_of([0, 1, 2, 2], 3, exceedance=above)
    assert found["mae,none"] == pytest.approx(METRICS["mae"].value(median))
    assert found["rps,none"] == pytest.approx(METRICS["rps"].value(median))


def test_the_labels_give_the_order_and_not_the_choices(tmp_path):
    task = opened(tmp_path, "multiple_choice", CHOICES, "rps", labels='["middle", "low", "high"]')
    item = scores(task, log_likelihoods(WEIGHTS))[0].values["qwk,none"]
    assert item[:2] == [1, [-2.0, -1.0, -3.0]]


def test_choices_that_are_not_the_labels_are_an_error(tmp_path):
    task = opened(tmp_path, "multiple_choice", CHOICES, "rps", labels='["bad", "good"]')
    with pytest.raises(TaskError, match="are not the labels"):
        scores(task, log_likelihoods(WEIGHTS))


def test_a_task_without_a_scale_is_an_error(tmp_path):
    task = opened(tmp_path, "generate_until", 'doc_to_target: "{{word}}"', "rating_unreadable", labels="[]")
    with pytest.raises(TaskError, match="needs the scale"):
        scores(task, [[Response(text="high")]] * 4)


def test_generated_ratings_that_cannot_be_read_are_counted_and_never_averaged_in(tmp_path):
    task = opened(tmp_path, "generate_until", 'doc_to_target: "{{word}}"', "rating_unreadable")
    answers = [[Response(text=text)] for text in (" low", "Rating: high.", "I cannot say", "high")]
    graded = scores(task, answers)
    found = {one.metric: one.value for one in task.aggregate(graded)}
    assert found["rating_unreadable,none"] == 0.25
    assert found["mae,none"] == pytest.approx(1 / 3)
    records = [
        Record(
            doc=f"rated/{place}",
            task="rated",
            index=place,
            trials=(Trial(arm="plain", draw=0, responses=(), score=score),),
        )
        for place, score in enumerate(graded)
    ]
    rows = [TASK_FIGURES.row(record, task) for record in records]
    (mae,) = [one for one in TASK_FIGURES.estimate(rows, {task.name: task}) if one.metric == "mae"]
    assert (mae.value, mae.n) == (pytest.approx(1 / 3), 3)
    assert mae.low == 0
    assert "bootstrap over items" in mae.method


def test_lm_evals_own_evaluator_gives_the_same_figure(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # it looks for a model that nobody named
    lm_eval = pytest.importorskip("lm_eval")
    from lm_eval.tasks import TaskManager

    register()
    opened(tmp_path, "multiple_choice", CHOICES, "rps")
    manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
    found = lm_eval.simple_evaluate(
        model="dummy", tasks=["rated"], task_manager=manager, bootstrap_iters=0, log_samples=True, verbosity="ERROR"
    )
    items = [sample["qwk"] for sample in found["samples"]["rated"]]
    assert found["results"]["rated"]["qwk,none"] == pytest.approx(METRICS["qwk"].value(of_items(items)), nan_ok=True)
    assert found["results"]["rated"]["rps,none"] > 0


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("4", 3),
        ("**4**", 3),
        ("Rating: 4/5", None),
        ("4 stars", 3),
        ("The answer is 4.", 3),
        ("4.5", None),
        ("14", None),
        ("", None),
        ("4 out of 4: 4", 3),
    ],
)
def test_the_one_label_that_an_answer_names_is_its_rating(text, rank):
    assert label_in(text, ["1", "2", "3", "4", "5"]) == rank


def test_a_reference_off_the_scale_is_an_error():
    with pytest.raises(TaskError, match="'6' is none of the labels"):
        generated_item(["6"], ["5"], labels=["1", "5"])


def test_documents_on_different_scales_have_no_common_figure():
    with pytest.raises(OrdinalError, match=r"scales of \[3, 5\] ranks"):
        aggregated("mae", [[0, 1, 3], [0, 1, 5]])


def test_nothing_readable_has_no_figure():
    assert math.isnan(aggregated("mae", [[0, None, 3]]))
    assert aggregated("rating_unreadable", [[0, None, 3]]) == 1
