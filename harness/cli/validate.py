"""`harness validate`: really validates a task: it is built, its data read, a document rendered, an answer scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.exits import FAILED
from harness.errors import HarnessError, TaskError, blame

if TYPE_CHECKING:
    from harness.contracts import Task
    from harness.data import Doc, Request, Response
    from harness.registry import Registry


def validate(
    names: Annotated[
        list[str], typer.Argument(help="Tasks, suites, groups, or YAML files of tasks or constraint types.")
    ],
    dataset_root: Annotated[str | None, typer.Option(help="Folder laid out like hub repositories.")] = None,
    trust_tasks: Annotated[
        list[str] | None, typer.Option(help="Folder or file of task files that may bring code; repeated.")
    ] = None,
    include_path: Annotated[
        list[str] | None, typer.Option(help="Folder of further lm-eval task files; repeated.")
    ] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
) -> None:
    """Validate tasks (schema, data, templates, filters, metrics, scorer) and files of constraint types."""
    from harness.cli.flags import Flags, plan_of
    from harness.opening import named_tasks, with_suite_folders
    from harness.registry import load_registry

    registry = load_registry(files=plugin or ()).checked()
    declared, names = constraint_files(names, registry)
    faulty = sum(not is_valid(path, registry) for path in declared)
    if faulty or not names:
        raise typer.Exit(FAILED if faulty else 0)
    plan = plan_of(
        Flags(
            tasks=tuple(names),
            dataset_root=dataset_root,
            include_path=tuple(include_path or ()) or None,
            trust_tasks=tuple(trust_tasks or ()) or None,
        )
    )
    settings = with_suite_folders(plan.settings, registry)
    wrong = 0
    for entry in named_tasks(plan, registry):
        print(entry.name)
        for what, check in checks(partial(entry.source.open, entry.name, settings, entry.spec, entry.domain)):
            try:
                with blame(what, TaskError):
                    print(f"  ok    {what}: {check()}")
            except HarnessError as error:
                print(f"  WRONG {error}")
                wrong += 1
                break
    if wrong:
        raise typer.Exit(FAILED)


def constraint_files(names: list[str], registry: Registry) -> tuple[list[Path], list[str]]:
    """Return the files of constraint types among names, and the other names."""
    from harness.opening import FILES, format_of

    declared = [name for name in names if name.endswith(FILES) and format_of(Path(name), registry) is not None]
    return [Path(name) for name in declared], [name for name in names if name not in declared]


def is_valid(path: Path, registry: Registry) -> bool:
    """Say what a file of constraint types declares, or what is wrong with it; return whether it can be used."""
    from harness.opening import format_of

    print(path)
    try:
        format_ = format_of(path, registry)
        types = format_.read(path) if format_ else ()
    except HarnessError as error:
        print(f"  WRONG {error}")
        return False
    for kind in types:
        print(f"  ok    {kind.family} {kind.name}: {kind.details.get('example', kind.summary)}")
    return True


def checks(opened: Callable[[], Task]) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield what is checked of a task, in order; each check returns what it saw or raises."""
    seen: dict[str, object] = {}

    def built() -> str:
        seen["task"] = opened()
        task = task_of(seen)
        return f"version {task.version}, asks for {', '.join(sorted(task.kinds))}"

    def read() -> str:
        task = task_of(seen)
        seen["doc"] = next(iter(task.docs()), None)
        if seen["doc"] is None:
            raise TaskError("its split holds no documents")
        return f"{len(task):,} documents"

    def rendered() -> str:
        requests = task_of(seen).requests(doc_of(seen))
        seen["requests"] = requests
        if not any(request.prompt.text or request.continuation for request in requests):
            raise TaskError("the first document renders to nothing")
        return f"{len(requests)} request(s), {len(requests[0].prompt.text):,} characters"

    def scored() -> str:
        task, doc = task_of(seen), doc_of(seen)
        score = task.score(doc, [stand_in(request, doc) for request in task.requests(doc)])
        if not score.values:
            raise TaskError("the scorer gave no value")
        if task.spec.solved and task.spec.solved not in score.values:
            raise TaskError(f"its grade {task.spec.solved!r} is none of {', '.join(score.values)}")
        return ", ".join(f"{name} = {value}" for name, value in score.values.items())

    yield "schema and functions", built
    yield "data", read
    yield "templates on the first document", rendered
    yield "filters, metrics and scorer on its right answer", scored


def task_of(seen: dict[str, object]) -> Task:
    """Return the task that the first check opened."""
    return seen["task"]  # type: ignore[return-value]


def doc_of(seen: dict[str, object]) -> Doc:
    """Return the document that the second check read."""
    from harness.data import Doc

    doc = seen["doc"]
    assert isinstance(doc, Doc)
    return doc


def stand_in(request: Request, doc: Doc) -> Response:
    """Return an answer as a model might give it: the right one, or a log-likelihood."""
    from harness.data import Response

    if request.kind == "generate":
        return Response(text=doc.golds[0] if doc.golds else "")
    return Response(logprob=-1.0, greedy=False)
