"""A table on a terminal, or as wide as it needs where there is none."""

from __future__ import annotations

from harness.figures import Table
from harness.report.hostile import visible


def print_table(table: Table) -> None:
    """Print a table and its notes."""
    from rich.console import Console
    from rich.table import Table as RichTable

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(console.width, 240))
    if table.title:
        console.print(f"\n{visible(table.title)}", markup=False, style="bold")
    if table.columns:
        grid = RichTable(box=None, pad_edge=False, header_style="bold")
        for column in table.columns:
            grid.add_column(escaped(column), overflow="fold")
        for row in table.rows:
            grid.add_row(*map(escaped, row))
        console.print(grid)
    else:
        for row in table.rows:
            console.print(visible(" ".join(row)), markup=False, soft_wrap=True)
    for note in table.notes:
        console.print(f"  {visible(note)}", markup=False, style="dim")


def escaped(text: str) -> str:
    """Return text in which rich sees no markup and a terminal no commands."""
    from rich.markup import escape

    return escape(visible(text))
