"""What a name stands for: leaves with what their group changes about them, found without building a single task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from harness import TaskError, blame
from harness_lm_eval.index import Entry, Index, entry_of, read_settings

#: Settings of lm-eval's index; they change nothing about a task.
INDEXING = frozenset({"tag", "group", "task_list", "include"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One task as it stands in a group, or alone."""

    #: Its name in a run: the task's own, or `group::task` where the group changes it.
    name: str
    #: What lm-eval calls it in its results.
    called: str
    #: Its file; None for a task written out inside the group.
    file: Path | None
    #: Settings of the group that win over the file's.
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One group: its settings, and its children in order."""

    name: str
    settings: Mapping[str, Any]
    children: tuple[Leaf | Branch, ...]

    def leaves(self) -> Iterator[Leaf]:
        """Yield the tasks below, in order."""
        for child in self.children:
            if isinstance(child, Leaf):
                yield child
            else:
                yield from child.leaves()


def plain(known: Index, name: str) -> Leaf:
    """Return a known task as it stands in its own file."""
    return Leaf(name=name, called=name, file=known.path(name))


def branch_of(known: Index, name: str) -> Branch:
    """Return a known group with everything below it."""
    path = known.path(name)
    assert path is not None, "a group has a file"
    return branch_from(known, path)


def branch_from(known: Index, file: Path) -> Branch:
    """Return the group in a file with everything below it."""
    with blame(f"group file {file}", TaskError):
        settings = read_settings(file)
        name = str(settings["group"])
        return branch(known, name, settings, {}, path=(name,))


def branch(
    known: Index, name: str, settings: Mapping[str, Any], outer: Mapping[str, Any], *, path: tuple[str, ...]
) -> Branch:
    """Return a group by lm-eval's rules: what is not a group's own setting is handed to its children.

    The order of precedence is the child's line in the group, then the caller, then the group, then the child's file.

    Args:
        known: All names.
        name: What lm-eval calls the group.
        settings: What its file or its line says.
        outer: What the groups around it hand down.
        path: The groups around it and itself, from the outermost.
    """
    kept = own_settings() | INDEXING
    handed = {key: value for key, value in settings.items() if key not in kept} | dict(outer)
    members = settings.get("task")
    found: list[Leaf | Branch] = []
    for item in members if isinstance(members, list) else []:
        if not isinstance(item, str | dict):
            raise TypeError(f"{item!r} in group {name!r} is neither a name nor a mapping")
        line = {"task": item} if isinstance(item, str) else item
        if "group" in line:
            found.append(subgroup(known, name, line, handed, path=path))
        elif "task" in line:
            found.extend(member(known, name, line, handed, path=path))
        else:
            raise ValueError(f"an entry of group {name!r} has neither `task` nor `group`: {', '.join(map(str, line))}")
    return Branch(name=name, settings=settings, children=tuple(found))


def member(
    known: Index, group: str, line: Mapping[str, Any], handed: Mapping[str, Any], *, path: tuple[str, ...]
) -> Iterator[Leaf | Branch]:
    """Yield what a `task` line of a group stands for: a task, the tasks of a tag, a known group, or a new task."""
    base = str(line["task"])
    changes = {**handed, **{key: value for key, value in line.items() if key != "task" and key not in INDEXING}}
    entry = known.entries.get(base)
    if entry is None:
        called = f"{group}::{base}"
        yield Leaf(name="::".join((*path, base)), called=called, file=None, overrides={**changes, "task": called})
    elif entry.kind == "group":
        yield again(known, base, changes, path=path)
    else:
        for name in entry.members if entry.kind == "tag" else (base,):
            told = "::".join((*path, name)) if changes else name
            yield Leaf(name=told, called=name, file=known.path(name), overrides=changes)


def subgroup(
    known: Index, group: str, line: Mapping[str, Any], handed: Mapping[str, Any], *, path: tuple[str, ...]
) -> Branch:
    """Return a group named in a group's list: a known one with changes, or one written out there."""
    name = str(line["group"])
    if name in known.entries:
        return again(
            known, name, {**handed, **{key: value for key, value in line.items() if key != "group"}}, path=path
        )
    return branch(known, f"{group}::{name}", line, handed, path=(*path, name))


def again(known: Index, name: str, changes: Mapping[str, Any], *, path: tuple[str, ...]) -> Branch:
    """Return a known group as it stands in another."""
    if name in path:
        raise ValueError(f"group {name!r} holds itself: {' > '.join((*path, name))}")
    file = known.path(name)
    if file is None:
        raise ValueError(f"{name!r} is a tag, not a group")
    kept = {key: value for key, value in changes.items() if key not in INDEXING}
    return branch(known, name, read_settings(file), kept, path=(*path, name))


def own_settings() -> frozenset[str]:
    """Return the settings that a group keeps to itself."""
    from lm_eval.config.group import GroupConfig

    return frozenset(item.name for item in fields(GroupConfig))


def entry_at(path: Path) -> Entry | None:
    """Return what a task file outside the known folders defines."""
    with blame(f"task file {path}", TaskError):
        return entry_of(read_settings(path), path.name)


def group_results(top: Branch, results: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return lm-eval's own figures for a group and the groups in it, from the results of their tasks.

    Args:
        top: The group.
        results: For each task, by the name lm-eval gives it: "metric,filter", its stderr, `sample_len`.
    """
    from lm_eval.api.group import Group
    from lm_eval.config.group import GroupConfig

    figures: dict[str, dict[str, Any]] = {}

    def grown(node: Branch) -> Any:
        own = {key: value for key, value in node.settings.items() if key in own_settings()}
        group = Group.from_config(GroupConfig(**{**own, "group": node.name}))
        for child in node.children:
            group.add(grown(child) if isinstance(child, Branch) else stand_in(child.called))
        figures[node.name] = dict(group.aggregate(dict(results)))
        return group

    grown(top)
    return figures


def stand_in(name: str) -> Any:
    """Return what lm-eval takes for a task of this name, without documents."""
    from lm_eval.api.task import Task

    class Named(Task):  # type: ignore[misc]  # lm-eval has no types here
        """Only a name: all that a group asks of its tasks."""

        __slots__ = ()
        task_name = name

    Named.__abstractmethods__ = frozenset()
    return object.__new__(Named)
