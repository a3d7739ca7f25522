"""What every suite and every task promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice

import msgspec

from harness.contracts import Task, TaskSuite
from harness.data import Doc, Request, Response, Score, plain
from harness.figures import Estimate
from harness.opening import open_tasks
from harness.plan import Plan, TaskSettings
from harness.registry import load_registry

#: Documents of a task that are tried.
TRIED = 8


def check_task_suite(suite: TaskSuite) -> None:
    """Check what a suite declares, without opening a task.

    Raises:
        AssertionError: it lists a task twice, its folder is not there, or it offers nothing.
    """
    names = [spec.name for spec in suite.tasks]
    assert len(names) == len(set(names)), f"suite {suite.name}: a task is listed twice"
    assert names or suite.source, f"suite {suite.name}: no tasks and no source of tasks"
    assert suite.folder is None or suite.folder.is_dir(), f"suite {suite.name}: no folder {suite.folder}"


def check_tasks(
    suite: TaskSuite, *, right: Callable[[Doc], str] | None = None, settings: TaskSettings | None = None
) -> Mapping[str, Task]:
    """Open every task of a suite as a run does, and check it; return the tasks.

    Args:
        suite: which lists its tasks.
        right: what a model would have to answer to be graded right; None: no answer is tried.
        settings: where the rows come from, say.

    Raises:
        AssertionError: a promise is broken. TaskError: a task cannot be built; DataUnavailable: its rows cannot be had.
    """
    check_task_suite(suite)
    installed = load_registry()
    registry = replace(installed, suites={**installed.suites, suite.name: suite})
    tasks = open_tasks(Plan(tasks=(suite.name,), settings=settings or TaskSettings()), registry)
    for task in tasks.values():
        check_task(task, right=right)
    return tasks


def check_task(task: Task, *, right: Callable[[Doc], str] | None = None) -> None:
    """Check what an opened task promises, on its first documents.

    Raises:
        AssertionError: documents that are not numbered, a question that is none, a grade that is not total or changes.
    """
    docs = list(islice(task.docs(), TRIED))
    assert len(docs) == min(TRIED, len(task)) > 0, f"task {task.name}: {len(task)} documents said, {len(docs)} found"
    assert docs == list(islice(task.docs(), TRIED)), f"task {task.name}: other documents the second time"
    scores = [_scored(task, number, doc, right) for number, doc in enumerate(docs)]
    for found in (task.aggregate(scores), task.aggregate(())):
        assert all(isinstance(one, Estimate) for one in found), f"task {task.name}: aggregate returned no estimates"
    msgspec.json.encode(dict(task.facts), enc_hook=plain)  # what a manifest holds


def _scored(task: Task, number: int, doc: Doc, right: Callable[[Doc], str] | None) -> Score:
    """Check one document; return the score of a right answer, of an empty one where none is known."""
    where = f"task {task.name}, document {doc.id}"
    assert (doc.id, doc.task, doc.index) == (f"{task.name}/{number}", task.name, number), (
        f"{where}: id, task and index should be {task.name}/{number}, {task.name} and {number}"
    )
    msgspec.json.encode(doc, enc_hook=plain)
    requests = task.requests(doc)
    assert requests, f"{where}: nothing is asked"
    kinds = {request.kind for request in requests}
    assert kinds <= task.kinds, f"{where}: asks {sorted(kinds)}, and says {sorted(task.kinds)}"
    assert all(request.prompt.asked.content.strip() for request in requests), f"{where}: an empty question"
    empty = _score(task, doc, tuple(_nothing(request) for request in requests))
    assert empty.solved is not True or "generate" not in kinds, f"{where}: an empty answer is right"
    if right is None or kinds != {"generate"}:
        return empty
    good = _score(task, doc, tuple(Response(text=right(doc)) for _ in requests))
    assert good.solved is True, f"{where}: {right(doc)!r} is not graded right: {good.note or dict(good.values)}"
    return good


def _nothing(request: Request) -> Response:
    """Return an answer that says nothing."""
    return Response() if request.kind == "generate" else Response(logprob=-1.0, greedy=False)


def _score(task: Task, doc: Doc, responses: tuple[Response, ...]) -> Score:
    """Return a score that can be recorded, and is the same again."""
    first, again = task.score(doc, responses), task.score(doc, responses)
    assert isinstance(first, Score), f"task {task.name}: score returned {type(first).__name__}"
    assert msgspec.json.encode(first, enc_hook=plain) == msgspec.json.encode(again, enc_hook=plain), (
        f"task {task.name}, document {doc.id}: the score changes"
    )
    return first
