"""Whether a finished run is what it says: files as they were, versions as installed, verdicts and estimates made anew.

No model is asked. Estimates need nothing but the records, unless an evaluation reports a task's own figures; then the
task is opened again, and where that cannot be done the line says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.contracts import ConstraintType, Task
from harness.data import Json, Record
from harness.errors import HarnessError, StoreError, TaskError, blame
from harness.figures import Estimate
from harness.ledger import MANIFEST, RECORDS, Records, read_json, read_results
from harness.opening import open_tasks
from harness.plan import Plan
from harness.prices import Price, usage_rows
from harness.recorded import recorded_tasks
from harness.registry import Registry
from harness.seal import seal_of
from harness.summary import Summary, summary_of

#: How far a recomputed number may be off, relative: another machine sums in another order.
TOLERANCE = 1e-9
#: How many differences a check names one by one.
MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    #: None: it could not be looked at.
    passed: bool | None
    #: In a few words.
    said: str
    #: Each thing that is wrong.
    faults: tuple[str, ...] = ()


def verify(folder: Path, registry: Registry) -> tuple[Check, ...]:
    """Return what the checks of a finished run found.

    Raises:
        StoreError: it is no finished run.
    """
    results = read_results(folder)
    return (
        files_check(folder),
        versions_check(results, registry),
        verdicts_check(Records(folder / RECORDS), results, registry.constraint_types),
        estimates_check(folder, results, registry),
    )


def files_check(folder: Path) -> Check:
    """Compare every file with its hash."""
    try:
        seal = seal_of(folder)
    except StoreError as error:
        return Check(name="files", passed=False, said="no hashes to compare with", faults=(str(error),))
    faults = (*(f"changed: {name}" for name in seal.changed), *(f"missing: {name}" for name in seal.missing))
    added = f", {len(seal.added)} added since: {', '.join(seal.added[:MOST])}" if seal.added else ""
    return Check(name="files", passed=seal.whole, said=f"{len(seal.kept)} as they were{added}", faults=faults)


def versions_check(results: Mapping[str, Json], registry: Registry) -> Check:
    """Compare the versions that made the run with those installed."""
    name = results["evaluation"]["name"]
    evaluation = registry.evaluations.get(name)
    installed = {
        f"evaluation {name}": evaluation.version if evaluation else None,
        **{f"metric {one.name}": one.version for one in registry.metrics.values() if one.evaluation == name},
    }
    told = {
        f"evaluation {name}": results["evaluation"]["version"],
        **{f"metric {metric}": version for metric, version in results["metrics"].items()},
    }
    for kind, version in results["constraint_types"].items():
        told[f"constraint type {kind}"] = version
        found = registry.constraint_types.get(kind)
        installed[f"constraint type {kind}"] = found.version if found else None
    faults = [
        f"{what}: the run has {told.get(what, 'none')}, installed is {installed.get(what) or 'none'}"
        for what in sorted(told.keys() | installed.keys())
        if told.get(what) != installed.get(what)
    ]
    return Check(name="versions", passed=not faults, said=f"{len(told)} compared", faults=tuple(faults))


def verdicts_check(
    records: Iterable[Record], results: Mapping[str, Json], types: Mapping[str, ConstraintType]
) -> Check:
    """Check every answer against its constraints again, for types of the version that judged it."""
    usable = {
        name: types[name]
        for name, version in results["constraint_types"].items()
        if name in types and types[name].version == version
    }
    if not usable:
        return Check(name="verdicts", passed=None if results["constraint_types"] else True, said="none to make anew")
    tally: Counter[str] = Counter()
    faults: list[str] = []
    try:
        for record in records:
            for what in wrong_verdicts(record, usable, tally):
                if len(faults) < MOST:
                    faults.append(what)
    except HarnessError as error:
        return Check(name="verdicts", passed=False, said="could not be made anew", faults=(str(error),))
    said = f"{tally['made']:,} made anew" + (f", {tally['left']:,} not" if tally["left"] else "")
    return Check(name="verdicts", passed=not tally["wrong"], said=said, faults=tuple(faults))


def wrong_verdicts(record: Record, types: Mapping[str, ConstraintType], tally: Counter[str]) -> Iterator[str]:
    """Yield the verdicts of a record that its types do not come to again, and count in `tally` what was made."""
    for trial in record.trials:
        judged = (*record.constraints, *record.foreign.get(trial.arm, ()))
        for constraint, verdict in zip(judged, trial.verdicts, strict=False):
            kind = types.get(constraint.type)
            if kind is None or verdict.met is None or constraint.judged:
                tally["left"] += 1
                continue
            tally["made"] += 1
            with blame(f"{record.doc}, constraint type {kind.name}, check"):
                again = kind.check(constraint, trial.response)
            if again.met is not verdict.met:
                tally["wrong"] += 1
                yield f"{record.doc}, {trial.arm} {trial.draw}: {constraint.type} was judged {verdict.met}"


def estimates_check(folder: Path, results: Mapping[str, Json], registry: Registry) -> Check:
    """Compute every estimate, the funnel and the reasons from the records again."""
    try:
        found = recomputed(folder, results, registry)
    except StoreError as error:
        return Check(name="estimates", passed=False, said="the records cannot be read", faults=(str(error),))
    except HarnessError as error:
        return Check(name="estimates", passed=None, said=f"not computed again: {error}")
    again: list[Json] = msgspec.json.decode(msgspec.json.encode(found.estimates))
    faults = [f"{name} differs" for name in ("funnel", "reasons") if dict(getattr(found, name)) != results[name]]
    faults += differences([whole(row) for row in results["estimates"]], again)
    faults += wrong_usage(found, results)
    said = f"{len(again):,} computed again"
    return Check(name="estimates", passed=not faults, said=said, faults=tuple(faults[:MOST]))


def wrong_usage(found: Summary, results: Mapping[str, Json]) -> Iterator[str]:
    """Yield the arms whose tokens or cost the records do not come to again."""
    price: Price | None = msgspec.convert(results.get("price"), Price | None)
    again = usage_rows(found.usage, price)
    told = results.get("usage", again)  # a run of an earlier version says nothing
    for arm in sorted(again.keys() | told.keys()):
        one, other = told.get(arm, {}), again.get(arm, {})
        if not all(same(one.get(name), other.get(name)) for name in one.keys() | other.keys()):
            yield f"usage of arm {arm}: told {one}, computed again {other}"


def recomputed(folder: Path, results: Mapping[str, Json], registry: Registry) -> Summary:
    """Return what the records come to; with the tasks themselves where their description is not enough."""
    evaluation = registry.pick("evaluation", registry.evaluations, results["evaluation"]["name"])
    metrics = [metric for metric in registry.metrics.values() if metric.evaluation == evaluation.name]
    records = Records(folder / RECORDS)

    def summary(tasks: Mapping[str, Task]) -> Summary:
        try:
            return summary_of(records, metrics, tasks, evaluation.funnel)
        except KeyError as error:
            raise StoreError(f"{records.path}: task {error} is not in results.json") from error

    try:
        return summary(recorded_tasks(results["tasks"]))
    except TaskError:
        return summary(open_tasks(planned(folder), registry))


def planned(folder: Path) -> Plan:
    """Return the plan of a run.

    Raises:
        StoreError: its manifest tells of none.
    """
    try:
        return msgspec.convert(read_json(folder / MANIFEST)["plan"], Plan)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise StoreError(f"{folder / MANIFEST}: not the manifest of a run, or altered: {error}") from error


def whole(row: Json) -> dict[str, Json]:
    """Return a told estimate with all its fields: one that was taken out counts as its default, and one more stays."""
    filled: dict[str, Json] = msgspec.to_builtins(msgspec.convert(row, Estimate))
    return {**filled, **row}


def differences(told: Sequence[Mapping[str, Any]], again: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what two lists of estimates differ in."""
    rows = {key_of(row): row for row in again}
    for row in told:
        other = rows.pop(key_of(row), None)
        if other is None:
            yield f"{described(row)}: not computed again"
            continue
        for field, value in row.items():
            if not same(value, other.get(field)):
                yield f"{described(row)}: {field} is {value}, computed again {other.get(field)}"
    yield from (f"{described(row)}: computed again, but not in results.json" for row in rows.values())


def key_of(row: Mapping[str, Any]) -> str:
    """Return what tells one estimate from the others."""
    return f"{row['metric']} {sorted(row['labels'].items())}"


def described(row: Mapping[str, Any]) -> str:
    """Return an estimate's name and labels in words."""
    return " ".join([str(row["metric"]), *(f"{name}={value}" for name, value in row["labels"].items() if value)])


def same(told: Json, again: Json) -> bool:
    """Whether two JSON values are equal, numbers to the last digits that machines agree in."""
    if isinstance(told, bool) or isinstance(again, bool):
        return told is again
    if isinstance(told, float) or isinstance(again, float):
        try:
            return math.isclose(told, again, rel_tol=TOLERANCE, abs_tol=1e-12)
        except (TypeError, OverflowError):  # no number, or one beyond all that are computed
            return False
    return bool(told == again)
