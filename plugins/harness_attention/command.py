"""`harness attention RUN [--model hf:PATH]`: the analysis on a terminal, and its files beside the run."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import HarnessError, Json
from harness.ledger import MANIFEST, read_json
from harness.plugin_flags import add_plugin_flags, loaded
from harness.registry import Registry
from harness_attention.analysis import Analysis, analysis_of
from harness_attention.doses import dose_estimates, dose_table
from harness_attention.pushing import DOSES, DRAWS, Wanted, pushed_answers, setting_of, top_heads
from harness_attention.report import CORRELATION, FOLDER, tables, told, written

#: Answers between two lines that say how far it is.
PACE = 250
#: Likewise documents that are pushed.
STEP = 10


def call(words: Sequence[str]) -> int:
    """Carry out `harness attention`; return the exit status.

    Raises:
        HarnessError: no such run, a model that cannot be opened or looked into, or nothing to measure.
    """
    given = parser().parse_args(list(words))
    if given.limit is not None and given.limit < 1:
        raise HarnessError(f"--limit {given.limit}: at least 1")
    wanted = None if given.push is None else wanted_of(given)
    analysis = asyncio.run(analysed(given, wanted))
    paths = written(analysis, given.output or given.run / FOLDER)
    print_analysis(analysis)
    sys.stdout.write(f"\n{paths[1]}\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    made = argparse.ArgumentParser(
        prog="harness attention",
        description="What the answers of a run attend to: each goes through the model again as it was given, and the "
        "attention of its tokens to the constraint, the placebo and a piece of the question is measured.",
    )
    made.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run of sustainscore")
    made.add_argument("--model", help="local weights: hf:FOLDER_OR_REPOSITORY, tiny (default: the model of the run)")
    made.add_argument(
        "--model-option", action="append", default=[], metavar="NAME=VALUE", help="option of the backend; repeated"
    )
    made.add_argument("--limit", type=int, help="first documents of each task (default: all)")
    made.add_argument("--output", type=Path, help=f"folder for the files (default: RUN/{FOLDER})")
    made.add_argument(
        "--push",
        nargs="?",
        const="",
        metavar="=NUMBERS",
        help="also answer anew with these added to the attention logits of the span, constraint's and placebo's: "
        f"--push=-1,0,1 (alone: {','.join(f'{dose:g}' for dose in DOSES)})",
    )
    made.add_argument("--push-draws", type=int, default=DRAWS, help="answers at each (default: %(default)s)")
    made.add_argument("--push-limit", type=int, help="first documents of each task (default: as --limit)")
    made.add_argument(
        "--push-heads", type=int, default=0, metavar="N", help="only the N heads that differ most (default: all)"
    )
    made.add_argument("--seed", type=int, default=0, help="of control spans, resamples and flips (default: 0)")
    add_plugin_flags(made)
    return made


def wanted_of(given: argparse.Namespace) -> Wanted:
    """Return how answers are to be pushed.

    Raises:
        HarnessError: something that is no number, or numbers that do not go together.
    """
    try:
        doses = tuple(float(word) for word in given.push.split(",")) if given.push else DOSES
    except ValueError as error:
        raise HarnessError(f"--push {given.push!r}: numbers with commas between them: --push=-inf,-1,0,1") from error
    return Wanted(doses=doses, draws=given.push_draws, limit=given.push_limit or given.limit, heads=given.push_heads)


async def analysed(given: argparse.Namespace, wanted: Wanted | None) -> Analysis:
    """Open the model and analyse the run; push its answers, if wanted."""
    registry = loaded(given)
    manifest = read_json(given.run / MANIFEST)
    setting = setting_of(given.run, registry) if wanted else None  # what cannot be opened is told before the work
    async with opened(registry, manifest, given.model, given.model_option) as model:
        analysis = analysis_of(given.run, model, limit=given.limit, seed=given.seed, watch=watch)
        if wanted is None or setting is None:
            return analysis
        heads = top_heads(analysis.measurement, analysis.estimates, wanted.heads)
        answers = await pushed_answers(setting, model, wanted, heads, pushing)
    return replace(analysis, doses=tuple(dose_estimates(answers, given.seed)))


def opened(registry: Registry, manifest: Mapping[str, Json], named: str | None, words: Sequence[str]) -> Any:
    """Return what opens the model: the one that is named, else the run's with its options.

    Raises:
        HarnessError: no such backend or option.
    """
    from harness.options import options_from

    plan = manifest["plan"]
    given: dict[str, Json] = {} if named else dict(plan["model_option"])
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise HarnessError(f"--model-option {word!r}: NAME=VALUE")
        given[name] = value
    backend_name, _, rest = str(named or plan["model"]).partition(":")
    backend = registry.pick("backend", registry.backends, backend_name)
    return backend.open(rest, options_from(backend.options, given, f"backend {backend.name}"))


def watch(done: int, total: int) -> None:
    """Say on standard error how far it is."""
    if done % PACE == 0 or done == total:
        sys.stderr.write(f"{done:,}/{total:,} answers\n")


def pushing(done: int) -> None:
    """Say on standard error how far the pushed answers are."""
    if done % STEP == 0:
        sys.stderr.write(f"{done:,} documents pushed\n")


def print_analysis(analysis: Analysis) -> None:
    """Print what was measured, and the first tables."""
    from harness.report import print_table

    for line in told(analysis):
        sys.stdout.write(f"{line}\n")
    for table in (*tables(analysis.estimates), dose_table(analysis.doses)):
        if table.rows and not table.detail:
            print_table(table)
    sys.stdout.write(f"  {CORRELATION}\n")
