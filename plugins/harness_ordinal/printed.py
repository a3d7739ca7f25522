"""Estimates of a command as tables on the terminal, or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from harness import Estimate


def print_estimates(estimates: Sequence[Estimate], *, as_json: bool) -> None:
    """Print estimates."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(list(estimates)), indent=2).decode() + "\n")
        return
    from harness.report import tables_of
    from harness.report.terminal import print_table

    for table in tables_of(estimates):
        print_table(table)
