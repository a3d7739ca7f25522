"""The program `harness`: its subcommands, and what becomes of an error."""

from __future__ import annotations

import sys

import typer

import harness
from harness.cli.exits import FAILED, INTERRUPTED
from harness.errors import HarnessError

app = typer.Typer(
    name="harness",
    help="Measure what instructions cost: SustainScore and ordinal evaluation of language models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(harness.__version__)
        raise typer.Exit


@app.callback()
def root(
    _version: bool = typer.Option(False, "--version", callback=version, is_eager=True, help="Print the version."),
) -> None:
    """Measure what instructions cost: SustainScore and ordinal evaluation of language models."""


def main() -> None:
    """Run the program; an error for the user is one line and exit status 2."""
    from harness.cli import list_, plugins, run, show, validate  # noqa: F401  # each adds its command
    from harness.cli.further import call_further

    try:
        if not call_further(sys.argv[1:]):
            app()
    except HarnessError as error:
        print(f"harness: {error}", file=sys.stderr)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        print("harness: interrupted; the same command goes on where this one stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
