"""What a run prints when it has ended."""

from __future__ import annotations

import sys

import msgspec

from harness.contracts import Finished
from harness.ledger import read_results
from harness.report import Table, funnel_line, tables_of


def print_finished(end: Finished, *, as_json: bool) -> None:
    """Print funnel, reasons and tables; the last line names the run folder."""
    if as_json:
        value = {"folder": str(end.folder), **read_results(end.folder)}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    banner = end.evaluation.banner(end.plan.preset)
    if banner:
        console.print(banner, style="bold", markup=False)
    console.print(funnel_line(end.funnel), style="bold", markup=False)
    for why, count in end.reasons.items():
        console.print(f"  {count:,} {why}", markup=False, style="dim")
    for table in tables_of(end.estimates, gap="\n" if console.is_terminal else " "):
        print_table(table)
    console.print(str(end.folder), markup=False)


def print_table(table: Table) -> None:
    """Print a table and its notes."""
    from rich.console import Console
    from rich.table import Table as RichTable

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 240))
    grid = RichTable(box=None, pad_edge=False, header_style="bold")
    for column in table.columns:
        grid.add_column(column, overflow="fold")
    for row in table.rows:
        grid.add_row(*map(escaped, row))
    console.print(grid)
    for note in table.notes:
        console.print(f"  {note}", markup=False, style="dim")


def escaped(text: str) -> str:
    """Return text in which rich sees no markup."""
    from rich.markup import escape

    return escape(text)
