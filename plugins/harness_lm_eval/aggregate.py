"""Scores of a task as its own figures: lm-eval's aggregations and standard errors, the same draws without its pool."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harness import Estimate, Json, Score
from harness_lm_eval.bootstrap import DRAWS, standard_error

#: Quantile of the normal distribution for an interval of 95 %.
Z = 1.959964


def columns(engine: Any, scores: Sequence[Score]) -> dict[str, list[Json]]:
    """Return the values of each "metric,filter" over the documents that have one, in lm-eval's order of both."""
    found: dict[str, list[Json]] = {}
    for score in scores:
        for key, value in score.values.items():
            found.setdefault(key, []).append(value)
    return {key: found[key] for key in ordered(engine, found)}


def ordered(engine: Any, keys: Iterable[str]) -> list[str]:
    """Return "metric,filter" keys filter by filter, as a task lists them; a stored record has them by the alphabet."""
    filters = {pipeline.name: place for place, pipeline in enumerate(engine._filters)}  # noqa: SLF001  # no other way
    metrics = {metric: place for place, metric in enumerate(engine.aggregation())}

    def place(key: str) -> tuple[int, int]:
        metric, _, pipeline = key.rpartition(",")
        return filters.get(pipeline, len(filters)), metrics.get(metric, len(metrics))

    return sorted(keys, key=place)


def aggregation_of(engine: Any, metric: str) -> Any:
    """Return the function that makes one figure of a metric's values; the mean where none is told, as in lm-eval."""
    from lm_eval.api.metrics import mean

    return engine.aggregation().get(metric, mean)


def figure(function: Any, values: Sequence[Json]) -> float | None:
    """Return the figure of a column; None where it is not a number."""
    found = function([math.nan if value is None else value for value in values])
    return None if found is None or math.isnan(found) else float(found)


def estimates(engine: Any, scores: Sequence[Score], task: str, draws: int = DRAWS) -> Iterator[Estimate]:
    """Yield the figures of a task, one for each metric and filter; `draws` resamples where a bootstrap is needed."""
    missing = sum(not score.values for score in scores)
    for key, values in columns(engine, scores).items():
        metric = key.rpartition(",")[0]
        function = aggregation_of(engine, metric)
        value = figure(function, values)
        error = standard_error(function, values, metric, draws)
        share = is_share(function, values)
        yield Estimate(
            metric=key,
            value=value,
            low=None if value is None or error is None else bounded(value - Z * error, share=share),
            high=None if value is None or error is None else bounded(value + Z * error, share=share),
            n=len(values),
            unit="share" if share else "value",
            stderr=error,
            method="lm-eval's aggregation; normal interval of its standard error",
            note=f"{missing} unscored left out" if missing else "",
            labels={"task": task},
        )


def bounded(value: float, *, share: bool) -> float:
    """Return a bound, within what a share can be."""
    return min(max(value, 0.0), 1.0) if share else value


def is_share(function: Any, values: Sequence[Json]) -> bool:
    """Whether a figure is a mean of values between 0 and 1."""
    from lm_eval.api.metrics import mean

    return function is mean and all(isinstance(value, int | float) and 0 <= value <= 1 for value in values)


def results_from(task: Any, found: Sequence[Estimate]) -> dict[str, Json]:
    """Return a task's figures as lm-eval's results hold them: standard errors that are none as "N/A"."""
    kept: dict[str, Json] = {
        "name": task.called,
        "alias": getattr(task.engine.config, "task_alias", None) or task.called,
    }
    kept["sample_len"] = max((estimate.n for estimate in found), default=0)
    for estimate in found:
        metric, _, pipeline = estimate.metric.rpartition(",")
        kept[estimate.metric] = estimate.value
        kept[f"{metric}_stderr,{pipeline}"] = "N/A" if estimate.stderr is None else estimate.stderr
    return kept
