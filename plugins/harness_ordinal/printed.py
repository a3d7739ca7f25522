"""Estimates of a command as tables on the terminal, or as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from harness import Estimate


def print_estimates(estimates: Sequence[Estimate], *, as_json: bool) -> None:
    """Print estimates."""
    from harness.report import print_json, print_table, tables_of

    if as_json:
        print_json(list(estimates))
        return

    for table in tables_of(estimates):
        print_table(table)
