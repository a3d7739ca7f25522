"""`harness leaderboard RUN... --output DIR`: the static site of runs, every one verified first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness import HarnessError
from harness.report import visible
from harness_site.board.models import read_facts
from harness_site.board.submission import Submission, read_submissions

#: Exit status where a run is not what it says.
DIFFERS = 1


def call(words: Sequence[str]) -> int:
    """Make the site that the words ask for; return the exit status.

    Raises:
        HarnessError: a folder that is no finished run, nothing to rank, or a site that cannot be written.
    """
    from harness.plugin_flags import loaded
    from harness_site.site import files_of, site_of

    given = parser().parse_args(list(words))
    registry = loaded(given)
    facts = read_facts(given.lineage) if given.lineage else {}
    submissions = read_submissions(runs_in(given.runs), registry, facts, checked=not given.unverified)
    site = site_of(submissions, registry.evaluations)
    if not site.lines and not site.ordinal:
        evaluations = ", ".join(sorted({one.evaluation for one in submissions}))
        raise HarnessError(
            f"leaderboard: nothing to rank: these are runs of {evaluations}; "
            "the board ranks runs of sustainscore and of the ordinal evaluations"
        )
    count = written(given.output, files_of(site))
    say(submissions, given.output, count)
    return DIFFERS if any(one.failed for one in submissions) else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's words."""
    from harness.plugin_flags import add_plugin_flags

    found = argparse.ArgumentParser(prog="harness leaderboard", description="Rank runs on a static site, with ties.")
    found.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="folder of a finished run, or one that holds such folders"
    )
    found.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="folder of the site; files are replaced"
    )
    found.add_argument("--lineage", metavar="FILE", help="lineage file: family, stage, parent of models")
    found.add_argument("--unverified", action="store_true", help="do not verify the runs, and say so on the site")
    add_plugin_flags(found)
    return found


def runs_in(folders: Sequence[Path]) -> list[Path]:
    """Return the run folders among and in folders, in order of name within each.

    Raises:
        HarnessError: a folder holds no finished run.
    """
    from harness.ledger import RESULTS

    found: list[Path] = []
    for folder in folders:
        inside = (
            [folder] if (folder / RESULTS).exists() else sorted(path.parent for path in folder.glob(f"*/{RESULTS}"))
        )
        if not inside:
            raise HarnessError(f"leaderboard {folder}: neither a finished run nor a folder of such runs")
        found += inside
    return found


def written(output: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files of the site; return their number.

    Raises:
        HarnessError: one cannot be written.
    """
    count = 0
    try:
        for name, content in files:
            path = output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            count += 1
    except OSError as error:
        raise HarnessError(f"--output {output}: {error}") from error
    return count


def say(submissions: Sequence[Submission], output: Path, count: int) -> None:
    """Print what was verified, and where the site is."""
    for one in submissions:
        parts = [f"{check.name}: {check.said}" for check in (*one.failed, *one.unknown)]
        sys.stdout.write(f"{one.standing:<10} {visible(one.model):<30} {one.folder.name}\n")
        sys.stdout.writelines(f"           {part}\n" for part in parts)
    sys.stdout.write(f"{count:,} files; open {output / 'index.html'}\n")
