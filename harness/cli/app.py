"""The program `harness`: its subcommands, and what becomes of an error."""

from __future__ import annotations

import sys
from typing import Any

import typer

import harness
from harness.cli.exits import FAILED
from harness.cli.further import call_further
from harness.cli.list_ import list_
from harness.cli.plan import plan
from harness.cli.plugins import plugins
from harness.cli.run import run
from harness.cli.show import show
from harness.cli.validate import validate
from harness.cli.verify import verify
from harness.errors import HarnessError
from harness.garbage import settled


def version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(harness.__version__)
        raise typer.Exit


def root(
    _version: bool = typer.Option(False, "--version", callback=version, is_eager=True, help="Print the version."),
) -> None:
    """Measure what instructions cost: SustainScore and ordinal evaluation of language models.

    Plugins add further commands: `harness plugins` names them.
    """


#: An evaluation's options are flags too.
OPEN_ENDED = {"allow_extra_args": True, "ignore_unknown_options": True}


def run_command() -> Any:
    """Return the command `run` by itself, to read its flags where another command takes them."""
    app = typer.Typer(add_completion=False)
    app.command(name="run", context_settings=OPEN_ENDED)(run)
    return typer.main.get_command(app)


def program() -> typer.Typer:
    """Return the program with its subcommands."""
    app = typer.Typer(
        name="harness",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(root)
    app.command(name="run", context_settings=OPEN_ENDED)(run)
    app.command(name="plan", context_settings=OPEN_ENDED)(plan)
    for name, command in (
        ("list", list_),
        ("show", show),
        ("plugins", plugins),
        ("validate", validate),
        ("verify", verify),
    ):
        app.command(name=name)(command)
    return app


def main() -> None:
    """Run the program; an error for the user is one line and exit status 2."""
    try:
        with settled():
            if not call_further(sys.argv[1:]):
                program()()
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(FAILED)
