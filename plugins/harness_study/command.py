"""`harness study NAME [--limit N] [--output DIR]`: run everything, offline if the models are, and write the report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import HarnessError
from harness.plugin_flags import add_plugin_flags, loaded
from harness_paradigms import Compared, Lineage, compared, lineages_of, opened_runs
from harness_study.attention import attended
from harness_study.carry import SCALE, Carrier, Outcome, carried_out
from harness_study.config import READY, Study, read_study
from harness_study.report import Result, written


def call(words: Sequence[str]) -> int:
    """Carry out a study; return the exit status.

    Raises:
        HarnessError: a study or lineage file with faults, members that do not go together, a folder that cannot be
            written, or whatever a run raises.
    """
    given = parser().parse_args(list(words))
    if given.limit is not None and given.limit < 1:
        raise HarnessError(f"--limit {given.limit}: at least 1")
    study = read_study(given.study)
    registry = loaded(given, study.plugins)
    output = Path(given.output or f"study-{Path(given.study).stem}")
    lineages = lineages_for(study)  # what does not go together is told before the work
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HarnessError(f"--output {output}: {error.strerror}") from error
    carrier = Carrier(study=study, registry=registry, output=output, limit=given.limit, say=say)
    outcomes = carried_out(carrier)
    attention = attended(carrier, outcomes)
    command = f"harness study {given.study}" + (f" --limit {given.limit}" if given.limit else "")
    climbed = ladder(lineages, outcomes)
    result = Result(study=study, outcomes=outcomes, ladder=climbed, attention=attention, command=command)
    try:
        paths = written(result, output)
    except OSError as error:
        raise HarnessError(f"--output {output}: {error.strerror}") from error
    print(paths[0])  # noqa: T201  # a command speaks
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    ready = ", ".join(sorted(path.stem for path in READY.glob("*.yaml")))
    made = argparse.ArgumentParser(prog="harness study", description="Run a study and write its report.")
    made.add_argument("study", help=f"a study file, or one of: {ready}")
    made.add_argument("--limit", type=int, help="at the most so many documents of each task in every part")
    made.add_argument("--output", metavar="DIR", help="folder for runs and report (default: study-NAME)")
    add_plugin_flags(made)
    return made


def lineages_for(study: Study) -> tuple[Lineage, ...]:
    """Return the lineages that members are compared in; none without portable runs.

    Raises:
        HarnessError: the lineage does not name the members of the study.
    """
    if study.portable is None or len(study.models) < 2:  # noqa: PLR2004  # one member is no ladder
        return ()
    lineages = lineages_of(study.lineage)
    known = [member.name for lineage in lineages for member in lineage.members]
    strange = [member for member in study.models if member not in known]
    if strange:
        raise HarnessError(
            f"study: lineage {study.lineage} has no member {', '.join(strange)} (it has {', '.join(known)})"
        )
    return lineages


def ladder(lineages: Sequence[Lineage], outcomes: Sequence[Outcome]) -> Compared | None:
    """Return the members compared within their lineage; None without lineages."""
    if not lineages:
        return None
    known = {member.name: lineage.id for lineage in lineages for member in lineage.members}
    folders: dict[tuple[str, str], tuple[Path, ...]] = {}
    for one in outcomes:
        if one.part != SCALE:
            key = (known[one.member], one.member)
            folders[key] = (*folders.get(key, ()), one.folder)
    return compared(lineages, opened_runs(lineages, folders))


def say(line: str) -> None:
    """Say on standard error how far it is."""
    sys.stderr.write(f"{line}\n")
