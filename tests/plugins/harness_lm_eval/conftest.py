"""A deterministic model for both harnesses, rows to ask about, and one comparison of the two."""

import hashlib
import itertools
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Request, Response, TaskSettings
from harness_lm_eval.data import rows_from
from harness_lm_eval.engine import prepare
from harness_lm_eval.index import default_root
from harness_lm_eval.source import LmEvalSource

#: Resamples for standard errors; lm-eval needs minutes for its own number.
DRAWS = 1000
DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def noise(*key: object) -> float:
    """Return a number between 0 and 1 that depends on the key alone."""
    digest = hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def said(text: str) -> str:
    """Return the answer of the model: often a number, in one of several forms, sometimes nothing."""
    value = int(noise("value", text) * 4)
    forms = (
        f"So it is {value}.\n#### {value}",
        f"The answer is {value}.",
        f"I think ${value} or {value + 1}",
        f" {value}",
        "",
    )
    return forms[int(noise("form", text) * len(forms))]


def weight(context: str, continuation: str) -> tuple[float, bool]:
    """Return a log-likelihood and whether greedy decoding gives the continuation."""
    u = noise("weight", context, continuation)
    return -40 * u, u < 0.3


def whole(text: str) -> float:
    """Return the log-likelihood of a whole text."""
    return -len(text) * (0.5 + noise("whole", text))


def answer(request: Request) -> Response:
    """Answer one of our requests as the model does."""
    text = rendered(request)
    if request.kind == "generate":
        return Response(text=said(f"{text}|{request.draw}"))
    if request.kind == "rolling":
        return Response(logprob=whole(text))
    value, greedy = weight(text, request.continuation)
    return Response(logprob=value, greedy=greedy)


def rendered(request: Request) -> str:
    """Return a prompt as the model sees it: plain, or with a template that is JSON."""
    prompt = request.prompt
    if not prompt.chat:
        return prompt.text
    turns = [{"role": message.role, "content": message.content} for message in prompt.messages]
    if prompt.prefix:
        turns.append({"role": "assistant", "content": prompt.prefix})
    return json.dumps([turns, not prompt.prefix], ensure_ascii=False)


def their_model():
    """Return the same model for lm-eval."""
    prepare()
    from lm_eval.api.model import LM

    class Deterministic(LM):
        tokenizer_name = "json"

        def generate_until(self, requests, disable_tqdm=False):
            seen = {}
            answers = []
            for request in requests:
                draw = seen[id(request)] = seen.get(id(request), -1) + 1
                answers.append(said(f"{request.args[0]}|{draw}"))
            return answers

        def loglikelihood(self, requests, disable_tqdm=False):
            return [weight(*request.args) for request in requests]

        def loglikelihood_rolling(self, requests, disable_tqdm=False):
            return [whole(request.args[0]) for request in requests]

        def apply_chat_template(self, history, add_generation_prompt=True):
            return json.dumps([history, add_generation_prompt], ensure_ascii=False)

        def chat_template(self, chat_template=False):
            return "json"

    return Deterministic()


def theirs(name: str, settings: TaskSettings, limit: int, folders: tuple[str, ...]):
    """Return lm-eval's own results."""
    prepare()
    import lm_eval
    from lm_eval.tasks import TaskManager

    with rows_from(settings.dataset_root):
        return lm_eval.simple_evaluate(
            model=their_model(),
            tasks=[name],
            task_manager=TaskManager(include_defaults=False, include_path=list(folders)),
            num_fewshot=settings.num_fewshot,
            limit=limit,
            apply_chat_template=settings.apply_chat_template,
            system_instruction=settings.system_instruction,
            fewshot_as_multiturn=settings.fewshot_as_multiturn,
            fewshot_random_seed=settings.fewshot_seed,
            bootstrap_iters=DRAWS,
        )


def ours(name: str, settings: TaskSettings, limit: int):
    """Return our task, and for each document its requests, responses and score."""
    task = replace(LmEvalSource().open(name, settings, None, ""), draws=DRAWS)
    rows = []
    for doc in itertools.islice(task.docs(), limit):
        requests = task.requests(doc)
        responses = [answer(request) for request in requests]
        rows.append((doc, requests, responses, task.score(doc, responses)))
    return task, rows


def compare(name: str, settings: TaskSettings, limit: int = 12, builtin: str = ""):
    """Assert that prompts, filtered responses, values and figures are those of lm-eval; return our task and rows."""
    folders = (str(default_root() / builtin),) if builtin else settings.include_path
    expected = theirs(name, settings, limit, folders)
    task, rows = ours(name, settings, limit)
    samples = expected["samples"][name]
    assert len(samples) == len(rows) * len({sample["filter"] for sample in samples})
    for sample in samples:
        doc, requests, _, score = rows[sample["doc_id"]]
        assert doc.index == sample["doc_id"]
        every = requests[:: task.repeats]
        assert [arguments[0] for arguments in sample["arguments"]] == [rendered(request) for request in every]
        for arguments, request in zip(sample["arguments"], every, strict=True):
            if request.kind == "loglikelihood":
                assert arguments[1] == request.continuation
        assert as_json(sample["filtered_resps"]) == as_json(score.filtered[sample["filter"]])
        for metric in sample["metrics"]:
            assert as_json(sample[metric]) == as_json(score.values[f"{metric},{sample['filter']}"])
    figures = {estimate.metric: estimate for estimate in task.aggregate([row[3] for row in rows])}
    for key, value in expected["results"][name].items():
        if "," not in key:
            continue
        metric, _, pipeline = key.partition(",")
        if metric.endswith("_stderr"):
            error = figures[f"{metric.removesuffix('_stderr')},{pipeline}"].stderr
            assert error is None if value == "N/A" else error == pytest.approx(value, rel=1e-9)
        else:
            assert figures[key].value == value or (math.isnan(value) and figures[key].value is None)
    return task, rows


def as_json(value):
    """Return a value as it would stand in a file."""
    import numpy as np

    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


@pytest.fixture(autouse=True)
def one_process(monkeypatch):
    """Keep lm-eval's bootstrap out of a pool of processes."""
    monkeypatch.setenv("DISABLE_MULTIPROC", "1")


@pytest.fixture(scope="session")
def hub() -> str:
    """Return the folder of benchmark rows."""
    if not (DATA / "hub").is_dir():
        pytest.skip("the benchmark rows (shared/data/hub) are not here")
    return str(DATA / "hub")


@pytest.fixture
def settings(hub) -> TaskSettings:
    """Return settings that find the benchmark rows."""
    return TaskSettings(dataset_root=hub)


@pytest.fixture
def write_task(tmp_path):
    """Return a function that writes a task file with its rows, and the settings that find it."""

    def write(
        name: str, yaml: str, rows: list[dict], shots: list[dict] | None = None, **changes: object
    ) -> TaskSettings:
        folder = tmp_path / "tasks"
        folder.mkdir(exist_ok=True)
        files = {}
        for split, lines in {"test": rows, "train": shots or rows[:0]}.items():
            if lines:
                file = tmp_path / f"{name}-{split}.jsonl"
                file.write_text("".join(json.dumps(line) + "\n" for line in lines))
                files[split] = str(file)
        data = json.dumps(files)
        head = f"task: {name}\ndataset_path: json\ndataset_kwargs:\n  data_files: {data}\n"
        (folder / f"{name}.yaml").write_text(head + yaml)
        return replace(TaskSettings(include_path=(str(folder),), trust_tasks=(str(folder),)), **changes)

    return write


@pytest.fixture(name="compare")
def compare_fixture():
    return compare


@pytest.fixture(name="answer")
def answer_fixture():
    return answer


@pytest.fixture(name="theirs")
def theirs_fixture():
    return theirs


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recorded answers."""
    if not DATA.is_dir():
        pytest.skip("the recorded answers (shared/data) are not here")
    return DATA
