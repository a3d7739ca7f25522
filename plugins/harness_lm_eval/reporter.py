"""A finished run as lm-eval's own files, since people already have tools for those: results_*.json, samples_*.jsonl."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from harness import Estimate, Finished, Json, Prompt, Record, Reporter, Request, Response, Score, Trial
from harness_lm_eval.accuracy import ARM, whole_groups
from harness_lm_eval.aggregate import ordered, results_from
from harness_lm_eval.columns import Scores
from harness_lm_eval.outline import group_results
from harness_lm_eval.scoring import answer_of, plain
from harness_lm_eval.task import LmEvalTask

#: The arm of each evaluation that asks the task unchanged.
ARMS = {"accuracy": ARM, "sustainscore": "base"}

#: The folder in the run's.
FOLDER = "lm_eval"
#: Characters of hashes that are read at once.
BLOCK = 1 << 20


def write(end: Finished) -> Iterable[Path]:
    """Write a run's files; nothing where its evaluation has no arm that asks the tasks unchanged."""
    tasks = {name: task for name, task in end.tasks.items() if isinstance(task, LmEvalTask)}
    arm = ARMS.get(end.evaluation.name)
    if arm is None or not tasks:
        return
    folder = end.folder / FOLDER
    folder.mkdir(exist_ok=True)
    stamp = str(end.manifest["started"]).replace(":", "-")
    with ExitStack() as stack:
        samples = {name: Samples(task=task, folder=folder, stamp=stamp, stack=stack) for name, task in tasks.items()}
        for record in end.records:
            if record.task in samples:
                samples[record.task].add(record, arm)
        for collected in samples.values():
            yield from collected.joined()
        text = json.dumps(results(end, tasks, samples), indent=2, ensure_ascii=False)
    path = folder / f"results_{stamp}.json"
    path.write_text(text, encoding="utf-8", errors="replace")
    yield path


@dataclass(slots=True, kw_only=True)
class Samples:
    """The samples of one task, written as the records pass by: one file a filter, joined at the end like lm-eval's."""

    task: LmEvalTask
    folder: Path
    stamp: str
    #: Closes the parts, which have no name of their own.
    stack: ExitStack
    scores: Scores = field(default_factory=Scores)
    #: The hashes of the samples of one filter, one after the other.
    hashes: IO[str] = field(init=False)
    parts: dict[str, IO[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the list of hashes."""
        self.hashes = self.part()

    def part(self) -> IO[str]:
        """Return a file without a name, closed by the stack."""
        file = tempfile.TemporaryFile("w+", dir=self.folder, encoding="utf-8", errors="replace")  # noqa: SIM115
        return self.stack.enter_context(file)

    @property
    def path(self) -> Path:
        """The file of this task."""
        return self.folder / f"samples_{self.task.called.replace('/', '_')}_{self.stamp}.jsonl"

    def add(self, record: Record, arm: str) -> None:
        """Write the samples of one document, one for each filter; what was not scored is none."""
        trial = next((trial for trial in record.arm(arm) if trial.draw == 0), None)
        if trial is None or not trial.score.values:
            return
        self.scores.append(trial.score)
        common, samples = samples_of(self.task, record, trial)
        begun = told(common).removesuffix("}")
        for sample in samples:
            name = sample["filter"]
            if name not in self.parts:
                self.parts[name] = self.part()
            if name == next(iter(self.parts)):
                self.hashes.write(sample["doc_hash"] + sample["prompt_hash"] + sample["target_hash"])
            self.parts[name].write(f"{begun}, {told(sample).removeprefix('{')}\n")

    def joined(self) -> Iterator[Path]:
        """Join the parts, filter after filter, and yield the file; none where nothing was scored."""
        if not self.parts:
            return
        with self.path.open("w", encoding="utf-8") as whole:
            for part in self.parts.values():
                part.seek(0)
                whole.writelines(part)
        yield self.path

    def hash(self) -> str:
        """Return lm-eval's hash of the task: over all samples in the order of the file."""
        state = hashlib.sha256()
        for _ in self.parts:
            self.hashes.seek(0)
            while block := self.hashes.read(BLOCK):
                state.update(block.encode())
        return state.hexdigest()


def samples_of(task: LmEvalTask, record: Record, trial: Trial) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """Return what lm-eval logs of one document: what its samples begin with, and the rest of each, one a filter."""
    from lm_eval.utils import sanitize_list

    fields = task.rows[record.index]
    requests = asked_of(task, record, trial)
    answers = grouped(trial.responses, requests, task.repeats)
    target = task.engine.doc_to_target(fields)
    row = dict(fields)
    common = {
        "doc_id": record.index,
        "doc": row,
        "target": str(target),
        "arguments": {f"gen_args_{i}": arguments(task, request) for i, request in enumerate(requests)},
        "resps": sanitize_list(answers),
    }
    hashes = {
        "doc_hash": hashed(told(row, indent=2)),
        "prompt_hash": hashed(shown(requests[0])),
        "target_hash": hashed(str(target)),
    }
    return common, (sample | hashes | values for sample, values in graded(task, trial.score))


def graded(task: LmEvalTask, score: Score) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield what each filter left of the answers, and the grades of that."""
    from lm_eval.utils import sanitize_list

    keys = ordered(task.engine, score.values)
    for pipeline in dict.fromkeys(key.rpartition(",")[2] for key in keys):
        suffix = f",{pipeline}"
        values = {key.removesuffix(suffix): score.values[key] for key in keys if key.endswith(suffix)}
        left = {"filtered_resps": sanitize_list(score.filtered[pipeline]), "filter": pipeline, "metrics": list(values)}
        yield left, values


def asked_of(task: LmEvalTask, record: Record, trial: Trial) -> Sequence[Request]:
    """Return what was asked about a document, each once; a single prompt is read off the record, not rendered again."""
    if task.kinds == {"generate"} and len(trial.responses) == task.repeats:
        prompt = Prompt(messages=record.prompt, chat=record.chat, prefix=record.prefix)
        return (Request(kind="generate", prompt=prompt),)
    return task.requests_of(record.index, task.rows[record.index])[:: task.repeats]


def grouped(responses: Sequence[Response], requests: Sequence[Request], repeats: int) -> list[list[Any]]:
    """Return the answers of each request, as lm-eval's models give them."""
    answers = []
    for number, request in enumerate(requests):
        own = responses[number * repeats : (number + 1) * repeats]
        answers.append([plain(answer_of(response, request.kind)) for response in own])
    return answers


def arguments(task: LmEvalTask, request: Request) -> dict[str, Json]:
    """Return the arguments of a request by lm-eval's names for them."""
    if request.kind == "rolling":
        return {"arg_0": shown(request)}
    second = request.continuation
    if request.kind == "generate":
        second = plain(getattr(task.engine.config, "generation_kwargs", None) or {})
    return {"arg_0": shown(request), "arg_1": second}


def shown(request: Request) -> str:
    """Return a prompt as text: as it is, or the messages as JSON, since only the backend knows the template."""
    prompt = request.prompt
    if not prompt.chat:
        return prompt.text
    turns = [{"role": message.role, "content": message.content} for message in prompt.messages]
    if prompt.prefix:
        turns.append({"role": "assistant", "content": prompt.prefix})
    return json.dumps(turns, ensure_ascii=False)


def results(end: Finished, tasks: Mapping[str, LmEvalTask], samples: Mapping[str, Samples]) -> dict[str, Json]:
    """Return the content of lm-eval's results file; what we do not know (tokenizer, machine) is left out."""
    figures = {task.called: results_from(task, estimates_of(end, task, samples[name])) for name, task in tasks.items()}
    groups = whole_groups(end.tasks)
    totals = {name: kept for group in groups for name, kept in group_results(group, figures).items()}
    children = {group.name: [child.name for child in group.children] for group in groups}
    every = {task.called: task for task in tasks.values()}
    return {
        "results": {**figures, **plain(totals)},
        **({"groups": plain({name: kept for name, kept in totals.items() if "sample_len" in kept})} if totals else {}),
        "group_subtasks": children,
        "configs": {name: task.facts["config"] for name, task in every.items()},
        "versions": {name: plain(task.engine.VERSION) for name, task in every.items()},
        "n-shot": {name: task.facts["num_fewshot"] for name, task in every.items()},
        "higher_is_better": {name: plain(dict(task.engine.higher_is_better())) for name, task in every.items()},
        "n-samples": {
            task.called: {"original": len(task), "effective": len(samples[name].scores)} for name, task in tasks.items()
        },
        "config": configuration(end),
        "git_hash": None,
        "date": end.manifest.get("started"),
        "pretty_env_info": end.manifest.get("environment"),
        "lm_eval_version": next((task.facts["lm_eval"] for task in every.values()), None),
        "task_hashes": {samples[name].task.called: samples[name].hash() for name in tasks},
        **asking(end),
    }


def estimates_of(end: Finished, task: LmEvalTask, samples: Samples) -> Sequence[Estimate]:
    """Return a task's figures: those of the report where it has them, else worked out of its samples."""
    if end.evaluation.name == "accuracy":
        return [estimate for estimate in end.estimates if estimate.labels == {"task": task.name}]
    return task.aggregate(samples.scores)


def configuration(end: Finished) -> dict[str, Json]:
    """Return how the run was made, in lm-eval's words; options of the model are in the manifest, without secrets."""
    plan: Mapping[str, Json] = end.manifest["plan"]
    return {
        "model": plan["model"],
        "model_args": None,
        "batch_size": end.plan.batch_size,
        "batch_sizes": [],
        "device": None,
        "use_cache": None,
        "limit": end.plan.limit,
        "bootstrap_iters": 100_000,
        "gen_kwargs": None,
        "random_seed": 0,
        "numpy_seed": 1234,
        "torch_seed": 1234,
        "fewshot_seed": end.plan.settings.fewshot_seed,
    }


def asking(end: Finished) -> dict[str, Json]:
    """Return who was asked, and how, in lm-eval's words."""
    settings = end.plan.settings
    source, _, rest = str(end.manifest["plan"]["model"]).partition(":")
    told_system = settings.system_instruction
    return {
        "model_source": source,
        "model_name": rest or source,
        "model_name_sanitized": "".join(c if c.isalnum() or c in "._-" else "_" for c in rest or source),
        "system_instruction": told_system,
        "system_instruction_sha": hashed(told_system) if told_system else None,
        "fewshot_as_multiturn": settings.fewshot_as_multiturn,
        "chat_template": None,
        "chat_template_sha": None,
        "total_evaluation_time_seconds": None,
    }


def hashed(text: str) -> str:
    """Return lm-eval's hash of a text, of any text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def told(value: Any, indent: int | None = None) -> str:
    """Return a value as lm-eval writes it."""
    from lm_eval.utils import handle_non_serializable

    return json.dumps(value, indent=indent, default=handle_non_serializable, ensure_ascii=False)


REPORTER = Reporter(name="lm_eval", summary="Results and samples as lm-eval's own files, under lm_eval/.", write=write)
