"""lm-eval's own code tasks run here, unmodified, and their programs are judged in the sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import Response, SandboxError, TaskError, TaskSettings, UnknownName
from harness_lm_eval.checks import check_safe
from harness_lm_eval.code_eval import CodeEval
from harness_lm_eval.source import LmEvalSource

HUB = Path("../shared/data/hub").resolve()
SETTINGS = TaskSettings(dataset_root=str(HUB))
needs_rows = pytest.mark.skipif(not HUB.is_dir(), reason="the recorded benchmark rows are not here")
ADD = "def add(a, b):\n    return a + b\n"


def test_the_figures_of_the_metric():
    shares, results = CodeEval().compute(
        predictions=[[ADD, ADD.replace("+", "-"), "def add(:"], ["x = 1", "", "import os\nos._exit(0)"]],
        references=["assert add(2, 3) == 5", "assert x == 1"],
        k=[1, 2, 3, 4],
    )
    assert shares == pytest.approx({"pass@1": 1 / 3, "pass@2": 2 / 3, "pass@3": 1.0})
    assert [row["passed"] for _, row in results[0]] == [True, False, False]
    assert results[1][2][1]["result"].startswith("failed: ")


@needs_rows
@pytest.mark.parametrize(
    ("name", "answer", "metric"),
    [
        ("humaneval", lambda row: row["canonical_solution"], "pass@1,create_test"),
        ("humaneval_instruct", lambda row: row["canonical_solution"] + "\n```\nThat is it.", "pass@1,create_test"),
        ("mbpp", lambda row: row["code"], "pass_at_1,none"),
        ("mbpp_instruct", lambda row: "\n" + row["code"] + "\n```", "pass_at_1,extract_code"),
    ],
)
def test_a_task_of_lm_eval(name, answer, metric):
    task = LmEvalSource().open(name, SETTINGS, None, "")
    assert task.blocking
    for index in (0, 7, 31):
        doc = task.doc(index)
        right = task.score(doc, [Response(text=answer(doc.fields))])
        assert right.values[metric] == 1.0, right
        assert right.solved
        wrong = task.score(doc, [Response(text="    import os\n    os._exit(0)\n")])
        assert wrong.values[metric] == 0.0


@needs_rows
def test_many_answers_of_one_document():
    task = LmEvalSource().open("humaneval_64", SETTINGS, None, "")
    doc = task.doc(0)
    texts = [doc.fields["canonical_solution"] if number % 8 == 0 else "    return 7\n" for number in range(64)]
    score = task.score(doc, [Response(text=text) for text in texts])
    assert score.values["pass@2,create_test"] == pytest.approx(1 - (56 * 55) / (64 * 63))
    assert score.values["pass@64,create_test"] == 1.0


def test_a_task_with_an_executor_of_its_own_is_refused():
    with pytest.raises(TaskError, match="without confinement"):
        LmEvalSource().open("cruxeval_input", SETTINGS, None, "")
    with pytest.raises(TaskError, match="without confinement"):
        check_safe({"unsafe_code": True}, "some")


@needs_rows
@pytest.mark.parametrize(
    ("sandbox", "error", "message"),
    [("process", SandboxError, "say --allow-weak-sandbox"), ("jail", UnknownName, "no sandbox named 'jail'")],
)
def test_a_sandbox_that_will_not_do_is_told_before_the_first_request(sandbox, error, message):
    settings = replace(SETTINGS, sandbox=sandbox, allow_weak_sandbox=False)
    with pytest.raises(error, match=message):
        LmEvalSource().open("humaneval", settings, None, "")
