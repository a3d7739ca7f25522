"""Opens tasks by lm-eval's names: a task, group, tag or glob it knows, or a path to task files."""

from __future__ import annotations

import difflib
import fnmatch
import glob
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness import Json, Task, TaskError, TaskSettings, TaskSpec
from harness_lm_eval.index import Index, index
from harness_lm_eval.outline import Branch, Leaf, branch_from, branch_of, entry_at, plain

#: Endings of files that hold rows and no task; others may open them.
ROWS = frozenset({".csv", ".tsv", ".parquet"})
#: What makes a name a pattern.
WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class LmEvalSource:
    """The tasks of lm-eval, and of whoever writes task files like it."""

    #: The index is read once for each set of folders.
    _indexes: dict[tuple[str, ...], Index] = field(default_factory=dict, repr=False)
    #: The groups that were asked for, by the folders and the name: their figures are wanted as well.
    _groups: dict[tuple[tuple[str, ...], str], Branch] = field(default_factory=dict, repr=False)
    #: The tasks found by a path, by the folders and the name under which they are opened.
    _by_path: dict[tuple[tuple[str, ...], str], Leaf] = field(default_factory=dict, repr=False)

    def find(self, pattern: str, settings: TaskSettings) -> tuple[str, ...]:
        """Return what a name, glob or path stands for, each task once; empty if nothing.

        A path gives the names in its files, which can then be opened here.

        Raises:
            TaskError: a file that is named but cannot be read, or takes the name of a known task.
        """
        if Path(pattern).suffix in ROWS:
            return ()
        known = self.known(settings)
        found: dict[str, None] = {}
        for what in matched(known, pattern):
            if isinstance(what, Branch):
                self._groups[settings.include_path, what.name] = what
                continue
            found[what.name] = None
            if is_path(pattern):
                unclaimed(known, what, pattern)
                self._by_path[settings.include_path, what.name] = what
        if not found:
            report_broken(known, pattern)
        return tuple(found)

    def open(self, name: str, settings: TaskSettings, spec: TaskSpec | None, domain: str) -> Task:
        """Return the task.

        Raises:
            TaskError: it cannot be built; DataUnavailable: its rows cannot be had.
        """
        from harness_lm_eval.opening import opened

        leaf = self._by_path.get((settings.include_path, name)) or leaf_of(self.known(settings), name)
        asked = (group for (folders, _), group in self._groups.items() if folders == settings.include_path)
        groups = tuple(group for group in asked if any(leaf == other for other in group.leaves()))
        return opened(leaf, settings, spec, domain, groups)

    def catalogue(self, settings: TaskSettings) -> Iterable[Mapping[str, Json]]:
        """Yield one row a task, group or tag: name, kind, path, and what the model is asked for."""
        known = self.known(settings)
        for name in sorted(known.entries):
            entry = known.entries[name]
            yield {"name": name, "kind": entry.kind, "path": entry.path, "output_type": entry.output}

    def known(self, settings: TaskSettings) -> Index:
        """Return the index for these settings, read at most once."""
        folders = tuple(settings.include_path)
        if folders not in self._indexes:
            self._indexes[folders] = index(folders)
        return self._indexes[folders]


def matched(known: Index, pattern: str) -> Iterator[Leaf | Branch]:
    """Yield the tasks that a pattern stands for, and the groups themselves."""
    if pattern in known.entries:
        yield from named(known, pattern)
    elif is_path(pattern):
        for file in files_at(pattern):
            yield from at(known, file)
    elif WILD & set(pattern):
        for name in fnmatch.filter(sorted(known.entries), pattern):
            yield from named(known, name)
    elif "::" in pattern and (leaf := inside(known, pattern)) is not None:
        yield leaf


def named(known: Index, name: str) -> Iterator[Leaf | Branch]:
    """Yield what one known name stands for."""
    entry = known.entries[name]
    if entry.kind == "group":
        group = branch_of(known, name)
        yield group
        yield from group.leaves()
    else:
        members = entry.members if entry.kind == "tag" else (name,)
        yield from (plain(known, member) for member in members if member in known.entries)


def is_path(pattern: str) -> bool:
    """Whether a pattern is meant as a path.

    >>> is_path("tasks/my.yaml"), is_path("gsm8k"), is_path("mmlu_*"), is_path("a.yaml::b")
    (True, False, False, False)
    """
    return pattern.endswith((".yaml", ".yml")) or ("/" in pattern and "::" not in pattern)


def files_at(pattern: str) -> list[Path]:
    """Return the task files that a path, a folder or a glob of paths stands for."""
    path = Path(pattern).expanduser()
    if path.is_dir():
        return sorted(path.glob("*.yaml"))
    if path.is_file():
        return [path]
    return sorted(Path(found) for found in glob.glob(str(path))) if WILD & set(pattern) else []  # noqa: PTH207  # may be absolute


def at(known: Index, file: Path) -> Iterator[Leaf | Branch]:
    """Yield what one file defines; nothing for a template."""
    entry = entry_at(file)
    if entry is None:
        return
    if entry.kind == "group":
        group = branch_from(known, file)
        yield group
        yield from group.leaves()
    else:
        yield Leaf(name=entry.name, called=entry.name, file=file.resolve())


def unclaimed(known: Index, leaf: Leaf, pattern: str) -> None:
    """Check that a task found by a path does not go by the name of another.

    Raises:
        TaskError: it does.
    """
    first = leaf.name.partition("::")[0]
    if leaf.name not in known.entries or leaf == plain(known, leaf.name):
        return
    raise TaskError(
        f"task file {pattern} takes the name {first!r}, which {known.path(first)} has; give it another, "
        f"or put it in the place of that one with --include-path FOLDER"
    )


def leaf_of(known: Index, name: str) -> Leaf:
    """Return the task that is opened by a name.

    Raises:
        TaskError: none is.
    """
    entry = known.entries.get(name)
    if entry is not None and entry.kind in {"task", "python"}:
        return plain(known, name)
    if is_path(name) and Path(name).expanduser().is_file():
        found = [what for what in at(known, Path(name).expanduser()) if isinstance(what, Leaf)]
        if len(found) == 1:
            return found[0]
    leaf = inside(known, name) if "::" in name else None
    if leaf is None:
        report_broken(known, name)
        near = " or ".join(difflib.get_close_matches(name, known.entries, n=3))
        raise TaskError(f"no single task named {name!r}{f'; did you mean {near}?' if near else ''}")
    return leaf


def inside(known: Index, name: str) -> Leaf | None:
    """Return a task by a name like `group::task`; None if there is none."""
    first = name.partition("::")[0]
    entry = known.entries.get(first)
    if entry is None or entry.kind != "group":
        return None
    return next((leaf for leaf in branch_of(known, first).leaves() if leaf.name == name), None)


def report_broken(known: Index, name: str) -> None:
    """Say so if a name is missing because its file cannot be read.

    Raises:
        TaskError: a file that looks like the one meant is broken.
    """
    for file, reason in known.broken.items():
        if file.stem == name or f"task: {name}\n" in readable(file):
            raise TaskError(f"task file {file}: {' '.join(reason.split())}; mend it or take it out of the folder")


def readable(file: Path) -> str:
    """Return the text of a file as far as it is text."""
    try:
        return file.read_text(errors="replace") + "\n"
    except OSError:
        return ""
