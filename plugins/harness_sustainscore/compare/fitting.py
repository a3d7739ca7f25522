"""Whether two runs may be compared at all: the same items, asked and graded the same way (trap 20 of method 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import Json
from harness_sustainscore.stored import StoredRun

#: What a manifest tells of a task that may differ from run to run without a difference in what is asked or graded.
IDLE = frozenset({"documents", "group", "path", "source", "sources"})
#: Likewise of the settings of a run.
IDLE_SETTINGS = frozenset({"dataset_root", "include_path", "trust_tasks", "sandbox", "allow_weak_sandbox"})


def mismatches(runs: Sequence[StoredRun]) -> list[str]:
    """Return what the runs differ in, each against the first, so that their numbers are not of one kind."""
    first = runs[0].results
    found: dict[str, None] = {}
    for run in runs[1:]:
        for what in _differing(first, run.results):
            found[f"{run.folder}: {what}"] = None
    return list(found)


def _differing(one: Mapping[str, Json], other: Mapping[str, Json]) -> Iterator[str]:
    for what, name in (("evaluation", "version"), ("metrics", "sustainscore")):
        if one[what].get(name) != other[what].get(name):
            yield f"{what} {name} {other[what].get(name)}, the first run has {one[what].get(name)}"
    yield from _versions("constraint type", one["constraint_types"], other["constraint_types"])
    yield from _versions("suite", one["suites"], other["suites"])
    for task in sorted(one["tasks"].keys() & other["tasks"].keys()):
        here, there = one["tasks"][task], other["tasks"][task]
        for fact in sorted((here.keys() | there.keys()) - IDLE):
            if here.get(fact) != there.get(fact):
                yield f"task {task}: {'grader' if fact == 'grading' else fact} differs"
    settings, others = one["plan"]["settings"], other["plan"]["settings"]
    for name in sorted((settings.keys() | others.keys()) - IDLE_SETTINGS):
        if settings.get(name) != others.get(name):
            yield f"prompt: {name} is {others.get(name)!r}, the first run has {settings.get(name)!r}"


def _versions(what: str, one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    """Yield the names that both have in another version; what only one has is no obstacle."""
    for name in sorted(one.keys() & other.keys()):
        if one[name] != other[name]:
            yield f"{what} {name} version {other[name]}, the first run has {one[name]}"
