"""What is wrong with a task file, said before lm-eval stumbles over it: unknown keys, metrics, filters, unsafe code."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from harness import TaskError, blame
from harness_lm_eval.code_eval import judges_by_code_eval
from harness_lm_eval.data import hub_answers


def check_safe(config: Mapping[str, Any], name: str) -> None:
    """Refuse a task that runs a model's code unconfined; asked before any function of the task is imported.

    A task that judges by the metric `code_eval` is safe: what it gets under that name confines.

    Raises:
        TaskError: it does, and how such a task is run here.
    """
    if config.get("unsafe_code") and not judges_by_code_eval(config):
        raise TaskError(
            f"task {name} runs the code that a model writes (unsafe_code: true), without confinement; "
            f"take a suite that confines it instead (`harness list suites`), as in --tasks code"
        )


def check(config: Mapping[str, Any], whose: str) -> None:
    """Look through the settings of a task.

    Args:
        config: Its settings, functions imported.
        whose: The task with its file, for the message.

    Raises:
        TaskError: what is wrong and what to do.
    """
    shown = [key for key in ("doc_to_image", "doc_to_audio") if config.get(key)]
    if shown:
        raise TaskError(f"{whose}: {shown[0]} asks about what is not text; only text is sent to models here")
    if "class" in config:
        return
    check_keys(config, whose)
    check_metrics(config, whose)
    check_filters(config, whose)


def check_keys(config: Mapping[str, Any], whose: str) -> None:
    """Refuse keys that lm-eval does not know, and files without a dataset."""
    from lm_eval.config.task import TaskConfig

    known = [item.name for item in fields(TaskConfig)]
    for key in config:
        if key not in known:
            raise TaskError(
                f"{whose}: unknown key {key!r}{nearest(str(key), known)}; take it out or put it under metadata"
            )
    if not config.get("dataset_path") and not config.get("custom_dataset"):
        raise TaskError(
            f"{whose}: no dataset_path; give a dataset of the hub, or `json` with dataset_kwargs.data_files"
        )


def check_metrics(config: Mapping[str, Any], whose: str) -> None:
    """Refuse metrics and aggregations that lm-eval would look for on the hub, in silence, or not find at all."""
    from lm_eval.api.registry import aggregation_registry, metric_agg_registry, metric_registry

    for item in config.get("metric_list") or ():
        metric = item.get("metric") if isinstance(item, Mapping) else None
        if metric is None:
            raise TaskError(f"{whose}: an entry of metric_list names no metric: {item!r}")
        told = item.get("aggregation")
        if isinstance(told, str) and told not in aggregation_registry:
            raise TaskError(f"{whose}: unknown aggregation {told!r}{nearest(told, aggregation_registry.keys())}")
        if not isinstance(metric, str):
            continue
        if told is None and metric not in metric_agg_registry:
            raise TaskError(f"{whose}: metric {metric!r} has no aggregation of its own; add `aggregation: mean`")
        if config.get("process_results") is None:
            fetch = bool(item.get("hf_evaluate")) and config.get("output_type", "generate_until") == "generate_until"
            if fetch or metric not in metric_registry:
                check_fetched(metric, whose, metric_registry.keys(), asked=fetch)


def check_fetched(metric: str, whose: str, known: Iterable[str], *, asked: bool) -> None:
    """Refuse a metric of the hub's `evaluate` library that is not at hand; the hub is asked only if told so."""
    if fetched_before(metric):
        return
    if not asked:
        raise TaskError(
            f"{whose}: metric {metric!r} is not one of lm-eval's{nearest(metric, known)}; "
            f"if the hub's `evaluate` library has it, say `hf_evaluate: true`"
        )
    if not hub_answers():
        raise TaskError(
            f"{whose}: metric {metric!r} is to come from the hub (hf_evaluate: true), which does not answer"
        )
    import evaluate

    with blame(f"{whose}: metric {metric!r} is to come from the hub (hf_evaluate: true), which says", TaskError):
        evaluate.load(metric)


def fetched_before(metric: str) -> bool:
    """Whether a metric of the `evaluate` library lies here, as a path or from an earlier run."""
    home = os.environ.get("HF_HOME") or "~/.cache/huggingface"
    modules = Path(os.environ.get("HF_MODULES_CACHE") or Path(home) / "modules").expanduser()
    return Path(metric).exists() or (modules / "evaluate_modules" / "metrics" / f"evaluate-metric--{metric}").is_dir()


def check_filters(config: Mapping[str, Any], whose: str) -> None:
    """Refuse filters that are not registered, by the name of the pipeline that wants them."""
    from lm_eval.api.registry import filter_registry

    for pipeline in config.get("filter_list") or ():
        for step in pipeline.get("filter") or ():
            function = step.get("function")
            if isinstance(function, str) and function not in filter_registry:
                near = nearest(function, filter_registry.keys())
                raise TaskError(f"{whose}: filter {pipeline.get('name')!r} wants unknown function {function!r}{near}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known names near to one.

    >>> nearest("exact_matsch", ["acc", "exact_match"])
    '; did you mean exact_match?'
    """
    near: Collection[str] = difflib.get_close_matches(name, list(known), n=2)
    return f"; did you mean {' or '.join(near)}?" if near else ""
