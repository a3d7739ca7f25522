"""The command line: parses, calls, prints. One file, one subcommand."""

from harness.cli.app import main

__all__ = ["main"]
