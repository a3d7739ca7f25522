"""What the suites declare is there, and cheap to ask for."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import yaml

from harness.testing import check_task_suite
from harness_suites import harness_task_suites, tasks_folder

SUITES = {suite.name: suite for suite in harness_task_suites()}


@pytest.mark.parametrize("name", SUITES)
def test_the_suite_keeps_its_contract(name: str):
    check_task_suite(SUITES[name])


@pytest.mark.parametrize("name", ["math", "multihop_qa", "code", "demo"])
def test_every_task_file_of_a_folder_belongs_to_its_suite(name: str):
    class Loader(yaml.SafeLoader):
        """Leaves functions unresolved."""

    Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    folder = SUITES[name].folder
    assert folder is not None
    read = [yaml.load(file.read_text(), Loader) for file in folder.glob("*.yaml")]
    here = {task["task"] for task in read if "group" not in task}
    assert here == {spec.name for spec in SUITES[name].tasks} - {"gsm8k"}


def test_no_task_stands_in_two_suites():
    names = [spec.name for suite in SUITES.values() for spec in suite.tasks]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("gsm8k", "2 + 2 = 4\n#### 4"),
        ("math500", "So \\boxed{4}."),
        ("svamp", "So the answer is 4."),
        ("hotpotqa", "It is so.\n**Answer:** Kansas"),
        ("musique", "Answer: Kansas"),
        ("humaneval_chat", "```python\ndef f(): ...\n```"),
        ("mbpp_chat", "def f(): ..."),
    ],
)
def test_the_channel_finds_where_the_answer_stands(task: str, answer: str):
    channel = next(spec.channel for suite in SUITES.values() for spec in suite.tasks if spec.name == task)
    assert re.search(channel, answer)
    assert not re.search(channel, "Use at most 50 words, and answer politely.")


def test_declaring_imports_nothing_heavy():
    program = (
        "import sys\nfrom harness_suites import harness_task_suites\nlist(harness_task_suites())\n"
        "print(*sorted({'lm_eval', 'datasets', 'sympy', 'math_verify', 'numpy', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()


def test_the_folder_holds_the_tasks():
    assert {"math", "multihop_qa", "code"} <= {folder.name for folder in tasks_folder().iterdir()}
