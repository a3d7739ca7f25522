"""Every task file loads in lm-eval as it is, asks what it should, and tells right answers from wrong ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness_lm_eval.data import rows_from
from harness_lm_eval.paths import last_at
from harness_suites import tasks_folder
from harness_suites.specs import MULTIHOP_QA

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "hub"

# task: (rows, a right answer to document 0, one that only the lenient grade takes, a wrong one)
TASKS = {
    "svamp": (1000, "76 - 25 = 51. The answer is $51.00.", "76 - 25 = 51 dollars", "The answer is 101."),
    "math500": (
        500,
        r"It is $\boxed{(3, \frac{\pi}{2})}$.",
        r"The final answer is $(3, \frac{\pi}{2})$. I hope it is correct.",
        r"$\boxed{(3, \pi)}$",
    ),
    "hotpotqa": (500, "Answer: Kansas Song", "So the answer is Kansas Song", "Answer: I'm a Jayhawk"),
    "musique": (200, "Answer: Stanley", "So the answer is Stanley, North Dakota", "Answer: Port Blair"),
    "2wikimultihopqa": (164, "Answer: Free Guy", "It is Free Guy", "Answer: Forbidden Ground"),
    "strategyqa": (
        229,
        "Neither has.\nAnswer: No.",
        "Neither has. The answer is no.",
        "There is no doubt.\nAnswer: yes",
    ),
    "humaneval_chat": (
        164,
        (
            "```python\ndef has_close_elements(numbers: List[float], threshold: float) -> bool:\n"
            "    ordered = sorted(numbers)\n    return any(b - a < threshold for a, b in zip(ordered, ordered[1:]))\n```"
        ),
        (
            "Sorted, neighbours are closest:\n\ndef has_close_elements(numbers, threshold):\n"
            "    return any(b - a < threshold for a, b in itertools.pairwise(sorted(numbers)))\n\nThat is all."
        ),
        "```python\ndef has_close_elements(numbers, threshold):\n    return True\n```",
    ),
    "mbpp_chat": (
        500,
        "```python\ndef remove_Occ(s, c):\n    s = s.replace(c, '', 1)[::-1]\n    return s.replace(c, '', 1)[::-1]\n```",
        "Here:\ndef remove_Occ(s, c):\n    s = re.sub(c, '', s, count=1)[::-1]\n    return re.sub(c, '', s, count=1)[::-1]",
        "```python\ndef remove_Occ(s, c):\n    return s.replace(c, '', 1)\n```",
    ),
}
PRIMARY = {"humaneval_chat": "pass_at_1", "mbpp_chat": "pass_at_1"}


@pytest.fixture(scope="module")
def tasks():
    """Return the tasks as lm-eval builds them."""
    if not DATA.is_dir():
        pytest.skip("the benchmark rows (shared/data/hub) are not here")
    from lm_eval.tasks import TaskManager

    folders = [str(tasks_folder() / name) for name in ("math", "multihop_qa", "code")]
    manager = TaskManager(include_defaults=False, include_path=folders)
    assert set(manager.all_tasks) == set(TASKS)
    with rows_from(str(DATA)):
        return manager.load(list(TASKS))["tasks"]


@pytest.mark.parametrize("name", TASKS)
def test_it_has_its_rows(name: str, tasks):
    assert len(tasks[name].eval_docs) == TASKS[name][0]


@pytest.mark.parametrize("name", TASKS)
def test_strict_lenient_and_wrong(name: str, tasks):
    task, (_, right, loose, wrong) = tasks[name], TASKS[name]
    doc, metric = task.eval_docs[0], PRIMARY.get(name, "exact_match")
    grades = [task.process_results(doc, [answer]) for answer in (right, loose, wrong)]
    assert [grade[metric] for grade in grades] == [1.0, 0.0, 0.0]
    assert [grade[f"{metric}_lenient"] for grade in grades] == [1.0, 1.0, 0.0]
    assert set(grades[0]) == set(task.aggregation()) == set(task.higher_is_better())


@pytest.mark.parametrize("name", TASKS)
def test_the_worked_example_of_a_row_is_a_right_answer(name: str, tasks):
    task = tasks[name]
    for index in (0, 7, 42):
        doc = task.eval_docs[index]
        shown = task.doc_to_target(doc, task.fewshot_cfg.doc_to_target)
        assert task.process_results(doc, [shown])[PRIMARY.get(name, "exact_match")] == 1.0


@pytest.mark.parametrize("name", TASKS)
def test_the_prompt_ends_with_the_question_the_form_and_a_cue(name: str, tasks):
    task = tasks[name]
    prompt = task.doc_to_text(task.eval_docs[3])
    assert prompt.endswith(("\n\nSolution:", "\n\nResponse:"))
    assert "{{" not in prompt
    assert any(
        form in prompt for form in ("The answer is 12.", "\\boxed{}", '"Answer: ..."', '"Answer: no"', "code block")
    )
    until = task.config.generation_kwargs["until"]
    assert "\n\n" not in until  # a chain of thought has paragraphs


def test_every_paragraph_is_shown_once(tasks):
    for name, number in {"hotpotqa": 10, "2wikimultihopqa": 10, "musique": 20}.items():
        task = tasks[name]
        prompt = task.doc_to_text(task.eval_docs[0])
        assert f"\n[{number}] " in prompt
        assert f"\n[{number + 1}] " not in prompt


def test_the_whole_evaluation_runs_in_lm_eval(tasks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DISABLE_MULTIPROC", "1")
    import lm_eval
    from lm_eval.api.model import LM

    answers = {task.doc_to_text(task.eval_docs[0]): TASKS[name][1] for name, task in tasks.items()}

    class Knowing(LM):
        def generate_until(self, requests, disable_tqdm=False):
            return [answers[request.args[0]] for request in requests]

        def loglikelihood(self, requests, disable_tqdm=False):
            raise NotImplementedError  # these tasks only generate

        def loglikelihood_rolling(self, requests, disable_tqdm=False):
            raise NotImplementedError  # these tasks only generate

    found = lm_eval.evaluate(lm=Knowing(), task_dict=dict(tasks), limit=1, bootstrap_iters=0)["results"]
    for name in TASKS:
        metric = PRIMARY.get(name, "exact_match")
        assert found[name][f"{metric},none"] == found[name][f"{metric}_lenient,none"] == 1.0


@pytest.mark.parametrize(
    ("name", "fewest", "most", "largest"),
    [
        ("hotpotqa", 490, 500, 3),
        ("musique", 120, 170, 8),
        ("2wikimultihopqa", 150, 164, 4),
        ("strategyqa", 215, 220, 3),
    ],
)
def test_questions_that_end_with_the_same_fact_are_one_cluster(name: str, fewest, most, largest, tasks):
    path = next(spec.cluster for spec in MULTIHOP_QA if spec.name == name)
    sizes = Counter(found for row in tasks[name].eval_docs if (found := last_at(row, path)))
    assert fewest <= len(sizes) <= most
    assert 1 < max(sizes.values()) <= largest
