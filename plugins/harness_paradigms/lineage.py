"""A lineage file: which checkpoints come from which, by what training, and where their runs are.

What is not known is written `unknown`; nothing is guessed, and no required key may be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import HarnessError

#: The lineage files that ship.
READY = Path(__file__).parent / "lineages"
SCHEMA = 1
UNKNOWN = "unknown"
#: The parent of a checkpoint that was trained from nothing.
NOBODY = "none"
STAGES = ("base", "sft", "dpo", "pref", "rlvr", "rlhf", "distill", "merge")
MODES = ("none", "toggle", "always")
REQUIRED = ("name", "repo", "revision", "parent", "stage", "reasoning", "template_hash", "data")
#: What else method 8 wants to know of a checkpoint; left out is unknown.
FURTHER = (
    "params_total",
    "params_active",
    "architecture",
    "context",
    "pretrain_tokens",
    "tokenizer_hash",
    "release_date",
    "licence",
    "quantisation",
    "engine",
    "decoding",
    "system_prompt",
    "note",
)
TEXTS = ("repo", "revision", "template_hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One checkpoint; what is not known is None."""

    name: str
    repo: str | None
    revision: str | None
    #: The member of the lineage that it was trained from; empty: none, it was trained from nothing.
    parent: str | None
    stage: str | None
    #: Whether it can reason before it answers: none, toggle or always; and whether it did in its runs.
    reasoning_mode: str | None
    reasoning_used: bool | None
    template_hash: str | None
    data: tuple[str, ...] | None
    #: Folders of its runs.
    runs: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Checkpoints that come from each other; the first is what those of unknown parent are compared with."""

    id: str
    family: str | None
    members: tuple[Member, ...]


def lineages_of(name: str) -> tuple[Lineage, ...]:
    """Return the lineages of a file; a name that is no file is that of a ready-made one.

    Raises:
        HarnessError: as `read_lineages` does.
    """
    return read_lineages(lineage_file(name))


def lineage_file(name: str, folder: Path = Path()) -> Path:
    """Return the file of that name in a folder; a name that is no file there is that of a ready-made one."""
    given, ready = folder / name, READY / f"{name}.yaml"
    return ready if ready.is_file() and not given.is_file() else given


def read_lineages(path: Path) -> tuple[Lineage, ...]:
    """Return the lineages of a file.

    Raises:
        HarnessError: it cannot be read, or is not as it should be; the message names everything that is wrong.
    """
    import yaml

    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(sorted(one.stem for one in READY.glob("*.yaml")))
        raise HarnessError(f"lineage file {path}: {error.strerror}; give a file, or one of: {known}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HarnessError(f"lineage file {path}: not YAML: {' '.join(str(error).split())}") from error
    wrong = list(faults(told))
    if wrong:
        lines = "\n  ".join(wrong)
        raise HarnessError(f"lineage file {path}:\n  {lines}")
    return tuple(lineage_of(one, path.parent) for one in told["lineages"])


def lineage_of(told: Mapping[str, Any], folder: Path) -> Lineage:
    """Return one lineage; `told` has no faults. Folders of runs are relative to that of the file."""
    members = []
    for one in told["members"]:
        known = {key: None if value == UNKNOWN else value for key, value in one.items()}
        reasoning = {key: None if value == UNKNOWN else value for key, value in (known["reasoning"] or {}).items()}
        members.append(
            Member(
                name=one["name"],
                **{key: known[key] for key in TEXTS},
                parent="" if known["parent"] == NOBODY else known["parent"],
                stage=known["stage"],
                reasoning_mode=reasoning.get("mode"),
                reasoning_used=reasoning.get("used"),
                data=None if known["data"] is None else tuple(known["data"]),
                runs=tuple(folder / run for run in one.get("runs", ())),
            )
        )
    family = told.get("family", UNKNOWN)
    return Lineage(id=told["id"], family=None if family == UNKNOWN else family, members=tuple(members))


def faults(told: Any) -> Iterator[str]:
    """Yield all that is wrong with the content of a file."""
    if not isinstance(told, dict) or not isinstance(told.get("lineages"), list) or not told["lineages"]:
        yield "it has no list `lineages` with at least one lineage"
        return
    if told.get("schema") != SCHEMA:
        yield f"schema {told.get('schema')!r} is not {SCHEMA}"
    yield from unknown_keys(told, ("schema", "lineages"), "the file")
    for number, one in enumerate(told["lineages"], start=1):
        where = f"lineage {number}"
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            yield f"{where} has no `id`"
            continue
        where = f"lineage {one['id']!r}"
        yield from unknown_keys(one, ("id", "family", "members"), where)
        members = one.get("members")
        if not isinstance(members, list) or not members:
            yield f"{where} has no list `members`"
            continue
        yield from member_faults(members, where)
    yield from twice([one.get("id") for one in told["lineages"] if isinstance(one, dict)], "two lineages are called")


def member_faults(members: list[Any], lineage: str) -> Iterator[str]:
    """Yield what is wrong with the members of one lineage, alone and together."""
    names = [one.get("name") for one in members if isinstance(one, dict)]
    yield from twice(names, f"{lineage}: two members are called")
    for number, one in enumerate(members, start=1):
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            yield f"{lineage}, member {number} has no `name`"
            continue
        where = f"{lineage}, member {one['name']!r}"
        yield from unknown_keys(one, (*REQUIRED, *FURTHER, "runs"), where)
        missing = [key for key in REQUIRED if key not in one]
        if missing:
            yield f"{where} says nothing of {', '.join(missing)}: write `{UNKNOWN}` where it is not known"
        yield from value_faults(one, names, where)
    yield from circles(members, lineage)


def value_faults(one: Mapping[str, Any], names: list[Any], where: str) -> Iterator[str]:
    """Yield what is wrong with the values of one member."""
    for key in TEXTS:
        if key in one and not isinstance(one[key], str):
            yield f"{where}: {key} {one[key]!r} is no text"
    if one.get("parent", UNKNOWN) not in {UNKNOWN, NOBODY, *names} or one.get("parent") == one["name"]:
        others = ", ".join(str(name) for name in names if name != one["name"])
        yield f"{where}: parent {one['parent']!r} is no other member ({others}), nor `{NOBODY}` or `{UNKNOWN}`"
    if one.get("stage", UNKNOWN) not in {UNKNOWN, *STAGES}:
        yield f"{where}: stage {one['stage']!r} is none of {', '.join(STAGES)}, {UNKNOWN}"
    yield from reasoning_faults(one.get("reasoning", UNKNOWN), where)
    data = one.get("data", UNKNOWN)
    if data != UNKNOWN and not (isinstance(data, list) and all(isinstance(part, str) for part in data)):
        yield f"{where}: data {data!r} is neither `{UNKNOWN}` nor a list of names"
    runs = one.get("runs", [])
    if not isinstance(runs, list) or not all(isinstance(run, str) for run in runs):
        yield f"{where}: runs {runs!r} is no list of folders"


def reasoning_faults(told: Any, where: str) -> Iterator[str]:
    """Yield what is wrong with what is said of a member's reasoning."""
    if told == UNKNOWN:
        return
    if not isinstance(told, dict) or set(told) != {"mode", "used"}:
        yield f"{where}: reasoning {told!r} is not `{UNKNOWN}`, nor `mode` and `used`"
        return
    if told["mode"] not in {UNKNOWN, *MODES}:
        yield f"{where}: reasoning mode {told['mode']!r} is none of {', '.join(MODES)}, {UNKNOWN}"
    if told["used"] != UNKNOWN and not isinstance(told["used"], bool):
        yield f"{where}: reasoning used {told['used']!r} is not true, false or {UNKNOWN}"


def circles(members: list[Any], lineage: str) -> Iterator[str]:
    """Yield members that descend from themselves."""
    parents = {one["name"]: one.get("parent") for one in members if isinstance(one, dict) and "name" in one}
    for name, parent in parents.items():
        seen, at = [name], parent
        while at in parents and at not in seen:
            seen.append(at)
            at = parents[at]
        if at == name and len(seen) > 1:
            yield f"{lineage}: {' <- '.join([*seen, name])} is a circle"


def unknown_keys(told: Mapping[Any, Any], known: tuple[str, ...], where: str) -> Iterator[str]:
    """Yield the keys that mean nothing here."""
    odd = [str(key) for key in told if key not in known]
    if odd:
        yield f"{where}: no such key: {', '.join(odd)} (there are {', '.join(known)})"


def twice(names: list[Any], what: str) -> Iterator[str]:
    """Yield the names that occur more than once."""
    yield from (f"{what} {name!r}" for name, count in Counter(map(str, names)).items() if count > 1)
