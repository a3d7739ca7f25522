"""`harness constraints export RUN...`: the portable constraints of several models' runs, as a file."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness import HarnessError, Json, Plan, Record, Task
from harness_sustainscore.export import Wanted, exported
from harness_sustainscore.portable import Origin, Portable, PortableConstraint, facts_now, kept_facts, written

if TYPE_CHECKING:
    from harness.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is read of a run folder."""

    folder: Path
    manifest: Mapping[str, Any]
    #: How its model is called in the file: backend and name; a number is added where two are called alike.
    model: str
    #: By task, then by document.
    records: Mapping[str, Mapping[str, Record]]


def constraints(words: Sequence[str]) -> int:
    """Carry out `harness constraints ...`; return the exit status.

    Raises:
        HarnessError: a folder that is no run, runs that do not go together, or a file that cannot be written.
    """
    from harness.plugin_flags import loaded

    given = parser().parse_args(words)
    wanted = Wanted(count=given.count, least_q=given.least_q, seed=given.seed, most_hint=given.most_hint)
    if wanted.count < 1 or not 0 <= wanted.least_q <= 1:
        raise HarnessError(f"--count {wanted.count}, --least-q {wanted.least_q}: at least 1, and from 0 to 1")
    registry = loaded(given)
    runs = named_apart([read_run(Path(folder)) for folder in given.runs])
    portable = portable_of(runs, wanted, given.constraint_type.split(","), given.dataset_root, registry)
    path = Path(given.output)
    try:
        path.write_bytes(written(portable))
    except OSError as error:
        raise HarnessError(f"--output {path}: {error.strerror}") from error
    told = [f"{len(portable.items):,} documents with a portable constraint"]
    told += [f"{count:,} without: {why}" for why, count in portable.without.items()]
    print(" · ".join(told))  # noqa: T201  # a command speaks
    print(path)  # noqa: T201  # likewise
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    from harness.plugin_flags import add_plugin_flags

    root = argparse.ArgumentParser(prog="harness constraints", description=__doc__)
    commands = root.add_subparsers(required=True, metavar="export")
    export = commands.add_parser("export", help="write the constraints that all runs share")
    export.add_argument("runs", nargs="+", metavar="RUN", help="run folders of `sustainscore`, one a model")
    export.add_argument("--output", required=True, help="the file to write, for --constraint-file")
    export.add_argument("--count", type=int, default=1, help="constraints a document at the most (default: 1)")
    export.add_argument(
        "--least-q", type=float, default=0.8, help="least natural compliance in each run (default: 0.8)"
    )
    export.add_argument("--seed", type=int, default=0, help="seed of the choice (default: 0)")
    export.add_argument("--most-hint", type=int, default=0, help="the highest hint level (default: 0)")
    export.add_argument("--constraint-type", default="all", help="families or names, with commas (default: all)")
    export.add_argument("--dataset-root", help="in place of the folder that the first run read its datasets from")
    add_plugin_flags(export)
    return root


def read_run(folder: Path) -> Run:
    """Return a run folder.

    Raises:
        HarnessError: it is none, or of another evaluation.
    """
    from harness.ledger import MANIFEST, RECORDS, Records, read_json

    manifest = read_json(folder / MANIFEST)
    evaluation = manifest.get("evaluation", {}).get("name") if isinstance(manifest, dict) else None
    if evaluation != "sustainscore":
        raise HarnessError(f"{folder}: a run of {evaluation!r}; portable constraints come of runs of sustainscore")
    records: dict[str, dict[str, Record]] = {}
    for record in Records(folder / RECORDS):
        records.setdefault(record.task, {})[record.doc] = record
    identity = manifest["model"]
    return Run(folder=folder, manifest=manifest, model=":".join(list(identity.values())[:2]), records=records)


def named_apart(runs: Sequence[Run]) -> list[Run]:
    """Return the runs with names of models of which no two are alike."""
    from dataclasses import replace

    seen: Counter[str] = Counter()
    apart = []
    for run in runs:
        seen[run.model] += 1
        number = seen[run.model]
        apart.append(run if number == 1 else replace(run, model=f"{run.model} ({number})"))
    return apart


def portable_of(
    runs: Sequence[Run], wanted: Wanted, names: Sequence[str], dataset_root: str | None, registry: Registry
) -> Portable:
    """Return the portable constraints of runs.

    Raises:
        HarnessError: the runs share no task, or a task of theirs differs.
    """
    import harness
    from harness.ledger import RECORDS
    from harness.opening import chosen_types, open_tasks
    from harness.seal import hash_of

    facts = common_tasks(runs)
    plan = plan_of(runs[0].manifest["plan"], sorted(facts), names, dataset_root)
    types = chosen_types(plan, registry)
    items: dict[str, tuple[PortableConstraint, ...]] = {}
    without: Counter[str] = Counter()
    for name, task in open_tasks(plan, registry).items():
        check_rows(name, task, facts[name])
        found, lacking = exported(task, {run.model: run.records[name] for run in runs}, types, wanted)
        items |= found
        without += lacking
    used = sorted({one.constraint.type for its in items.values() for one in its})
    return Portable(
        harness=harness.__version__,
        seed=wanted.seed,
        least_q=wanted.least_q,
        runs=tuple(
            Origin(folder=run.folder.name, model=run.manifest["model"], records=hash_of(run.folder / RECORDS))
            for run in runs
        ),
        tasks=facts,
        constraint_types={name: types[name].version for name in used},
        items=items,
        without=dict(sorted(without.items())),
    )


def common_tasks(runs: Sequence[Run]) -> dict[str, dict[str, Json]]:
    """Return the facts of the tasks that all runs have.

    Raises:
        HarnessError: there is none, or one is graded otherwise or on other documents in one of them.
    """
    first = runs[0]
    facts: dict[str, dict[str, Json]] = {}
    for name, its in first.manifest["tasks"].items():
        if not all(name in run.records for run in runs):
            continue
        facts[name] = kept_facts(its)
        for run in runs[1:]:
            if kept_facts(run.manifest["tasks"][name]) != facts[name]:
                raise HarnessError(
                    f"task {name} differs between {first.folder} and {run.folder}: {facts[name]} and "
                    f"{kept_facts(run.manifest['tasks'][name])}"
                )
    if not facts:
        raise HarnessError("the runs have no task in common: " + "; ".join(str(run.folder) for run in runs))
    return facts


def check_rows(name: str, task: Task, facts: Mapping[str, Json]) -> None:
    """Check that a task is still what the runs asked.

    Raises:
        HarnessError: it is not.
    """
    here = facts_now(task)
    if here != dict(facts):
        raise HarnessError(f"task {name} is not what the runs asked: {dict(facts)} then and {here} now")


def plan_of(plan: Mapping[str, Any], tasks: Iterable[str], names: Iterable[str], dataset_root: str | None) -> Plan:
    """Return the plan of a run, for opening tasks and types of it again."""
    from dataclasses import replace

    from harness import TaskSettings

    settings = msgspec.convert(plan["settings"], TaskSettings)
    if dataset_root is not None:
        settings = replace(settings, dataset_root=dataset_root)
    return Plan(tasks=tuple(tasks), constraint_type=tuple(names), settings=settings)
