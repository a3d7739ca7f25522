"""Recorded answers of real models under the prompts of our own task files, where the developers' data folder is there."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from harness import Answered, Doc, Response, Score, TaskSpec
from harness_lm_eval.paths import named_in
from harness_lm_eval.prompts import prompt_of
from harness_suites import specs

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"
SPECS = {spec.name: spec for spec in (*specs.MATH, *specs.GSM8K_PROMPTS, *specs.MULTIHOP_QA, *specs.CODE)}
TEMPLATES = {
    name: jinja2.Template(
        yaml.safe_load(re.sub(r"!function \S+", '""', (ROOT / "tasks" / path).read_text()))["doc_to_text"]
    )
    for name, path in {
        "gsm8k_chat": "gsm8k_prompts/gsm8k_chat.yaml",
        "math500": "math/math500.yaml",
        "svamp": "math/svamp.yaml",
        "strategyqa": "multihop_qa/strategyqa.yaml",
        "hotpotqa": "multihop_qa/hotpotqa.yaml",
        "musique": "multihop_qa/musique.yaml",
        "2wikimultihopqa": "multihop_qa/2wikimultihopqa.yaml",
        "humaneval_chat": "code/humaneval_chat.yaml",
        "mbpp_chat": "code/mbpp_chat.yaml",
    }.items()
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of JSON lines, packed or not."""
    packed = path if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else path.read_text()
    return (json.loads(line) for line in text.split("\n") if line.strip())


@dataclass(frozen=True, kw_only=True)
class Source:
    """A recorded answer, as the evaluation would meet it."""

    answered: Answered
    spec: TaskSpec
    domain: str


def source(
    task: str, domain: str, index: int, row: dict[str, Any], golds: tuple[str, ...], text: str, *, solved: bool = True
) -> Source:
    """Return an answer to a row under the task's own prompt, with what the suite declares of its fields."""
    spec = SPECS[task]
    question = TEMPLATES[task].render(**row)
    doc = Doc(
        id=f"{task}/{index}",
        task=task,
        index=index,
        fields=row,
        golds=golds,
        hops=named_in(row, spec.hops),
        question=named_in(row, spec.question),
        worked=named_in(row, spec.worked),
        program=named_in(row, spec.program),
    )
    answered = Answered(
        doc=doc, prompt=prompt_of(question, question, ""), response=Response(text=text), score=Score(solved=solved)
    )
    return Source(answered=answered, spec=spec, domain=domain)


def gsm8k(stride: int) -> Iterator[Source]:
    folder = DATA / "faithful_cot_gsm8k"
    golds = list(rows(folder / "gold_test.jsonl"))
    for model in ("text003", "gpt-3.5-turbo", "code002"):
        for style in ("COT", "standard", "LtM", "noNL"):
            for number, (gold, row) in enumerate(zip(golds, rows(folder / f"{model}__{style}.jsonl"), strict=True)):
                right = gold["answer"].rsplit("#### ", 1)[-1].replace(",", "")
                said = re.findall(r"-?\d[\d,]*\.?\d*", row["completion"])
                if number % stride == 0 and said and said[-1].rstrip(".").replace(",", "") == right:
                    yield source("gsm8k_chat", "math", number, gold, (right,), row["completion"])


def openai_solutions(stride: int) -> Iterator[Source]:
    worked = {row["question"]: row for row in rows(DATA / "hub/openai/gsm8k/main/test.jsonl")}
    for number, row in enumerate(rows(DATA / "gsm8k_openai_solutions" / "example_model_solutions.jsonl")):
        gold = row["ground_truth"].rsplit("A: ", 1)[-1].strip()
        for model in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            if number % stride == 0 and row[model]["is_correct"]:
                full = worked.get(row["question"], {"question": row["question"], "answer": row["ground_truth"]})
                yield source("gsm8k_chat", "math", number, full, (gold,), row[model]["solution"])


def strategyqa(stride: int) -> Iterator[Source]:
    folder = DATA / "faithful_cot_strategyqa"
    golds = list(rows(folder / "gold_test.jsonl"))
    for model in ("text003", "gpt-3.5-turbo"):
        for style in ("COT", "standard", "LtM"):
            for number, (gold, row) in enumerate(zip(golds, rows(folder / f"{model}__{style}.jsonl"), strict=True)):
                if number % stride == 0 and row["answer"] is gold["answer"]:
                    full = {"question": gold["question"], "answer": gold["answer"], "facts": gold["explanation"]}
                    word = "yes" if gold["answer"] else "no"
                    yield source("strategyqa", "multihop_qa", number, full, (word,), row["completion"].strip())


def hotpotqa(stride: int) -> Iterator[Source]:
    for file in ("cot_no_context_base", "cot_context_reflexion"):
        for number, row in enumerate(rows(DATA / "reflexion_hotpotqa_cot" / f"{file}.jsonl")):
            head, _, text = row["transcript"].rpartition("\nThought:")
            question = head.rpartition("Question:")[2].strip()
            if number % stride == 0 and row["verdict"] == "correct":
                full = {
                    "question": question,
                    "answer": row["correct_answer"],
                    "context": {"title": [], "sentences": []},
                }
                yield source(
                    "hotpotqa",
                    "multihop_qa",
                    number,
                    full,
                    (row["correct_answer"],),
                    text.split("\nObservation:")[0].strip(),
                )


def humaneval(stride: int) -> Iterator[Source]:
    problems = {row["task_id"]: row for row in rows(DATA / "hub/openai/openai_humaneval/openai_humaneval/test.jsonl")}
    for model in ("gpt-4", "gpt-3.5-turbo", "codellama-34b-instruct"):
        for number, row in enumerate(rows(DATA / "humaneval_ten_runs" / f"{model}.jsonl")):
            problem = problems[row["task_id"]]
            if number % stride == 0 and row["passed"]:
                gold = problem["prompt"] + problem["canonical_solution"]
                yield source(
                    "humaneval_chat", "code", int(row["task_id"].split("/")[1]), problem, (gold,), row["program"]
                )


def mbpp(stride: int) -> Iterator[Source]:
    problems = {row["task_id"]: row for row in rows(DATA / "hub/google-research-datasets/mbpp/full/test.jsonl")}
    for number, problem in enumerate(problems.values()):  # a reference is an answer too
        if number % stride == 0:
            yield source("mbpp_chat", "code", number, problem, (problem["code"],), f"```python\n{problem['code']}\n```")


#: Folder of the recording, and its solved answers, one in so many.
RECORDED: dict[str, tuple[str, Callable[[int], Iterator[Source]]]] = {
    "gsm8k": ("faithful_cot_gsm8k", gsm8k),
    "openai_solutions": ("gsm8k_openai_solutions", openai_solutions),
    "strategyqa": ("faithful_cot_strategyqa", strategyqa),
    "hotpotqa": ("reflexion_hotpotqa_cot", hotpotqa),
    "humaneval": ("humaneval_ten_runs", humaneval),
    "mbpp": ("hub", mbpp),
}


@pytest.fixture(params=sorted(RECORDED))
def recorded(request: pytest.FixtureRequest) -> tuple[str, Callable[[int], list[Source]]]:
    """The name of a recording, and its solved answers, one in so many."""
    folder, answers = RECORDED[request.param]
    if not (DATA / folder).is_dir():
        pytest.skip(f"the recorded answers {folder} are not beside this checkout (../shared/data)")
    return request.param, lambda stride: list(answers(stride))


#: Rows of the hub by task: file, domain, field of the right answer.
HUB = {
    "gsm8k_chat": ("openai/gsm8k/main/test.jsonl", "math", "answer"),
    "math500": ("HuggingFaceH4/MATH-500/default/test.jsonl", "math", "answer"),
    "musique": ("dgslibisey/MuSiQue/default/validation.jsonl", "multihop_qa", "answer"),
    "2wikimultihopqa": ("framolfese/2WikiMultihopQA/default/validation.jsonl", "multihop_qa", "answer"),
    "humaneval_chat": ("openai/openai_humaneval/openai_humaneval/test.jsonl", "code", "canonical_solution"),
    "mbpp_chat": ("google-research-datasets/mbpp/full/test.jsonl", "code", "code"),
    "hotpotqa": ("hotpotqa/hotpot_qa/distractor/validation.jsonl", "multihop_qa", "answer"),
}


@pytest.fixture
def hub_sources() -> Callable[[str, int], list[Source]]:
    """The first rows of a benchmark, each answered by its right answer."""
    if not (DATA / "hub").is_dir():
        pytest.skip("the benchmark rows are not beside this checkout (../shared/data/hub)")

    def sources(task: str, number: int) -> list[Source]:
        path, domain, field = HUB[task]
        found = []
        for index, row in enumerate(rows(DATA / "hub" / path)):
            if index == number:
                break
            gold = str(row[field]).rsplit("#### ", 1)[-1]
            text = f"{row.get('prompt', '')}{gold}" if domain == "code" else f"So it is {gold}."
            found.append(source(task, domain, index, row, (gold,), text))
        return found

    return sources
