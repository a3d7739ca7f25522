"""What every evaluation and every metric promises, on whole runs in the small world."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import msgspec

from harness.contracts import Evaluation, Finished, Metric, Task
from harness.data import Record, Request, Response, plain
from harness.errors import RequestFailed
from harness.figures import Estimate
from harness.options import options_from
from harness.testing.runs import SUMS, right, small_run
from harness.testing.scripted import ScriptedModel

Script = Callable[[Request], str | Response]


def check_evaluation(
    evaluation: Evaluation,
    *offers: Any,
    script: Script = right,
    task: Task = SUMS,
    option: Mapping[str, Any] | None = None,
) -> tuple[Record, ...]:
    """Let documents go through an evaluation, and check what becomes of them; return the records.

    Args:
        evaluation: what the plugin offers.
        offers: what it needs besides: constraint types, say.
        script: how the model answers; see `ScriptedModel`.
        task: whose documents.
        option: its options, in place of the defaults.

    Raises:
        AssertionError: a document lost, a record that changes, something asked again that was answered, a bad answer
            or a failed request that stops the run, more requests than it says.
    """
    name = f"evaluation {evaluation.name}"
    assert evaluation.version, f"{name}: no version"
    with tempfile.TemporaryDirectory(prefix="harness-check-") as place:

        def ran(folder: str, model: ScriptedModel) -> Finished:
            return small_run(
                Path(place) / folder, evaluation, *offers, model=model, task=task,
                evaluation=evaluation.name, option=dict(option or {}),
            )  # fmt: skip

        model = ScriptedModel(script=script)
        records = tuple(ran("runs", model).records)
        asked = len(model.seen)
        _check_records(name, task, records)
        _check_number(evaluation, asked, len(records), option or {})
        assert tuple(ran("runs", model).records) == records, f"{name}: other records of the same answers"
        assert len(model.seen) == asked, f"{name}: asks {len(model.seen) - asked} times again what was answered"
        scripts: Mapping[str, Script] = {"empty": _silent, "failed": _failed, "long": _endless}
        for folder, bad in scripts.items():
            _check_records(f"{name}, {folder} answers", task, tuple(ran(folder, ScriptedModel(script=bad)).records))
    return records


def _check_records(name: str, task: Task, records: tuple[Record, ...]) -> None:
    """Check that every document has its record, which is read back as it was written."""
    found = [(record.doc, record.task, record.index) for record in records]
    assert found == [(doc.id, doc.task, doc.index) for doc in task.docs()], f"{name}: not one record a document"
    for record in records:
        written = msgspec.json.encode(record, enc_hook=plain)
        assert msgspec.json.decode(written, type=Record) == record, f"{name}: {record.doc} does not survive JSON"
        assert record.trials or record.why, f"{name}: {record.doc} has no trial and does not say why"


def _check_number(evaluation: Evaluation, asked: int, docs: int, option: Mapping[str, Any]) -> None:
    """Check that no more was asked than the evaluation says."""
    if evaluation.requests is not None:
        most = sum(evaluation.requests(options_from(evaluation.options, option, evaluation.name)).values()) * docs
        assert asked <= most, f"evaluation {evaluation.name}: {asked} requests, and it says at most {most}"


def _silent(_request: Request) -> str:
    """Answer nothing."""
    return ""


def _failed(_request: Request) -> str:
    """Fail.

    Raises:
        RequestFailed: always.
    """
    raise RequestFailed("the server answered 400")


def _endless(_request: Request) -> Response:
    """Be cut off in the middle of an answer."""
    return Response(text="and again " * 200, finish="length")


def check_metric(
    metric: Metric[Any], records: Iterable[Record], tasks: Mapping[str, Task] | None = None
) -> tuple[Estimate, ...]:
    """Let a metric go through records and check its estimates; return them.

    Args:
        metric: what the plugin offers.
        records: of the evaluation that it names, such as `small_run(...).records`.
        tasks: by name; None: the sums.

    Raises:
        AssertionError: it has no name, version or evaluation; an interval without its value; numbers made of nothing.
    """
    name = f"metric {metric.name}"
    assert metric.name and metric.version and metric.evaluation, f"{name}: name, version or evaluation is empty"  # noqa: PT018
    known: Mapping[str, Task] = tasks or {SUMS.name: SUMS}
    rows_of = [row for row in (metric.row(record, known[record.task]) for record in records) if row is not None]
    assert rows_of, f"{name}: kept nothing of any record"
    _check_sendable(name, rows_of)
    kept = metric.kept()
    for row in rows_of:
        kept.append(row)
    found = tuple(metric.estimate(kept, known))
    assert found == tuple(metric.estimate(kept, known)), f"{name}: other numbers the second time: seed what is drawn"
    for one in found:
        _check_estimate(name, one)
    for one in metric.estimate(metric.kept(), known):
        assert one.value is None or not one.n, f"{name}: {one.metric} is {one.value} of no records; it is unknown"
    rows = [(one.metric, tuple(sorted(one.labels.items()))) for one in found]
    assert len(rows) == len(set(rows)), f"{name}: two estimates with the same labels cannot be told apart"
    return found


def _check_sendable(name: str, rows: list[Any]) -> None:
    """Check that rows can go from a process to another."""
    try:
        ForkingPickler.dumps(rows)
    except Exception as error:
        raise AssertionError(
            f"{name}: a row cannot be sent to another process, which large runs do: {error}"
        ) from error


def _check_estimate(name: str, one: Estimate) -> None:
    """Check that a number goes with its interval."""
    assert isinstance(one, Estimate), f"{name}: estimate yields {type(one).__name__}"
    msgspec.json.encode(one, enc_hook=plain)
    assert one.n >= 0, f"{name}: {one.metric} of {one.n} documents"
    assert one.value is not None or one.note, f"{name}: {one.metric} is unknown, and its note does not say why"
    low, high = one.low, one.high
    if one.value is not None and low is not None and high is not None:
        assert low <= one.value <= high, f"{name}: {one.metric} {one.value} is outside of [{low}, {high}]"
