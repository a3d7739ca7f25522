"""From the names in a plan to opened tasks and chosen constraint types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.contracts import ConstraintFormat, ConstraintType, Evaluation, Task, TaskSource, TaskSpec, TaskSuite
from harness.data import Kind
from harness.errors import HarnessError, TaskError, UnknownName, blame
from harness.plan import Plan, TaskSettings
from harness.registry import Registry

#: The paper's own names of families (arXiv 2601.22047).
FAMILY_ALIASES = {"structure": "format", "method": "process"}
#: What `--constraint-type` takes for a file.
FILES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A task that the plan names, and who opens it."""

    name: str
    spec: TaskSpec | None
    suite: str
    domain: str
    source: TaskSource


def with_suite_folders(settings: TaskSettings, registry: Registry) -> TaskSettings:
    """Return the settings with every suite's folder trusted, and on the search path before the user's, which win."""
    folders = tuple(str(suite.folder) for suite in registry.suites.values() if suite.folder is not None)
    unique = tuple(dict.fromkeys(folders))
    return replace(
        settings,
        include_path=(*unique, *settings.include_path),
        trust_tasks=(*unique, *settings.trust_tasks),
    )


def named_tasks(plan: Plan, registry: Registry) -> list[Named]:
    """Return the tasks that the plan's names stand for, each once, in order.

    A name is a suite; or a task of a suite; or whatever a source of tasks knows it as: a task, group,
    tag, glob or path.

    Raises:
        UnknownName: a name that stands for nothing.
    """
    settings = with_suite_folders(plan.settings, registry)
    found: dict[str, Named] = {}
    for pattern in plan.tasks:
        hits = list(matches(pattern, registry, settings))
        if not hits:
            raise unknown_task(pattern, registry)
        for hit in hits:
            found.setdefault(hit.name, hit)
    return list(found.values())


def matches(pattern: str, registry: Registry, settings: TaskSettings) -> Iterator[Named]:
    """Yield what one name of the plan stands for."""
    if pattern in registry.suites and registry.suites[pattern].tasks:
        suite = registry.suites[pattern]
        yield from (named(spec, suite, registry) for spec in suite.tasks)
        return
    owned = {spec.name: (spec, suite) for suite in registry.suites.values() for spec in suite.tasks}
    if pattern in owned:
        spec, suite = owned[pattern]
        yield named(spec, suite, registry)
        return
    for suite in catch_alls(registry):
        assert suite.source is not None
        with blame(f"task suite {suite.name}, find {pattern!r}", TaskError):
            names = suite.source.find(pattern, settings)
        for name in names:
            if name in owned:
                yield named(*owned[name], registry)
            else:
                yield Named(name=name, spec=None, suite=suite.name, domain=suite.domain, source=suite.source)
        if names:
            return


def named(spec: TaskSpec, suite: TaskSuite, registry: Registry) -> Named:
    """Return a suite's task with the source that opens it."""
    source = suite.source or next((other.source for other in catch_alls(registry)), None)
    if source is None:
        raise TaskError(
            f"task suite {suite.name}: nothing here reads lm-eval task files (is the plugin lm_eval disabled?)"
        )
    return Named(name=spec.name, spec=spec, suite=suite.name, domain=spec.domain or suite.domain, source=source)


def catch_alls(registry: Registry) -> list[TaskSuite]:
    """Return the suites that list no tasks and open whatever they are asked for."""
    return [suite for suite in registry.suites.values() if suite.source is not None and not suite.tasks]


def unknown_task(pattern: str, registry: Registry) -> UnknownName:
    """Return the error for a name that stands for no task."""
    known = {spec.name for suite in registry.suites.values() for spec in suite.tasks} | set(registry.suites)
    failed = [f"plugin {plugin.name} failed: {plugin.failure}" for plugin in registry.plugins if plugin.failure]
    hint = "; ".join(["`harness list tasks` shows all", *failed])
    return UnknownName.among("task, suite, group, tag or file", pattern, known, hint=hint)


def open_tasks(plan: Plan, registry: Registry) -> dict[str, Task]:
    """Open every task of the plan.

    Raises:
        TaskError: one cannot be built or has no rows; DataUnavailable: its rows cannot be had.
    """
    settings = with_suite_folders(plan.settings, registry)
    tasks: dict[str, Task] = {}
    for entry in named_tasks(plan, registry):
        with blame(f"task {entry.name}", TaskError):
            tasks[entry.name] = entry.source.open(entry.name, settings, entry.spec, entry.domain)
    return tasks


def limits(plan: Plan, tasks: Mapping[str, Task]) -> dict[str, int]:
    """Return how many documents of each task are worked on, the first ones.

    The tasks of a domain share its limit evenly; what a short one leaves, the longer ones get.
    """
    found = {name: len(task) if plan.limit is None else min(plan.limit, len(task)) for name, task in tasks.items()}
    if plan.domain_limit is None:
        return found
    domains: dict[str, list[str]] = {}
    for name, task in tasks.items():
        domains.setdefault(task.domain, []).append(name)
    for names in domains.values():
        left = plan.domain_limit
        for place, name in enumerate(sorted(names, key=lambda one: (found[one], one))):
            found[name] = min(found[name], left // (len(names) - place))
            left -= found[name]
    return found


def chosen_types(plan: Plan, registry: Registry) -> dict[str, ConstraintType]:
    """Return the constraint types that the plan's families, names and files stand for, by name.

    Raises:
        UnknownName: neither a family nor a type. HarnessError: a file that cannot be used.
    """
    types = registry.constraint_types
    families = {kind.family for kind in types.values()}
    chosen: dict[str, ConstraintType] = {}
    for asked in plan.constraint_type:
        if asked.endswith(FILES):
            hits = types_in(Path(asked), registry, {**types, **chosen})
        elif asked == "all":
            hits = {name: kind for name, kind in types.items() if not kind.asks or plan.extractor_model}
        else:
            hits = of_family(asked, types) or of_family(FAMILY_ALIASES.get(asked, ""), types)
        if not hits:
            registry.pick(
                "constraint type or family", dict.fromkeys([*types, *families, *FAMILY_ALIASES, "all"]), asked
            )
        chosen |= hits
    return dict(sorted(chosen.items()))


def types_in(path: Path, registry: Registry, taken: Mapping[str, ConstraintType]) -> dict[str, ConstraintType]:
    """Return the constraint types of a file by name; those that are `taken` may not be declared anew.

    Raises:
        HarnessError: it is not there, nobody reads it, something in it is wrong, or a name is taken.
    """
    if not path.is_file():
        raise HarnessError(f"--constraint-type {path}: no such file")
    format_ = format_of(path, registry)
    if format_ is None:
        raise HarnessError(f"--constraint-type {path}: not a file of constraint types (`family:` and `types:`)")
    with blame(f"constraint format {format_.name}, {path}"):
        found = format_.read(path)
    if twice := [kind.name for kind in found if kind.name in taken]:
        raise HarnessError(f"{path}: type {twice[0]!r} is declared elsewhere as well; rename this one")
    return {kind.name: kind for kind in found}


def format_of(path: Path, registry: Registry) -> ConstraintFormat | None:
    """Return whoever reads this file of constraint types; None if nobody does."""
    return next((one for one in registry.constraint_formats.values() if one.claims(path)), None)


def of_family(word: str, types: Mapping[str, ConstraintType]) -> dict[str, ConstraintType]:
    """Return the types of this name or family."""
    return {name: kind for name, kind in types.items() if word in {name, kind.family}}


def check_fit(
    evaluation: Evaluation, options: Any, tasks: Mapping[str, Task], can: frozenset[Kind] | None, model: str
) -> None:
    """Check that tasks, evaluation and model go together, before the first request.

    Raises:
        HarnessError: they do not; the line says which and what to do.
    """
    if evaluation.fit is not None:
        with blame(f"evaluation {evaluation.name}, model {model}"):
            evaluation.fit(tasks, options, can)
        return
    for task in tasks.values():
        if evaluation.needs is not None and not task.kinds <= evaluation.needs:
            asked = ", ".join(sorted(task.kinds))
            wanted = ", ".join(sorted(evaluation.needs))
            raise HarnessError(
                f"evaluation {evaluation.name} works on {wanted} tasks; {task.name} asks for {asked}: "
                "use --evaluation accuracy"
            )
        if can is not None and not task.kinds <= can:
            lacks = ", ".join(sorted(task.kinds - can))
            raise HarnessError(
                f"task {task.name} needs a model that can do {lacks}; {model} can do {', '.join(sorted(can))}"
            )


def label_of(plan: Plan, evaluation: Evaluation) -> str:
    """Return the words that name a run's folder."""
    types = shortened(plan.constraint_type) if evaluation.draws_constraints else evaluation.name
    return "_".join([shortened(plan.tasks), types, shortened([re.sub(r"^.*[/\\]", "", plan.model)])])


def shortened(words: Sequence[str], most: int = 40) -> str:
    """Return words joined, not longer than a folder name should be.

    >>> shortened(["tasks/math/gsm8k.yaml", "b"])
    'gsm8k.yaml-b'
    """
    return "-".join(word.rsplit("/", 1)[-1] for word in words)[:most]
