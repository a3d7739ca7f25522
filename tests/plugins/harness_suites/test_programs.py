"""The program is found in whatever a model wrote around it, and strict and lenient stay apart."""

from __future__ import annotations

import csv
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_sandbox import judge
from harness_suites.grades import called, humaneval, humaneval_plus, mbpp, mbpp_plus
from harness_suites.grading import programs

#: Recorded programs are sampled; with HARNESS_TEST_ALL=1 every one is run, which takes half an hour.
ALL = bool(os.environ.get("HARNESS_TEST_ALL"))
ADD = "def add(a, b):\n    return a + b\n"
ROW = {
    "prompt": 'from typing import List\n\n\ndef add(a: int, b: int) -> int:\n    """Return the sum."""\n',
    "entry_point": "add",
    "test": "def check(candidate):\n    assert candidate(2, 3) == 5\n",
}
TABLE = {"test_list": ["assert add(2, 3) == 5", "assert add(0, 0) == 0"], "test_setup_code": ""}

# name: (answer, strict, lenient)
ANSWERS = {
    "a fence": (f"```python\n{ADD}```", 1, 1),
    "a fence without a label": (f"```\n{ADD}```", 1, 1),
    "tildes": (f"~~~python\n{ADD}~~~", 1, 1),
    "prose around a fence": (f"Sure!\n\n```python\n{ADD}```\n\nThis adds the numbers.", 1, 1),
    "an indented fence": (
        f"1. So:\n\n   ```python\n{''.join(f'   {line}' for line in ADD.splitlines(keepends=True))}   ```",
        1,
        1,
    ),
    "bare code": (ADD, 1, 1),
    "prose before bare code": (f"Here is the function:\n\n{ADD}", 0, 1),
    "prose after bare code": (f"{ADD}\nThis adds the numbers.", 0, 1),
    "a fence cut short": (f"```python\n{ADD}", 1, 1),
    "an example first": (f"```\nadd(2, 3)\n```\n\n```python\n{ADD}```", 0, 1),
    "a first version, then the right one": (
        "```python\ndef add(a, b):\n    return a - b\n```\nWait.\n" + f"```python\n{ADD}```",
        0,
        1,
    ),
    "a helper in a block of its own": (
        "```python\ndef plus(a, b):\n    return a + b\n```\nand\n```python\ndef add(a, b):\n    return plus(a, b)\n```",
        0,
        1,
    ),
    "a shell block first": (f"```bash\npip install nothing\n```\n```python\n{ADD}```", 0, 1),
    "a missing import": ("```python\ndef add(a, b):\n    return math.floor(a + b)\n```", 0, 1),
    "demonstration code": (f"```python\n{ADD}\nif __name__ == '__main__':\n    print(add(int(input()), 1))\n```", 1, 1),
    "Windows line ends": (f"```python\n{ADD}```".replace("\n", "\r\n"), 1, 1),
    "a wrong function": ("```python\ndef add(a, b):\n    return a * b\n```", 0, 0),
    "an early exit": (f"```python\n{ADD}\nimport sys\nsys.exit(0)\n```", 0, 0),
    "an exit in the function": ("```python\ndef add(a, b):\n    import os\n    os._exit(0)\n```", 0, 0),
    "another name": ("```python\ndef plus(a, b):\n    return a + b\n```", 0, 0),
    "prose": ("I cannot do that.", 0, 0),
    "nothing": ("", 0, 0),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_to_humaneval(name: str):
    answer, strict, lenient = ANSWERS[name]
    assert humaneval(ROW, [answer]) == {"pass_at_1": strict, "pass_at_1_lenient": lenient}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_to_mbpp(name: str):
    answer, strict, lenient = ANSWERS[name]
    assert mbpp(TABLE, [answer]) == {"pass_at_1": strict, "pass_at_1_lenient": lenient}


@pytest.mark.parametrize(
    ("answer", "strict", "lenient"),
    [
        ("    return a + b\n", 1, 1),
        ("```python\n    return a + b\n```", 1, 1),
        ("```python\nreturn a + b\n```", 0, 1),
        ("    total: List[int] = [a, b]\n    return sum(total)\n", 1, 1),
    ],
)
def test_the_body_alone_goes_on_where_the_prompt_stops(answer: str, strict: int, lenient: int):
    assert humaneval(ROW, [answer]) == {"pass_at_1": strict, "pass_at_1_lenient": lenient}


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("assert add(2, 3) == 5", "add"),
        ("assert set(f((1,))) == set()", "f"),
        ("assert math.isclose(g(1), 2)", "g"),
        ("x == 1", ""),
    ],
)
def test_the_function_that_assertions_are_about(test: str, name: str):
    assert called([test]) == name


@given(st.text(alphabet=st.sampled_from("`~ \n\tdef f():x=1'\"#(")))
def test_reading_never_fails(answer: str):
    programs.written(answer)
    programs.found(answer, "f")


def test_a_long_answer_is_read_in_reasonable_time():
    programs.found("def f():\n    return (\n" + "x = 1 +\nprose here\n" * 5_000, "f")


def test_fences_alone_stand_between_recorded_answers_and_their_judge(recorded, expected):
    """What the judge accepted once fences were stripped is found; what it accepted as it stood is left as it stood."""
    csv.field_size_limit(10**7)
    figures = expected("llmdrift_leetcode")
    with (recorded("llmdrift_leetcode") / "LEETCODE_EASY_EVAL.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    accepted: dict[str, int] = {}
    for row in answers:
        program = programs.found(row["answer"], "Solution")
        if row["Directly Usable"] in {"1", "1.0"}:
            assert program.strip() == programs.written(row["answer"]).strip() == row["answer"].strip()
        if "Accepted" in row["Clean_Code_Submit"]:
            model = row["model"].rpartition("/")[2]
            accepted[model] = accepted.get(model, 0) + (
                programs.parses(program) and programs.defines(program, "Solution")
            )
            assert program.strip() == programs.written(row["answer"]).strip()
    assert accepted == figures["Clean_Code_Submit accepted (fences stripped, of 50)"]


def graded(grade, docs, answers) -> list[dict[str, float]]:
    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(lambda pair: grade(pair[0], [pair[1]]), zip(docs, answers, strict=True)))


def test_every_canonical_solution_of_humaneval_passes(rows):
    docs = rows("hub/openai/openai_humaneval/openai_humaneval/test.jsonl")
    answers = [f"Here it is:\n\n```python\n{doc['prompt']}{doc['canonical_solution']}```" for doc in docs]
    assert sum(grade["pass_at_1"] for grade in graded(humaneval, docs, answers)) == len(docs) == 164


def test_reference_solutions_of_mbpp_pass(rows):
    docs = rows("hub/google-research-datasets/mbpp/full/test.jsonl")[:: 1 if ALL else 16]
    answers = [f"Here it is:\n\n```python\n{doc['code']}\n```" for doc in docs]
    assert sum(grade["pass_at_1"] for grade in graded(mbpp, docs, answers)) == len(docs) == (500 if ALL else 32)


def test_recorded_completions_get_their_recorded_verdicts(recorded, rows, expected):
    docs = rows("hub/openai/openai_humaneval/openai_humaneval/test.jsonl")
    files = sorted(path.name for path in (recorded("humaneval_prompt_styles") / "samples").iterdir())
    chosen = range(0, 164, 1 if ALL else 8)
    for file in files if ALL else ["Bard_custom.jsonl", "Claude_custom.jsonl", files[0]]:
        answers = {row["task_id"]: row["completion"] for row in rows(f"humaneval_prompt_styles/samples/{file}")}
        found = graded(humaneval, [docs[i] for i in chosen], [answers[docs[i]["task_id"]] for i in chosen])
        bits = expected("humaneval_prompt_styles")[file]["pass_bits"]
        assert "".join(str(int(grade["pass_at_1"])) for grade in found) == "".join(bits[i] for i in chosen), file
        assert all(grade["pass_at_1_lenient"] >= grade["pass_at_1"] for grade in found)


def test_every_sample_of_codegen_gets_its_recorded_verdict(rows, expected):
    """Per problem, so that the sample stands for pass@1 21.22 and pass@10 46.95 of the whole."""
    problems = {row["prompt"]: row for row in rows("codet_codegen16b/HumanEval_for_code_generation.jsonl")}
    drawn = rows("codet_codegen16b/humaneval_codegen16b_first10.jsonl")
    wanted = expected("codet_codegen16b")["per_problem_passed_of_10"]
    chosen = range(0, len(drawn), 1 if ALL else 12)
    work = [(problems[drawn[i]["prompt"]], sample) for i in chosen for sample in drawn[i]["samples"]]

    def passes(pair) -> bool:
        row, sample = pair
        tests = f"{row['test']}\ncheck({row['entry_point']})\n"
        return judge(row["prompt"] + sample, tests, tested=(row["entry_point"],)).passed

    with ThreadPoolExecutor(4) as threads:
        verdicts = list(threads.map(passes, work))
    found = [sum(verdicts[10 * place : 10 * place + 10]) for place in range(len(chosen))]
    assert found == [wanted[i] for i in chosen]
    if ALL:
        assert round(100 * sum(found) / 1640, 2) == 21.22
        assert round(100 * sum(map(bool, found)) / 164, 2) == 46.95


@pytest.mark.parametrize("release", ["Mini", "NoExtreme"])
def test_canonical_solutions_of_humaneval_plus_pass(release: str, rows):
    step = 1 if ALL else {"Mini": 10, "NoExtreme": 40}[release]
    docs = rows(f"humaneval_plus/HumanEvalPlus-{release}.jsonl.gz")
    docs = [doc for place, doc in enumerate(docs) if place % step == 0 or doc["entry_point"] == "find_zero"]
    answers = [f"```python\n{doc['prompt']}{doc['canonical_solution']}```" for doc in docs]
    assert [grade["pass_at_1"] for grade in graded(humaneval_plus, docs, answers)] == [1.0] * len(docs)


def test_the_further_inputs_of_humaneval_plus_find_what_the_first_ones_miss():
    row = {
        **ROW,
        "canonical_solution": "    return a + b\n",
        "base_input": [[2, 3]],
        "plus_input": [[0.1, 0.2], [-1, 1]],
    }
    near = "def add(a, b):\n    return a + b + (1e-9 if isinstance(a, float) else 0)\n"
    some = "def add(a, b):\n    return abs(a) + b\n"
    assert humaneval(ROW, [some])["pass_at_1"] == 1.0
    assert [humaneval_plus({**row, "atol": 0}, [answer])["pass_at_1"] for answer in (ADD, near, some)] == [
        1.0,
        1.0,
        0.0,
    ]


def test_a_row_of_mbpp_plus_is_judged_by_its_own_test():
    pytest.importorskip("numpy")
    test = "import numpy as np\nfor x in [[1, 2], [0.1, 0.2]]:\n    assert np.allclose(add(*x), sum(x))\n"
    row = {**TABLE, "code": ADD, "test": test, "test_imports": ["import math"]}
    assert mbpp_plus(row, [ADD]) == {"pass_at_1": 1.0, "pass_at_1_lenient": 1.0}
    assert mbpp_plus(row, [ADD.replace("+", "-")])["pass_at_1"] == 0.0


@pytest.mark.skipif(not ALL, reason="1,191 programs: with HARNESS_TEST_ALL=1")
def test_recorded_solutions_of_mbpp_pass_as_often_as_recorded(rows, expected):
    for name, figures in expected("reflexion_mbpp").items():
        answers = rows(f"reflexion_mbpp/{name}.jsonl")
        with ThreadPoolExecutor(4) as threads:
            verdicts = list(threads.map(lambda row: judge(row["solution"], row["test"]).passed, answers))
        assert sum(verdicts) == figures["executed_pass"]


def test_json_of_a_grade():
    assert json.dumps(mbpp(TABLE, [ADD])) == '{"pass_at_1": 1.0, "pass_at_1_lenient": 1.0}'
