"""The YAML catalogue: found, read, checked; every mistake is named with its file and type."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from harness import ConstraintType, HarnessError, UnknownName
from harness_constraints.engine import Rule, constraint_type, number_of
from harness_constraints.measurements import MEASUREMENTS, measured
from harness_constraints.picks import PICKS
from harness_constraints.relations import RELATIONS, Terms
from harness_constraints.schema import Entry

_DECLARES = re.compile(r"^(?:family|types)[ \t]*:", re.MULTILINE)


class CatalogueError(HarnessError):
    """A file of the catalogue that cannot be used; the message says which type, what and why."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without repeated keys, which it would silently take the last of."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  # as inherited
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            keys = [str(key.value) for key, _ in node.value]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} is given twice", node.start_mark)
        return mapping


def folder() -> Path:
    """Return the folder of the catalogue: beside the installed packages, or at the root of a checkout."""
    here = Path(__file__).resolve()
    shipped = here.parents[1] / "harness_data" / "constraints"
    return shipped if shipped.is_dir() else here.parents[2] / "constraints"


@cache
def catalogue() -> tuple[Rule, ...]:
    """Return the rules of the catalogue, in order of family and place; read once in a process.

    Raises:
        CatalogueError: a file of it cannot be used.
    """
    rules = [rule for path in sorted(folder().glob("*.yaml")) for rule in load(path)]
    _refuse(_repeated(rule.name for rule in rules), folder())
    return tuple(rules)


def load(path: Path) -> tuple[Rule, ...]:
    """Return the rules of one file.

    Raises:
        CatalogueError: it cannot be used.
    """
    rules, problems = _read(path)
    _refuse(problems, path)
    return rules


def types_of(path: Path) -> tuple[ConstraintType, ...]:
    """Return the constraint types of a user's file; their version tells the file's content from another's.

    Raises:
        CatalogueError: it cannot be used.
    """
    rules = load(path)
    digest = hashlib.blake2b(path.read_bytes(), digest_size=4).hexdigest()
    return tuple(constraint_type(replace(rule, version=f"{rule.version}+{digest}")) for rule in rules)


def claims(path: Path) -> bool:
    """Return whether a file declares constraint types, and not a task: it has a `family` or `types` of its own."""
    try:
        return _DECLARES.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def validate_file(path: Path) -> list[str]:
    """Return what is wrong with a file, one line a problem; nothing if it can be used."""
    return _read(path)[1]


def _refuse(problems: list[str], path: Path) -> None:
    if problems:
        raise CatalogueError(f"{path}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))


def _read(path: Path) -> tuple[tuple[Rule, ...], list[str]]:
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506  # a safe loader
    except OSError as error:
        return (), [f"{path.name}: cannot be read: {error.strerror}"]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return (), [f"{path.name}: not YAML: {' '.join(str(error).split())}"]
    if not isinstance(content, Mapping) or not isinstance(content.get("types"), list) or "family" not in content:
        return (), [f"{path.name}: a catalogue file has `family: NAME` and `types:`, a list"]
    if unknown := sorted(set(content) - {"family", "types"}, key=str):
        return (), [f"{path.name}: unknown key {unknown[0]!r}; a catalogue file has `family` and `types`"]
    rules, problems = [], []
    for number, raw in enumerate(content["types"], start=1):
        whose = f"{path.name}: type {raw.get('name')!r}" if isinstance(raw, dict) else f"{path.name}: type {number}"
        entry, wrong = _entry(raw)
        problems += [f"{whose}: {mistake}" for mistake in wrong]
        if entry is not None and not wrong:
            rules.append(_rule(entry, str(content["family"])))
    problems += [f"{path.name}: {line}" for line in _repeated(rule.name for rule in rules)]
    return tuple(rules), problems


def _entry(raw: Any) -> tuple[Entry | None, list[str]]:
    """Return an entry of the list and all that is wrong with it, each key by itself."""
    try:
        entry = msgspec.convert(raw, Entry)
    except msgspec.ValidationError as error:
        return None, list(_shape_mistakes(raw)) or [str(error)]
    return entry, list(_mistakes(entry))


def _shape_mistakes(raw: Any) -> Iterable[str]:
    """Yield what the types of the language say against an entry: keys that are unknown, missing or ill-typed."""
    if not isinstance(raw, Mapping):
        return
    known = {field.name: field for field in msgspec.structs.fields(Entry)}
    for key, value in raw.items():
        if key not in known:
            yield str(UnknownName.among("key", str(key), known))
            continue
        try:
            msgspec.convert(value, known[key].type)
        except msgspec.ValidationError as error:
            yield f"{key}: {error}"
    yield from (f"`{name}` is missing" for name, field in known.items() if field.required and name not in raw)


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [f"type {name!r} is declared twice; rename one" for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _mistakes(entry: Entry) -> Iterable[str]:
    """Yield what the types cannot say: names that are looked up, and keys that belong together."""
    relation = RELATIONS[entry.relation]
    measurement = MEASUREMENTS.get(entry.measure)
    if measurement is None:
        yield str(UnknownName.among("measurement", entry.measure, MEASUREMENTS))
    else:
        yield from measurement.mistakes(entry.args)
        if entry.relation not in measurement.relations:
            suited = ", ".join(measurement.relations)
            yield f"{entry.measure} gives a {measurement.gives}, and {entry.relation} is none of {suited}"
    if relation.picks and entry.pick is None:
        yield f"{entry.relation} needs `pick`: {', '.join(sorted(PICKS))}"
    if entry.pick is not None and entry.pick not in PICKS:
        yield str(UnknownName.among("pick", entry.pick, PICKS))
    if entry.pick is not None and not relation.picks:
        yield f"{entry.relation} takes no `pick`"
    if isinstance(entry.step, int) and entry.step < 1:
        yield f"step is {entry.step}; give a positive number or `human`"
    keys = {*relation.keys, *(["amount"] if entry.unit else [])}
    if set(entry.example) != set(relation.keys):
        yield f"example has the keys {sorted(entry.example)}; {entry.relation} has {sorted(relation.keys)}"
    for kind, text in entry.wordings.all():
        yield from _wording_mistakes(kind, text, keys)


def _wording_mistakes(kind: str, text: str, keys: set[str]) -> Iterable[str]:
    if "{" not in text and "}" not in text:
        return
    try:
        used = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        yield f"wording {kind}: {error}"
        return
    for field in sorted(used - keys):
        yield f"wording {kind}: {{{field}}} is no parameter; there are: {', '.join(sorted(keys)) or 'none'}"


def _rule(entry: Entry, family: str) -> Rule:
    return Rule(
        name=entry.name,
        family=family,
        summary=entry.summary,
        version=entry.version,
        domains=frozenset(entry.domains),
        measurement=MEASUREMENTS[entry.measure],
        args=entry.args,
        measured=measured(entry.measure, tuple(sorted(entry.args.items()))),
        relation=RELATIONS[entry.relation],
        terms=Terms(
            slack=entry.slack,
            margin=entry.margin,
            step=0 if entry.step == "human" else int(entry.step),
            fixed=entry.fixed,
            least=entry.least,
            most=entry.most,
        ),
        pick=PICKS[entry.pick] if entry.pick else None,
        seed=number_of(entry.name),
        words=entry.words,
        unless_shown=entry.unless_shown,
        offers=entry.offers,
        unit=entry.unit,
        hint=entry.hint,
        tight=entry.tight,
        touches_answer=entry.touches_answer,
        stratum=entry.stratum,
        group=entry.group or entry.measure,
        example=entry.example,
        wordings=entry.wordings.all(),
    )
