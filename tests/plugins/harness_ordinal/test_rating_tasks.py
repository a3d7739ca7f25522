"""The rating tasks load in lm-eval as they are, declare their order, and run on the embedded model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness import DataUnavailable, Plan, TaskError, TaskSettings
from harness.registry import load_registry
from harness.run import run
from harness_suites import tasks_folder

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"

#: Documents, labels, and how often each rank is right in the rows that are here.
TASKS = {
    "complex_words": (917, "12345"),
    "complex_phrases": (184, "12345"),
    "stsb_ranks": (1379, "012345"),
    "topical_chat_overall": (360, "12345"),
    "sfhot_naturalness": (875, "123456"),
    "coursera_stars": (11851, "12345"),
    "demo_reviews": (200, "12345"),
}


def opened(name, root=None):
    registry = load_registry()
    from harness.opening import with_suite_folders

    settings = with_suite_folders(TaskSettings(dataset_root=root), registry)
    return registry.suites["lm-eval"].source.open(name, settings, None, "")


@pytest.mark.parametrize("name", TASKS)
def test_it_has_its_rows_and_every_right_label_stands_on_its_scale(name):
    if name != "demo_reviews" and not DATA.is_dir():
        pytest.skip("the benchmark rows (shared/data) are not here")
    number, labels = TASKS[name]
    task = opened(name, str(DATA))
    assert len(task) == number
    assert task.spec.labels == tuple(labels)
    golds = Counter(doc.golds[0] for doc, _ in zip(task.docs(), range(2000), strict=False))
    assert set(golds) <= set(labels)
    doc = task.doc(0)
    assert [request.continuation for request in task.requests(doc)] == [f" {label}" for label in labels]
    assert "{{" not in task.requests(doc)[0].prompt.text
    assert task.facts["dataset"]["from"] or name == "demo_reviews"  # a manifest tells the hash of the rows


def test_a_halfway_mean_goes_up():
    if not DATA.is_dir():
        pytest.skip("the benchmark rows (shared/data) are not here")
    task = opened("stsb_ranks", str(DATA))
    assert task.doc(0).golds == ("3",)  # 2.500
    assert task.doc(4).golds == ("2",)  # 1.500


def test_rows_that_are_not_there_are_named_with_where_to_get_them(tmp_path):
    with pytest.raises(DataUnavailable, match=r"lcp_single_test.tsv is not in the dataset root.*MMU-TDMLab/CompLex"):
        opened("complex_words", str(tmp_path))


def test_lm_eval_takes_the_tasks_as_they_are(monkeypatch):
    if not DATA.is_dir():
        pytest.skip("the benchmark rows (shared/data) are not here")
    monkeypatch.setenv("HARNESS_DATASET_ROOT", str(DATA))
    import lm_eval
    from lm_eval.api.model import LM
    from lm_eval.tasks import TaskManager

    class Sure(LM):
        def loglikelihood(self, requests, disable_tqdm=False):
            return [(float(request.args[1] == " 3"), False) for request in requests]

        def loglikelihood_rolling(self, requests, disable_tqdm=False):
            raise NotImplementedError  # a rating task only weighs labels

        def generate_until(self, requests, disable_tqdm=False):
            raise NotImplementedError  # a rating task only weighs labels

    manager = TaskManager(include_defaults=False, include_path=str(tasks_folder() / "ratings"))
    names = ["demo_reviews", "stsb_ranks", "complex_phrases"]
    found = lm_eval.simple_evaluate(model=Sure(), tasks=names, task_manager=manager, limit=50, bootstrap_iters=0)
    for name in names:
        rows = manager.load([name])["tasks"][name].eval_docs
        place = list("012345" if name == "stsb_ranks" else "12345").index("3")
        assert found["results"][name]["acc,none"] == sum(row["rank"] == place for row in rows.select(range(50))) / 50


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"doc_to_choice": ["5", "1", "4", "3", "2"]}, "its choices are 5, 1, 4, 3, 2, its labels 1, 2, 3, 4, 5"),
        ({"metadata": {"labels": ["5", "1", "4", "3", "2"]}}, "do not ascend"),
        ({"metadata": {"labels": "1-5"}}, "give the labels as a list"),
        ({"doc_to_choice": ["1", "2", "3", "4", "6"]}, "they must be the same in the same order"),
    ],
)
async def test_permuted_labels_in_a_task_file_fail_before_the_first_request(change, words, tmp_path):
    import yaml

    source = yaml.safe_load((tasks_folder() / "ratings" / "_five").read_text())
    text = yaml.safe_dump({**source, "task": "mine", "doc_to_text": "{{text}}\nStars:", **change})
    (tmp_path / "mine.yaml").write_text(text + "custom_dataset: !function harness_ordinal.ratings.demo.reviews\n")
    plan = Plan(
        tasks=(str(tmp_path / "mine.yaml"),),
        evaluation="ratings",
        settings=TaskSettings(trust_tasks=(str(tmp_path),)),
        output=str(tmp_path / "runs"),
    )
    with pytest.raises(TaskError, match=words):
        await run(plan, load_registry().checked())
    assert not list(tmp_path.glob("runs/*/records.jsonl"))


async def test_the_embedded_model_rates_offline_in_every_way(tmp_path):
    plan = Plan(
        tasks=("demo_reviews",), evaluation="ratings", option={"calibrate": "true"}, limit=1, output=str(tmp_path)
    )
    end = await run(plan, load_registry().checked())
    assert end.funnel["rated"] == 1
    ways = {one.labels["elicitation"] for one in end.estimates if one.metric == "rps"}
    assert ways == {
        "labels",
        "labels_calibrated",
        "generated",
        "threshold_raw",
        "threshold",
        "up_chain",
        "down_chain",
        "both_chains",
    }
    for record in end.records:
        for trial in record.trials:
            above = trial.score.values["exceedance"]
            if trial.arm not in ("threshold_raw", "generated"):
                assert all(0 <= value <= 1 for value in above)
                assert list(above) == sorted(above, reverse=True)
    assert "| demo_reviews | both_chains | median |" in (end.folder / "report.md").read_text()


ESSAYS = """essay_id\tessay_set\tessay\trater1_domain1\trater2_domain1\tdomain1_score
1\t1\t"Dear paper, I think ""computers"" help."\t4\t4\t8
2\t2\tA shelf\u2019s books, all of them.\t3\t4\t4
3\t3\tHe was thirsty.\t1\t1\t1
4\t2\tNo.\t1\t1\t1
"""


@pytest.fixture
def essays(tmp_path):
    def written(text=ESSAYS, encoding="cp1252"):
        (tmp_path / "training_set_rel3.tsv").write_bytes(text.encode(encoding))
        return str(tmp_path)

    return written


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_essays_are_read_from_the_file_that_a_user_has(essays, encoding):
    root = essays(encoding=encoding)
    task = opened("asap_essays_2", root)
    assert task.spec.labels == tuple("123456")
    assert [task.doc(at).golds for at in range(len(task))] == [("4",), ("1",)]
    prompt = task.requests(task.doc(0))[0].prompt.text
    assert "from 1 (worst) to 6 (best)" in prompt
    assert "A shelf\u2019s books" in prompt
    letters = opened("asap_essays_1", root)
    assert letters.spec.labels == tuple(str(score) for score in range(2, 13))
    assert letters.doc(0).golds == ("8",)
    assert 'I think "computers" help.' in letters.requests(letters.doc(0))[0].prompt.text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("domain1_score\n", "score\n", "no column domain1_score.*kaggle"),
        ("\t4\n3\t3", "\t\n3\t3", "essay 2 has the domain1_score '', which is no number"),
        ("\t4\n3\t3", "\t7\n3\t3", "a rating of 7.0 is off the scale 1 to 6"),
        ("\t2\t", "\t5\t", "no essay of set 2"),
    ],
)
def test_an_essay_file_that_is_not_as_published_is_told_from_one_that_is_not_there(essays, old, new, words):
    assert old in ESSAYS
    with pytest.raises(DataUnavailable, match=words):
        opened("asap_essays_2", essays(ESSAYS.replace(old, new)))


def test_essays_that_are_not_there_are_named_with_where_to_get_them(tmp_path):
    with pytest.raises(DataUnavailable, match=r"training_set_rel3.tsv is not in the dataset root.*kaggle"):
        opened("asap_essays_3", str(tmp_path))
