"""From a name's file to an opened task: settings checked, rows loaded, lm-eval's object built as by its evaluator."""

from __future__ import annotations

import copy
import functools
import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import Kind, TaskError, TaskSettings, TaskSpec, blame
from harness_lm_eval.blocks import in_blocks
from harness_lm_eval.checks import check, check_safe
from harness_lm_eval.code_eval import serve
from harness_lm_eval.data import Sources, dataset_root, rows_from
from harness_lm_eval.engine import OPENING, prepare, seeded
from harness_lm_eval.facts import facts_of
from harness_lm_eval.index import default_root, read_settings
from harness_lm_eval.outline import INDEXING, Branch, Leaf
from harness_lm_eval.shots import Remembered, Replay, Shots
from harness_lm_eval.task import KINDS, LmEvalTask, choice_of
from harness_lm_eval.trust import check_trusted
from harness_sandbox import Choice, sandbox_for


def opened(
    leaf: Leaf, settings: TaskSettings, spec: TaskSpec | None, domain: str, groups: tuple[Branch, ...] = ()
) -> LmEvalTask:
    """Return a task, ready to ask.

    Raises:
        TaskError: it cannot be built, and why; DataUnavailable: its rows cannot be had.
    """
    whose = f"task {leaf.name}" + (f" ({shown(leaf.file)})" if leaf.file is not None else "")
    with OPENING, seeded(), rows_from(dataset_root(settings.dataset_root)) as sources, blame(whose, TaskError):
        prepare()
        if leaf.file is not None:
            check_trusted(leaf.file, settings)
        outline = whole_settings(leaf, functions=False)
        if spec is None:
            check_safe(outline, leaf.name)
        if outline.get("unsafe_code") or (outline.get("metadata") or {}).get("sandbox"):
            chosen = choice_of(settings) or Choice.of_environment()
            say(sandbox_for(chosen).layer.name)  # before the first request, so a missing one costs none
        if outline.get("unsafe_code"):
            serve()
        config = whole_settings(leaf)
        check(config, whose)
        engine = built(config, examples(config.get("num_fewshot"), settings))
        return assembled(leaf, engine, settings, spec or TaskSpec(name=leaf.name), domain, sources, groups)


@functools.cache
def say(sandbox: str) -> None:
    """Tell the user once by what generated programs are confined."""
    print(f"sandbox: {sandbox}; `harness doctor` tells what it keeps programs from", file=sys.stderr)  # noqa: T201


def shown(file: Path) -> str:
    """Return a file as it is told: below lm-eval's folder if it is there, so that no place on this machine is kept."""
    try:
        return f"lm_eval/tasks/{file.relative_to(default_root()).as_posix()}"
    except ValueError:
        return f"{file.parent.name}/{file.name}"


def whole_settings(leaf: Leaf, *, functions: bool = True) -> dict[str, Any]:
    """Return the settings of a task with what its group changes; its functions imported unless told otherwise."""
    own = read_settings(leaf.file, functions=functions) if leaf.file is not None else {}
    config = {key: value for key, value in {**copy.deepcopy(own), **leaf.overrides}.items() if key not in INDEXING}
    given = config.get("metadata") or {}
    metadata = dict(given) if isinstance(given, Mapping) else {"_metadata": given}
    metadata["config_source"] = shown(leaf.file) if leaf.file is not None else "inline"
    return {**config, "metadata": metadata, "task": leaf.called}


def examples(own: int | None, settings: TaskSettings) -> int:
    """Return the number of few-shot examples: the run's, else the task's; a task's own 0 is never overruled."""
    if own == 0:
        return 0
    return settings.num_fewshot if settings.num_fewshot is not None else own or 0


def built(config: dict[str, Any], shots: int) -> Any:
    """Return lm-eval's object of a task; without examples their split is not read, and need not be there."""
    from lm_eval.api.task import ConfigurableTask

    class Unaided(ConfigurableTask):  # type: ignore[misc]  # lm-eval has no types here
        """A task that is asked without examples."""

        def fewshot_docs(self) -> None:
            """Return no examples."""

    kind = config.get("class")
    if kind is not None:
        takes = "config" in inspect.signature(kind.__init__).parameters
        engine = kind(config=config) if takes else kind()
        if hasattr(engine.config, "task"):
            engine.config.task = config["task"]
    else:
        listed = config.get("metric_list")
        light = {**config, "metric_list": unfetched(listed, str(config.get("output_type")))} if listed else config
        engine = (ConfigurableTask if shots else Unaided)(config=light)
        if listed:
            engine.config.metric_list = listed
    engine.set_config(key="num_fewshot", value=shots)
    return engine


def unfetched(metrics: Sequence[Mapping[str, Any]], output: str) -> list[dict[str, Any]]:
    """Return the metrics of a task without the wish to fetch code for those whose code is never called.

    lm-eval computes the metrics of choices from their names alone, but fetches hundreds of tasks' `f1` nevertheless.
    """
    called = output in {"generate_until", "None"}
    return [{k: v for k, v in metric.items() if called or k != "hf_evaluate"} for metric in metrics]


def assembled(  # the parts of a task meet here
    leaf: Leaf,
    engine: Any,
    settings: TaskSettings,
    spec: TaskSpec,
    domain: str,
    sources: Sources,
    groups: tuple[Branch, ...],
) -> LmEvalTask:
    """Return our task around lm-eval's object."""
    engine.set_fewshot_seed(seed=settings.fewshot_seed)
    rows = engine.task_docs if hasattr(engine, "task_docs") else engine.eval_docs
    if not hasattr(rows, "__getitem__"):
        rows = list(rows)
    rows = in_blocks(rows)
    if len(rows) == 0:
        raise TaskError(f"task {leaf.name} has no documents in its evaluated split")
    metadata = engine.config.metadata if isinstance(getattr(engine.config, "metadata", None), Mapping) else {}
    return LmEvalTask(
        name=leaf.name,
        called=leaf.called,
        version=str(engine.VERSION),
        domain=domain,
        spec=replace(spec, labels=spec.labels or labels_of(metadata, leaf.name)),
        settings=settings,
        engine=engine,
        rows=rows,
        shots=shots_of(engine, rows),
        kinds=kinds_of(engine),
        blocking=bool(getattr(engine, "UNSAFE_CODE", False) or metadata.get("blocking") or metadata.get("sandbox")),
        facts=facts_of(engine, leaf.file, len(rows), sources),
        groups=groups,
    )


def labels_of(metadata: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the ordered labels of a rating that a task file declares: `metadata: {labels: ["1", "2", "3"]}`.

    Raises:
        TaskError: they are no list.
    """
    labels = metadata.get("labels") or []
    if not isinstance(labels, list):
        raise TaskError(f"task {name}: metadata.labels is {labels!r}; give the labels as a list, the lowest first")
    return tuple(str(label) for label in labels)


def kinds_of(engine: Any) -> frozenset[Kind]:
    """Return what a task's requests ask for; a task in Python may mix kinds, so all it could ask."""
    from lm_eval.api.task import ConfigurableTask

    output = str(engine.OUTPUT_TYPE)
    if output in KINDS and type(engine).construct_requests is ConfigurableTask.construct_requests:
        return frozenset({KINDS[output]})
    row = engine.eval_docs[0]
    made = engine.construct_requests(doc=row, ctx="", metadata=(None, 0, 1))
    return frozenset(KINDS[item.request_type] for item in (made if isinstance(made, list) else [made]))


def shots_of(engine: Any, rows: Sequence[Mapping[str, Any]]) -> Shots | None:
    """Put the replay of its examples, and memories of its renderings, into lm-eval's object."""
    pool: Sequence[Mapping[str, Any]] = ()
    shots = None
    number = int(engine.config.num_fewshot or 0)
    sampler = getattr(engine, "sampler", None)
    if number and sampler is not None:
        pool = list(sampler.fewshot_docs())
        same = engine.fewshot_cfg.split == engine.config.test_split
        engine.sampler = Replay(sampler)
        shots = Shots(replay=engine.sampler, number=number, row=rows.__getitem__ if same else None)
    for method in ("doc_to_text", "doc_to_target", "doc_to_choice"):
        if hasattr(engine, method):
            setattr(engine, method, Remembered(getattr(engine, method), pool))
    return shots
