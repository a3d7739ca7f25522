"""Recorded answers of real models, where the developers' data folder is there."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import Answered, Doc, Message, Prompt, Response, Score
from harness_constraints.catalogue import catalogue
from harness_constraints.reading import reading_of

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    packed = path.with_name(path.name + ".gz")
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else path.read_text()
    return (json.loads(line) for line in text.split("\n") if line.strip())


def answered(name: str, question: str, gold: str, text: str, *, solved: bool | None = None) -> Answered:
    return Answered(
        doc=Doc(id=name, task=name.split("/", maxsplit=1)[0], index=0, fields={"question": question}, golds=(gold,)),
        prompt=Prompt(messages=(Message(role="user", content=f"Question: {question}\nAnswer:"),)),
        response=Response(text=text),
        score=Score(solved=solved),
    )


def faithful_cot() -> Iterator[Answered]:
    folder = DATA / "faithful_cot_gsm8k"
    golds = list(rows(folder / "gold_test.jsonl"))
    for model in ("text003", "gpt-3.5-turbo", "code002"):
        for style in ("COT", "standard", "LtM", "noNL"):
            for gold, row in zip(golds, rows(folder / f"{model}__{style}.jsonl"), strict=True):
                right = gold["answer"].rsplit("#### ", 1)[-1].replace(",", "")
                numbers = re.findall(r"-?\d[\d,]*\.?\d*", row["completion"])
                solved = bool(numbers) and numbers[-1].rstrip(".").replace(",", "") == right
                name = f"faithful_cot/{model}/{style}/{gold['id']}"
                yield answered(name, gold["question"], right, row["completion"], solved=solved)


def openai_solutions() -> Iterator[Answered]:
    for number, row in enumerate(rows(DATA / "gsm8k_openai_solutions" / "example_model_solutions.jsonl")):
        gold = row["ground_truth"].rsplit("A: ", 1)[-1]
        for model in ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"):
            name = f"openai_solutions/{model}/{number}"
            yield answered(name, row["question"], gold, row[model]["solution"], solved=row[model]["is_correct"])


def concise_cot() -> Iterator[Answered]:
    for path in sorted((DATA / "concise_cot_gpt35" / "logs").iterdir()):
        log = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
        for number, problem in enumerate(re.split(r"^### Model: .*###$", log, flags=re.MULTILINE)[1:]):
            question, *answers = re.split(r"^Response \d+:\n", problem, flags=re.MULTILINE)
            for run, text in enumerate(answers):
                yield answered(f"concise_cot/{path.stem}/{number}/{run}", question, "", text.strip())


def reflexion() -> Iterator[Answered]:
    for file in ("cot_no_context_base", "cot_context_reflexion"):
        for number, row in enumerate(rows(DATA / "reflexion_hotpotqa_cot" / f"{file}.jsonl")):
            question, _, text = row["transcript"].rpartition("\nThought:")
            text = text.split("\nObservation:")[0].strip()
            name = f"reflexion/{file}/{number}"
            yield answered(name, question, row["correct_answer"], text, solved=row["verdict"] == "correct")


def prompt_styles() -> Iterator[Answered]:
    for path in sorted((DATA / "humaneval_prompt_styles" / "samples").iterdir()):
        for row in rows(path.with_suffix("") if path.suffix == ".gz" else path):
            yield answered(f"prompt_styles/{path.name}/{row['task_id']}", row["task_id"], "", row["completion"])


def ten_runs() -> Iterator[Answered]:
    for model in ("gpt-4", "gpt-3.5-turbo", "codellama-34b-instruct"):
        for row in rows(DATA / "humaneval_ten_runs" / f"{model}.jsonl"):
            name = f"ten_runs/{model}/{row['task_id']}/{row['run']}"
            yield answered(name, row["task_id"], "", row["program"], solved=row["passed"])


def strategyqa() -> Iterator[Answered]:
    folder = DATA / "faithful_cot_strategyqa"
    golds = {gold["id"]: gold for gold in rows(folder / "gold_test.jsonl")}
    for model in ("text003", "gpt-3.5-turbo"):
        for style in ("COT", "LtM", "standard"):
            for row in rows(folder / f"{model}__{style}.jsonl"):
                gold, text = golds[row["id"]], row["completion"]
                said = re.findall(r"\b(yes|no|true|false)\b", text.lower())
                solved = bool(said) and (said[-1] in {"yes", "true"}) is (str(gold["answer"]) == "True")
                name = f"strategyqa/{model}/{style}/{row['id']}"
                yield answered(name, gold["question"], "", text, solved=solved)


def aqua_multiarith() -> Iterator[Answered]:
    folder = DATA / "faithful_cot_aqua_multiarith"
    for task in ("AQUA", "MultiArith"):
        golds = {gold["id"]: gold for gold in rows(folder / f"{task}__gold_test.jsonl")}
        for model in ("text003", "gpt-3.5-turbo"):
            for style in ("COT", "LtM", "standard"):
                for row in rows(folder / f"{task}__{model}__{style}.jsonl"):
                    gold = golds[row["id"]]
                    right = gold["answer"].removeprefix("#### ")
                    said = re.findall(r"-?\d[\d,]*\.?\d*|\b[A-E]\b", row["completion"])
                    solved = bool(said) and said[-1].rstrip(".").replace(",", "") == right
                    name = f"{task}/{model}/{style}/{row['id']}"
                    yield answered(name, gold["question"], right, row["completion"], solved=solved)


def mbpp() -> Iterator[Answered]:
    for file in ("gpt4_reflexion_run1", "gpt4_simple_run1", "gpt4_simple_run2"):
        for row in rows(DATA / "reflexion_mbpp" / f"{file}.jsonl"):
            solved = str(row["is_solved"]) == "True"
            yield answered(f"mbpp/{file}/{row['name']}", row["prompt"], "", row["solution"], solved=solved)


def codegen() -> Iterator[Answered]:
    for number, row in enumerate(rows(DATA / "codet_codegen16b" / "humaneval_codegen16b_first10.jsonl")):
        for draw, text in enumerate(row["samples"]):
            yield answered(f"codegen/{number}/{draw}", row["prompt"], "", text)


def programs_of_thought() -> Iterator[Answered]:
    for task in ("gsm8k", "svamp", "multiarith"):
        for number, row in enumerate(rows(DATA / "pot_outputs" / f"{task}_codex_zero_shot_pot.jsonl")):
            solved = str(row["executed"]) == str(row["answer"])
            yield answered(f"pot/{task}/{number}", row["question"], str(row["answer"]), row["generated"], solved=solved)


def ifeval() -> Iterator[Answered]:
    for number, row in enumerate(rows(DATA / "ifeval" / "input_response_data_gpt4_20231107_145030.jsonl")):
        yield answered(f"ifeval/{number}", row["prompt"], "", row["response"])


RECORDED: dict[str, tuple[str, Callable[[], Iterator[Answered]]]] = {
    "faithful_cot_gsm8k": ("math", faithful_cot),
    "gsm8k_openai_solutions": ("math", openai_solutions),
    "concise_cot_gpt35": ("math", concise_cot),
    "reflexion_hotpotqa_cot": ("multihop_qa", reflexion),
    "humaneval_prompt_styles": ("code", prompt_styles),
    "humaneval_ten_runs": ("code", ten_runs),
    "faithful_cot_strategyqa": ("multihop_qa", strategyqa),
    "faithful_cot_aqua_multiarith": ("math", aqua_multiarith),
    "reflexion_mbpp": ("code", mbpp),
    "codet_codegen16b": ("code", codegen),
    "pot_outputs": ("code", programs_of_thought),
    "ifeval": ("multihop_qa", ifeval),
}


@pytest.fixture(params=sorted(RECORDED))
def recorded(request: pytest.FixtureRequest) -> tuple[str, str, Iterator[Answered]]:
    """Name, domain and answers of a recorded set."""
    if not (DATA / request.param).is_dir():
        pytest.skip(f"the recorded answers {request.param} are not beside this checkout (../shared/data)")
    domain, answers = RECORDED[request.param]
    return request.param, domain, answers()


@pytest.fixture
def recorded_sets() -> Callable[[str], Iterator[Answered]]:
    """The answers of a recorded set, by its name."""
    if not DATA.is_dir():
        pytest.skip("the recorded answers are not beside this checkout (../shared/data)")
    return lambda name: RECORDED[name][1]()


@pytest.fixture(scope="module")
def all_ten_runs() -> Callable[[], Iterator[Answered]]:
    """The recorded HumanEval runs."""
    return ten_runs


@pytest.fixture(params=[rule.name for rule in catalogue()])
def rule(request: pytest.FixtureRequest) -> Any:
    """Every rule of the catalogue."""
    return next(rule for rule in catalogue() if rule.name == request.param)


@pytest.fixture(autouse=True)
def _fresh_readings() -> None:
    reading_of.cache_clear()
