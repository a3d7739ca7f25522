"""`harness analyse RUN --model glmm|gee|ordinal`: a further model of a finished run, as tables or JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness import Estimate
from harness_sustainscore.analyse.draws import Draw, draws_of
from harness_sustainscore.analyse.mixed import marginal, mixed
from harness_sustainscore.analyse.severity import severities
from harness_sustainscore.stored import stored_run

MODELS: Mapping[str, Callable[[Sequence[Draw]], Iterable[Estimate]]] = {
    "glmm": mixed,
    "gee": marginal,
    "ordinal": severities,
}


def call(words: Sequence[str]) -> int:
    """Fit the model that the words name; return the exit status.

    Raises:
        HarnessError: it is no finished run of sustainscore, or has too little to fit.
    """
    given = parser().parse_args(list(words))
    run = stored_run(given.run)  # says so where it is another evaluation's
    draws = draws_of(given.run)
    estimates = [*untreated(run.results["tasks"], draws), *MODELS[given.model](draws)]
    from harness.report import print_json, print_table, tables_of

    if given.json:
        print_json(estimates)
        return 0
    for table in tables_of(estimates):
        print_table(table)
    for method in dict.fromkeys(one.method for one in estimates if one.method):
        sys.stdout.write(f"  {method}\n")
    return 0


def untreated(tasks: Iterable[str], draws: Sequence[Draw]) -> Iterator[Estimate]:
    """Yield a line for each task without a single draw: no model says anything of it."""
    drawn = {draw.task for draw in draws}
    for task in tasks:
        if task not in drawn:
            note = "no solved item has a judged constrained or placebo answer"
            yield Estimate(metric="draws", value=0, n=0, unit="count", note=note, labels={"task": task})


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    found = argparse.ArgumentParser(prog="harness analyse", description="Fit a further model to a finished run.")
    found.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    found.add_argument(
        "--model",
        choices=sorted(MODELS),
        default="glmm",
        help="glmm: mixed logistic; gee: marginal logistic; ordinal: how bad a loss is, a cumulative link model",
    )
    found.add_argument("--json", action="store_true", help="print JSON")
    return found
