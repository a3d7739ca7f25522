"""Which task, group or tag stands in which file: kept on disk, because parsing 14,000 YAML files takes ten seconds."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness import TaskError

#: Raised when the shape or the meaning of the kept index changes.
SCHEMA = 1

Sort = Literal["task", "python", "group", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name and what it stands for."""

    name: str
    kind: Sort
    #: Relative to the folder it was found under; empty for a tag, which no file defines.
    path: str = ""
    #: What the model is asked for, as the file says; empty where it leaves it to lm-eval's default.
    output: str = ""
    #: The tasks of a tag, sorted.
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """All names under one folder."""

    schema: int
    lm_eval: str
    root: str
    #: Hash of the paths, sizes and modification times of its files.
    fingerprint: str
    entries: tuple[Entry, ...]
    #: Files that could not be read, with the reason; lm-eval passes over them in silence.
    broken: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """All names under all folders; a later folder wins, as in lm-eval."""

    entries: Mapping[str, Entry]
    #: The folder of each name.
    roots: Mapping[str, Path]
    #: Unreadable files, absolute, with the reason.
    broken: Mapping[Path, str]

    def path(self, name: str) -> Path | None:
        """Return the file of a name; None for a tag."""
        entry = self.entries[name]
        return self.roots[name] / entry.path if entry.path else None


def default_root() -> Path:
    """Return the folder of the task files that come with lm-eval, without importing it."""
    found = importlib.util.find_spec("lm_eval")
    if found is None or not found.submodule_search_locations:
        raise TaskError("lm-eval is not installed; `pip install 'lm-eval>=0.4.12,<0.5'`")
    return Path(next(iter(found.submodule_search_locations))) / "tasks"


def index(include: Iterable[str] = ()) -> Index:
    """Return the index of lm-eval's own folder and of further ones.

    Raises:
        TaskError: a further folder does not exist.
    """
    entries: dict[str, Entry] = {}
    roots: dict[str, Path] = {}
    broken: dict[Path, str] = {}
    for root in (default_root(), *(Path(folder).expanduser().resolve() for folder in include)):
        if not root.is_dir():
            raise TaskError(f"no folder of task files at {str(root)!r}; give --include-path a folder that exists")
        tree = kept_tree(root)
        broken |= {root / path: reason for path, reason in tree.broken.items()}
        for entry in tree.entries:
            entries[entry.name] = entry
            roots[entry.name] = root
    return Index(entries=entries, roots=roots, broken=broken)


def cache_folder() -> Path:
    """Return where the index is kept: $HARNESS_CACHE, else `harness` in the user's cache folder."""
    if given := os.environ.get("HARNESS_CACHE"):
        return Path(given).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "harness"


def kept_tree(root: Path) -> Tree:
    """Return the tree of a folder, from the cache if its files are unchanged."""
    name = hashlib.sha256(f"{SCHEMA}\n{version('lm-eval')}\n{root}".encode()).hexdigest()[:16]
    kept = cache_folder() / f"tasks-{name}.json"
    now = fingerprint(root)
    tree = read_tree(kept)
    if tree is not None and (tree.schema, tree.root, tree.fingerprint) == (SCHEMA, str(root), now):
        return tree
    tree = parsed_tree(root, now)
    write_tree(kept, tree)
    return tree


def read_tree(kept: Path) -> Tree | None:
    """Return a kept tree; None if there is none or it is damaged, since it can always be made again."""
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Tree)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_tree(kept: Path, tree: Tree) -> None:
    """Keep a tree whole or not at all; a folder that cannot be written to costs time, not the run."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, prefix=kept.name, delete=False) as file:
            file.write(msgspec.json.encode(tree))
        Path(file.name).replace(kept)
    except OSError:
        return


def fingerprint(root: Path) -> str:
    """Return a hash of what the index depends on: task files and the templates they include."""
    lines = sorted(f"{path}\0{stat.st_mtime_ns}\0{stat.st_size}" for path, stat in files(root, "yaml"))
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


def files(root: Path, ending: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files under a folder whose names end so, with their stat; links to folders are not followed."""
    waiting = [str(root)]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for item in found:
                if item.is_dir(follow_symlinks=False):
                    if item.name not in {"__pycache__", ".ipynb_checkpoints"}:
                        waiting.append(item.path)
                elif item.name.endswith(ending):
                    yield item.path, item.stat()


def parsed_tree(root: Path, now: str) -> Tree:
    """Parse every task file under a folder by lm-eval's own rules: in order of path, the first of a name stands."""
    entries: dict[str, Entry] = {}
    tags: dict[str, set[str]] = {}
    broken: dict[str, str] = {}
    for path in sorted(path for path, _ in files(root, ".yaml")):
        relative = Path(path).relative_to(root).as_posix()
        try:
            settings = read_settings(Path(path))
            entry = entry_of(settings, relative)
        except Exception as error:  # noqa: BLE001  # whatever the file makes the parser raise is kept with its name
            broken[relative] = f"{type(error).__name__}: {error}"
            continue
        if entry is None or entry.name in entries:
            continue
        entries[entry.name] = entry
        if entry.kind != "group":
            for tag in listed(settings.get("tag")):
                tags.setdefault(tag, set()).add(entry.name)
    for tag, members in tags.items():
        entries.setdefault(tag, Entry(name=tag, kind="tag", members=tuple(sorted(members))))
    return Tree(
        schema=SCHEMA,
        lm_eval=version("lm-eval"),
        root=str(root),
        fingerprint=now,
        entries=tuple(entries[name] for name in sorted(entries)),
        broken=broken,
    )


def read_settings(path: Path, *, functions: bool = False) -> dict[str, Any]:
    """Return a task file with its includes merged, by lm-eval's own loader; `!function` imported only if asked."""
    from harness_lm_eval.engine import prepare

    prepare()
    from lm_eval.tasks._yaml_loader import load_yaml

    settings: dict[str, Any] = load_yaml(path, resolve_func=functions)
    return settings


def entry_of(settings: Mapping[str, Any], path: str) -> Entry | None:
    """Return the entry of a parsed file; None where it names nothing, like a template.

    >>> entry_of({"task": "demo", "output_type": "generate_until"}, "demo.yaml").kind
    'task'
    """
    name = settings.get("group") if "group" in settings and "class" not in settings else settings.get("task")
    if not isinstance(name, str):
        return None
    kind: Sort = "python" if "class" in settings else "group" if "group" in settings else "task"
    return Entry(name=name, kind=kind, path=path, output=str(settings.get("output_type") or ""))


def listed(value: Any) -> list[str]:
    """Return a setting that may be one text or a list of them as a list."""
    return [] if not value else [value] if isinstance(value, str) else [str(item) for item in value]
