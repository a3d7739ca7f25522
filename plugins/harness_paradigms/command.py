"""`harness paradigms FILE.yaml`: tables on the terminal; with `--output` a report and the ladder as a picture."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import HarnessError
from harness.report import markdown_table, print_json, print_table
from harness_paradigms.effects import PORTABLE
from harness_paradigms.lineage import READY, lineages_of
from harness_paradigms.report import Compared, compared, tables_of, unlike
from harness_paradigms.runs import added_runs, opened_runs

PICTURES = "pictures"


def call(words: Sequence[str]) -> int:
    """Compare the lineages of a file; return the exit status.

    Raises:
        HarnessError: the file has faults, a folder is no run, runs are not of one kind, or nothing can be compared.
    """
    given = parser().parse_args(list(words))
    lineages = lineages_of(given.file)
    runs = opened_runs(lineages, added_runs(given.run, lineages))
    differing = unlike(lineages, runs)
    if differing and not given.force:
        lines = "\n  ".join(differing)
        raise HarnessError(f"paradigms: these runs are not of one kind; --force compares them all the same\n  {lines}")
    found = compared(lineages, runs)
    if not any(one.metric == PORTABLE for one in found.estimates):
        raise HarnessError(nothing(found))
    if given.json:
        value = {"forced": differing, "warnings": found.warnings, "estimates": found.estimates}
        print_json(value)
    else:
        say(found, differing)
    if given.output:
        write(found, differing, given.output)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    ready = ", ".join(sorted(path.stem for path in READY.glob("*.yaml")))
    made = argparse.ArgumentParser(prog="harness paradigms", description="Compare stages of post-training.")
    made.add_argument("file", help=f"a lineage file, or one of the ready-made ones: {ready}")
    made.add_argument(
        "--run", action="append", default=[], metavar="MEMBER=FOLDER", help="a run of a member, beside the file's"
    )
    made.add_argument("--force", action="store_true", help="compare runs of other versions too, and say so")
    made.add_argument("--json", action="store_true", help="print JSON")
    made.add_argument("--output", type=Path, metavar="DIR", help="write report.md and the ladder there")
    return made


def nothing(found: Compared) -> str:
    """Return why nothing could be compared, and what to do."""
    lacking = "\n  ".join(found.warnings)
    return (
        "paradigms: no step of a lineage has runs with portable constraints of both members that share a solved item. "
        "Run each member (`harness run`), export what they share (`harness constraints export RUN...`), run each again "
        "with `--constraint-source portable --constraint-file FILE`, and name the runs in the file or by --run."
        f"\n  {lacking}"
    )


def say(found: Compared, forced: Sequence[str]) -> None:
    """Print warnings and tables."""
    for line in preface(found, forced):
        print(line)  # noqa: T201  # a command speaks
    for table in tables_of(found):
        if table.rows and not table.detail:
            print_table(table)


def preface(found: Compared, forced: Sequence[str]) -> Iterator[str]:
    """Yield what stands above the tables."""
    if forced:
        yield "FORCED: these runs are not of one kind, and the differences mix what is named here:"
        yield from (f"- {what}" for what in forced)
        yield ""
    yield from (f"- {one}" for one in found.warnings)
    yield ""


def write(found: Compared, forced: Sequence[str], folder: Path) -> None:
    """Write report.md with the ladder."""
    from harness_paradigms.ladder import draw_ladders

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["# Stages of post-training", "", *preface(found, forced)]
        for path in draw_ladders(found.estimates, folder / PICTURES):
            if path.suffix == ".svg":
                lines += [f"![ladder]({path.relative_to(folder)})", ""]
        for table in tables_of(found):
            if table.rows:
                lines += markdown_table(table)
        report = folder / "report.md"
        report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"--output {folder}: {error.strerror}") from error
    print(report)  # noqa: T201  # a command speaks
