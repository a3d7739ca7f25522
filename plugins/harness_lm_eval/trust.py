"""Which task files may bring code: lm-eval's own, those of installed suites, and what the user trusts by name.

A task file is data that people pass around. What makes code of it is refused elsewhere: functions (`!function`,
`class`), metrics fetched from the hub, and formats that unpickle. Templates of every file run in Jinja's sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from harness import TaskError, TaskSettings
from harness_lm_eval.index import default_root

#: Keys whose values are code or fetch it, whatever they hold.
CODE_KEYS = frozenset({"class", "hf_evaluate", "trust_remote_code"})
FUNCTION = "!function"


def check_trusted(file: Path, settings: TaskSettings) -> None:
    """Refuse a task file from elsewhere that brings code, or includes one that does.

    Raises:
        TaskError: it does; the line says what, and how it is trusted.
    """
    roots = trusted_roots(settings)
    for one in chain(file):
        if trusted(one, roots):
            continue
        for what in code_in(one):
            raise TaskError(
                f"{one.name} brings code ({what}) and lies in no folder that is trusted; "
                f"read it, then give --trust-tasks {one.parent.name or one.parent}"
            )


def trusted_roots(settings: TaskSettings) -> tuple[Path, ...]:
    """Return the folders whose files may bring code."""
    return (default_root().resolve(), *(Path(one).expanduser().resolve() for one in settings.trust_tasks))


def trusted(file: Path, roots: Iterable[Path]) -> bool:
    """Whether a file lies in one of the folders, or is one of the files; links are followed first."""
    place = file.resolve()
    return any(place == root or root in place.parents for root in roots)


def chain(file: Path, seen: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Yield a task file and all that it includes; what cannot be read is lm-eval's loader's to word."""
    place = file.resolve()
    if place in seen or not place.is_file():
        return
    yield file
    for included in includes(root_of(file)):
        path = Path(included)
        yield from chain(path if path.is_absolute() else file.parent / path, seen | {place})


def root_of(file: Path) -> yaml.Node | None:
    """Return the nodes of a YAML file, nothing constructed; None where it is no YAML."""
    try:
        return yaml.compose(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return None


def includes(root: yaml.Node | None) -> list[str]:
    """Return the values of `include` at the top of a file."""
    if not isinstance(root, yaml.MappingNode):
        return []
    found: list[str] = []
    for key, value in root.value:
        if key.value == "include":
            items = value.value if isinstance(value, yaml.SequenceNode) else [value]
            found += [item.value for item in items if isinstance(item, yaml.ScalarNode)]
    return found


def code_in(file: Path) -> Iterator[str]:
    """Yield what in a task file is code, in the words of the file."""
    root = root_of(file)
    if root is not None:
        yield from code_below(root, set())


def code_below(node: yaml.Node, seen: set[int]) -> Iterator[str]:
    """Yield what below a node is code; a node that anchors repeat is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.tag.startswith(FUNCTION):
        yield f"{node.tag} {node.value}" if isinstance(node, yaml.ScalarNode) else node.tag
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from code_below(item, seen)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if (
                isinstance(key, yaml.ScalarNode)
                and key.value in CODE_KEYS
                and said(value).lower() not in {"false", "null"}
            ):
                yield f"{key.value}: {said(value)}"
            yield from code_below(value, seen)


def said(node: yaml.Node) -> str:
    """Return a value as the file says it, short."""
    return str(node.value)[:60] if isinstance(node, yaml.ScalarNode) else "..."
