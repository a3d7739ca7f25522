"""`harness compare RUN RUN ...`: every pair of runs on their common items, as a table, Markdown or JSON."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness import Estimate, HarnessError
from harness.report import amount, bounds, p_text, print_json
from harness_sustainscore.compare.fitting import mismatches
from harness_sustainscore.compare.pairing import pair_estimates
from harness_sustainscore.compare.verdicts import adjusted
from harness_sustainscore.stored import StoredRun, stored_run

COLUMNS = ("first", "second", "task", "k", "family", "n", "D_spec first", "D_spec second", "difference", "p", "verdict")
FORCED = "FORCED: these runs are not of one kind, and the differences mix what is named here:"


def call(words: Sequence[str]) -> int:
    """Compare the runs that the words name; return the exit status.

    Raises:
        HarnessError: fewer than two runs, runs that differ in what may not differ, or no common item.
    """
    given = parser().parse_args(list(words))
    if len(given.runs) < 2:  # noqa: PLR2004  # a comparison needs two
        raise HarnessError("compare: give two or more run folders")
    runs = [stored_run(folder) for folder in given.runs]
    unlike = mismatches(runs)
    if unlike and not given.force:
        lines = "\n  ".join(unlike)
        raise HarnessError(f"compare: these runs are not of one kind; --force compares them all the same\n  {lines}")
    estimates = compared(runs)
    if not estimates:
        raise HarnessError("compare: no item was solved and asked with a constraint in two of these runs")
    if given.json:
        value = {"forced": unlike, "runs": [str(run.folder) for run in runs], "estimates": estimates}
        print_json(value)
    else:
        say(runs, estimates, unlike, markdown=given.markdown)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    found = argparse.ArgumentParser(prog="harness compare", description="Compare runs on the items that they share.")
    found.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a finished run")
    found.add_argument("--force", action="store_true", help="compare runs of other versions too, and say so")
    form = found.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print a Markdown table")
    return found


def compared(runs: Sequence[StoredRun]) -> list[Estimate]:
    """Return the estimates of every pair of runs, adjusted together; labelled by the runs' numbers, from 1."""
    found = [
        replace(one, labels={"first": str(i), "second": str(j), **one.labels})
        for (i, first), (j, second) in itertools.combinations(enumerate(runs, start=1), 2)
        for one in pair_estimates(first.rows, second.rows)
    ]
    return adjusted(found)


def say(runs: Sequence[StoredRun], estimates: Sequence[Estimate], unlike: Sequence[str], *, markdown: bool) -> None:
    """Print which runs these are, what was forced, and the table."""
    from harness.report import Table, markdown_table, print_table

    lines = [f"{number}  {run.model}  {run.folder}" for number, run in enumerate(runs, start=1)]
    if unlike:
        lines += ["", FORCED, *(f"  {what}" for what in unlike)]
    sys.stdout.write("\n".join(f"- {line}" if markdown and line else line for line in lines) + "\n\n")
    table = Table(columns=COLUMNS, rows=tuple(rows_of(estimates)), notes=notes_of(estimates))
    if markdown:
        sys.stdout.write("\n".join(markdown_table(table)) + "\n")
    else:
        print_table(table)


def rows_of(estimates: Sequence[Estimate]) -> list[tuple[str, ...]]:
    """Return one row for each difference."""
    cells: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for one in estimates:
        cells.setdefault(tuple(one.labels.values()), {})[one.metric] = one
    return [row_of(found) for found in cells.values()]


def row_of(found: dict[str, Estimate]) -> tuple[str, ...]:
    """Return the row of one comparison."""
    difference = found["difference"]
    labels = difference.labels
    return (
        *(labels[name] for name in ("first", "second", "task", "k", "family")),
        f"{difference.n:,}",
        *(amount(found[name].value, "points") for name in ("D_spec_first", "D_spec_second")),
        f"{amount(difference.value, 'points')} {bounds(difference)}".strip(),
        p_text(difference.p_adjusted),
        difference.note,
    )


def notes_of(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Return what a reader must know of the table."""
    how = sorted({one.adjustment for one in estimates if one.adjustment}, reverse=True)
    return (
        "difference: D_spec of the second less that of the first, on items whose selection sample both solved",
        f"p: adjusted ({'; '.join(how)}); tie: no difference is shown",
    )
