"""`harness verify RUN`: a finished run is read again and compared with what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.exits import INCOMPLETE


def verify(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")],
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file that is a plugin; repeated.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check the hashes of a run's files, and make its verdicts and every row of its report anew.

    Asks no model. Exit status 1 where something differs or could not be checked.
    """
    from harness.registry import load_registry
    from harness.report import print_json
    from harness.verify import verify as verified

    checks = verified(run, load_registry(files=plugin or ()).checked())
    if json:
        print_json(checks)
    else:
        for check in checks:
            word = {True: "ok", False: "DIFFERS", None: "unknown"}[check.passed]
            print(f"{check.name:<10} {word:<8} {check.said}")
            for fault in check.faults:
                print(f"           {fault}")
    if not all(check.passed for check in checks):
        raise typer.Exit(INCOMPLETE)
