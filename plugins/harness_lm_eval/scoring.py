"""Responses to one document as a score: lm-eval's filters and its `process_results`, then ours to read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness import Json, Kind, Response, Score, TaskSpec

#: What JSON holds as it is.
EXACT = frozenset({str, bool, int, type(None)})


def answers_of(responses: Sequence[Response], repeats: int, kind: Kind | None) -> list[list[Any]]:
    """Return the responses as lm-eval's models give them: one list of `repeats` answers a request.

    Args:
        responses: In the order of the requests, the repeats of one next to each other.
        repeats: How often each was asked.
        kind: What all of them were asked for; None where that differs and the response must tell.
    """
    values = [answer_of(response, kind) for response in responses]
    return [values[start : start + repeats] for start in range(0, len(values), repeats)]


def answer_of(response: Response, kind: Kind | None) -> Any:
    """Return a response as lm-eval's models give it."""
    if kind == "generate" or (kind is None and response.logprob is None):
        return response.text
    if kind == "rolling" or (kind is None and response.greedy is None):
        return response.logprob
    return response.logprob, bool(response.greedy)


def filtered(pipeline: Any, answers: Sequence[Sequence[Any]], row: Mapping[str, Any]) -> list[Any]:
    """Return what one of lm-eval's filter pipelines leaves of the answers to one document."""
    left: Any = list(answers)
    rows = [row] * len(answers)
    for step in pipeline.filters:
        left = step().apply(left, rows)
    return list(left)


def scored(
    engine: Any, row: Mapping[str, Any], answers: Sequence[Sequence[Any]]
) -> tuple[dict[str, Json], dict[str, Json], dict[str, str]]:
    """Return the values by "metric,filter", what each filter left, and what a grade says of itself (its `note`)."""
    values: dict[str, Json] = {}
    notes: dict[str, str] = {}
    left: dict[str, Json] = {}
    for pipeline in engine._filters:  # noqa: SLF001  # lm-eval has no other way
        kept = filtered(pipeline, answers, row)
        left[pipeline.name] = plain(kept)
        for metric, value in engine.process_results(row, kept).items():
            values[f"{metric},{pipeline.name}"] = plain(value)
            notes[f"{metric},{pipeline.name}"] = str(getattr(value, "note", ""))
    return values, left, notes


def plain(value: Any) -> Json:
    """Return a value as JSON: numbers of numpy as Python's, tuples as lists, and what is no number (nan) as None."""
    kind = type(value)
    if kind in EXACT:
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def judged(
    values: Mapping[str, Json],
    left: Mapping[str, Json],
    spec: TaskSpec,
    better: Mapping[str, Any],
    notes: Mapping[str, str],
) -> Score:
    """Return the score, with the verdicts that the suite's grades give; without a suite, the first grade decides.

    Args:
        values: By "metric,filter".
        left: What each filter left.
        spec: Which grade decides, and from what value on.
        better: For each metric whether more is better, as lm-eval says.
        notes: What each grade says of itself.
    """
    pipelines = list(left)
    primary = spec.solved or first_grade(values, pipelines, better)
    lenient = spec.lenient or second_grade(primary, values, pipelines)
    solved, note = verdict(values, primary, spec.threshold)
    return Score(
        values=values,
        filtered=left,
        solved=solved,
        lenient=verdict(values, lenient, spec.threshold)[0] if lenient else None,
        note=note or ("" if solved else notes.get(primary, "")),
    )


def first_grade(values: Mapping[str, Json], pipelines: Iterable[str], better: Mapping[str, Any]) -> str:
    """Return the first grade of the first pipeline that is a number and better when higher; empty if none is."""
    first = next(iter(pipelines), "")
    for key, value in values.items():
        metric, _, pipeline = key.rpartition(",")
        if pipeline == first and isinstance(value, bool | int | float) and better.get(metric) is not False:
            return key
    return ""


def second_grade(primary: str, values: Mapping[str, Json], pipelines: Sequence[str]) -> str:
    """Return the same metric in the last of several pipelines; empty if there is only one."""
    metric, _, pipeline = primary.rpartition(",")
    last = f"{metric},{pipelines[-1]}" if pipelines else ""
    return last if metric and pipelines[-1] != pipeline and last in values else ""


def verdict(values: Mapping[str, Json], key: str, threshold: float) -> tuple[bool | None, str]:
    """Return whether a grade reaches the threshold, or None and why that cannot be said."""
    if not key:
        return None, "no grade of a single document"
    if key not in values:
        return None, f"no grade {key!r}, only {', '.join(values) or 'none'}"
    value = values[key]
    if not isinstance(value, bool | int | float):
        return None, f"grade {key!r} is not a number"
    return value >= threshold, ""


def golds_of(engine: Any, row: Mapping[str, Any], spec: TaskSpec) -> tuple[str, ...]:
    """Return the right answers to a document as texts, those of the suite's alias field last.

    A target that ends like GSM8K's (`#### 42`) also gives what stands after the mark.
    """
    target = target_of(engine, row)
    texts = [text for item in (target if isinstance(target, list) else [target]) for text in named(item)]
    aliases = row.get(spec.aliases) if spec.aliases else None
    texts += [str(alias) for alias in (aliases if isinstance(aliases, list) else [aliases]) if alias is not None]
    return tuple(dict.fromkeys(texts))


def target_of(engine: Any, row: Mapping[str, Any]) -> Any:
    """Return the target of a document: text or texts, choices by their words."""
    if engine.OUTPUT_TYPE == "loglikelihood_rolling":
        return []
    target = engine.doc_to_target(row)
    if engine.OUTPUT_TYPE != "multiple_choice" and getattr(engine.config, "doc_to_choice", None) is None:
        return target
    if getattr(engine, "multiple_input", 0):
        target = engine.doc_to_text(row)
    if getattr(engine.config, "doc_to_choice", None) is None:
        return target
    choices = engine.doc_to_choice(row)
    indices = target if isinstance(target, list) else [target]
    return [choices[i] if isinstance(i, int) and 0 <= i < len(choices) else i for i in indices]


def named(target: Any) -> list[str]:
    r"""Return a target as texts.

    >>> named("1 + 1 = 2\n#### 2"), named(None)
    (['1 + 1 = 2\n#### 2', '2'], [])
    """
    if target is None:
        return []
    text = str(target)
    _, mark, last = text.rpartition("####")
    return [text, last.strip()] if mark else [text]
