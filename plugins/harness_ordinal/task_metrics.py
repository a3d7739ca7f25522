"""Ordinal metrics by name in task files: `metric: qwk` in any lm-eval YAML.

    metric_list:
      - metric: qwk
      - metric: rps
    metadata:
      labels: ["1", "2", "3", "4", "5"]

The scale comes from `labels` (of the metric or of the metadata), lowest first, else from the task's choices; it is
never inferred from the sample. Under the harness the names are known once this plugin is installed. Under lm-eval's
own command line they are once this module is imported: by `python -m harness_ordinal.task_metrics run --tasks ...`,
or by any `!function` file of the task that imports it.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness import TaskError
from harness_ordinal.errors import OrdinalError
from harness_ordinal.metrics.catalogue import METRICS
from harness_ordinal.metrics.core import OrdinalMetric, Predictions, predictions_of

#: Names that tasks of lm-eval use in their own sense.
TAKEN = frozenset({"accuracy"})
#: Share of answers that are none of the labels; they are left out of every other metric.
UNREADABLE = "rating_unreadable"


def registered() -> list[str]:
    """Return the metrics that task files may name."""
    return [UNREADABLE, *(name for name in METRICS if name not in TAKEN)]


@functools.cache
def register() -> None:
    """Register every metric with lm-eval, and let multiple-choice tasks hand their log-likelihoods to them.

    lm-eval scores a multiple-choice task by a fixed list of metrics and passes over all others; what it passes over
    and is ours is added to its result. Its own results stay as they are.
    """
    import lm_eval.api.metrics  # noqa: F401  # a registry fills itself only while it is empty
    from lm_eval.api.registry import register_aggregation, register_metric
    from lm_eval.api.task import ConfigurableTask

    for name in registered():
        register_aggregation(name)(functools.partial(aggregated, name))
        higher = name in METRICS and METRICS[name].better == "higher"
        register_metric(metric=name, higher_is_better=higher, aggregation=name)(generated_item)
    theirs = ConfigurableTask.process_results

    @functools.wraps(theirs)
    def process_results(task: Any, doc: Mapping[str, Any], results: Any) -> dict[str, Any]:
        own = [name for name in task._metric_fn_list if name in ours]  # noqa: SLF001  # lm-eval has no other way
        if not own or task.config.process_results is not None:
            return theirs(task, doc, results)  # type: ignore[no-any-return]
        if task.OUTPUT_TYPE == "generate_until":
            for name in own:
                task._metric_fn_kwargs[name].setdefault("labels", scale_of(task, doc))  # noqa: SLF001  # likewise
            return theirs(task, doc, results)  # type: ignore[no-any-return]
        found: dict[str, Any] = theirs(task, doc, results)
        item = choice_item(task, doc, results)
        return found | {name: [*item, task._metric_fn_kwargs[name].get("decoding", "argmax")] for name in own}  # noqa: SLF001  # likewise

    ours = frozenset(registered())
    ConfigurableTask.process_results = process_results


def scale_of(task: Any, doc: Mapping[str, Any]) -> list[str]:
    """Return the labels of a task, lowest first.

    Raises:
        TaskError: it tells none.
    """
    metadata = task.config.metadata if isinstance(task.config.metadata, Mapping) else {}
    labels = metadata.get("labels") or (task.doc_to_choice(doc) if task.config.doc_to_choice is not None else None)
    if not labels:
        raise TaskError(
            f"task {task.config.task}: an ordinal metric needs the scale: metadata: {{labels: [lowest, ..., highest]}}"
        )
    return [str(label).strip() for label in labels]


def choice_item(task: Any, doc: Mapping[str, Any], results: Sequence[tuple[float, bool]]) -> list[Any]:
    """Return [gold rank, log-likelihood of each label] of a multiple-choice document.

    Raises:
        TaskError: the choices are not the labels, or the right one is none of them.
    """
    choices = [str(choice).strip() for choice in task.doc_to_choice(doc)]
    labels = scale_of(task, doc)
    if sorted(choices) != sorted(labels):
        raise TaskError(f"task {task.config.task}: the choices {choices} are not the labels {labels}")
    gold = task.doc_to_target(doc)
    right = choices[gold] if isinstance(gold, int) and 0 <= gold < len(choices) else str(gold).strip()
    if right not in labels:
        raise TaskError(f"task {task.config.task}: the target {gold!r} is none of the labels {labels}")
    weights = dict(zip(choices, (float(result[0]) for result in results), strict=False))
    return [labels.index(right), [weights[label] for label in labels]]


def generated_item(
    references: Sequence[Any],
    predictions: Sequence[Any],
    labels: Sequence[str] = (),
    decoding: str = "",  # noqa: ARG001  # of multiple-choice tasks; a generated label is one rank
) -> list[Any]:
    """Return [gold rank, predicted rank, K] of a generated answer; the predicted rank None where it is no label.

    Raises:
        TaskError: the reference is none of the labels.

    >>> generated_item(["4"], ["Rating: 5."], labels=["1", "2", "3", "4", "5"])
    [3, 4, 5]
    >>> generated_item(["4"], ["4 or 5"], labels=["1", "2", "3", "4", "5"])
    [3, None, 5]
    """
    named = [str(label).strip() for label in labels]
    right = str(references[0]).strip()
    if right not in named:
        raise TaskError(f"the reference {right!r} is none of the labels {named}")
    return [named.index(right), label_in(str(predictions[0]), named), len(named)]


def label_in(text: str, labels: Sequence[str]) -> int | None:
    """Return the rank of the one label that a text names; None where it names none, or several.

    >>> label_in("very good", ["good", "very good"]), label_in("10", ["1", "10"]), label_in("4.5", ["4", "5"])
    (1, 1, None)
    """
    longest_first = sorted(range(len(labels)), key=lambda rank: -len(labels[rank]))
    pattern = "|".join(re.escape(labels[rank]) for rank in longest_first)
    found = {hit.lower() for hit in re.findall(rf"(?<![\w.])(?:{pattern})(?!\w|[.,]\d)", text, re.IGNORECASE)}
    ranks = [rank for rank, label in enumerate(labels) if label.lower() in found]
    return ranks[0] if len(ranks) == 1 else None


def aggregated(name: str, items: Sequence[Sequence[Any]]) -> float:
    """Return a metric of the items of a task; nan where it is undefined, or reads a distribution and there is none."""
    if name == UNREADABLE:
        return sum(len(item) == 3 and item[1] is None for item in items) / len(items) if items else math.nan  # noqa: PLR2004  # gold, rank, K
    predictions = of_items(items)
    found = None if predictions is None else METRICS[name].value(predictions)
    return math.nan if found is None else found


def of_items(items: Sequence[Sequence[Any]], clusters: Sequence[str] = ()) -> Predictions | None:
    """Return the predictions of the items that could be read; None where none could.

    Raises:
        OrdinalError: the items are not on one scale.
    """
    import numpy as np

    from harness_ordinal.primitives import class_exceedance, class_log_probabilities

    read = [place for place, item in enumerate(items) if item[1] is not None]
    kept = [items[place] for place in read]
    if not kept:
        return None
    truth = [item[0] for item in kept]
    named = [clusters[place] for place in read] if clusters else ()
    sizes = {len(item[1]) if isinstance(item[1], Sequence) else item[2] for item in kept}
    if len(sizes) > 1:
        raise OrdinalError(f"one metric over scales of {sorted(sizes)} ranks: the documents differ in their choices")
    size = sizes.pop()
    if not isinstance(kept[0][1], Sequence):
        return predictions_of(truth, size, ranks=[item[1] for item in kept], clusters=named)
    probabilities = np.exp(class_log_probabilities(np.array([item[1] for item in kept], dtype=float)))
    return predictions_of(truth, size, exceedance=class_exceedance(probabilities), decoding=kept[0][2], clusters=named)


def metric_of(key: str) -> OrdinalMetric | None:
    """Return the metric of a "metric,filter" key; None where it is not ours."""
    name = key.rpartition(",")[0]
    return METRICS[name] if name in METRICS and name not in TAKEN else None


def main() -> None:
    """Register the metrics, then be lm-eval's command line."""
    from lm_eval.__main__ import cli_evaluate

    register()
    cli_evaluate()


if __name__ == "__main__":
    main()
