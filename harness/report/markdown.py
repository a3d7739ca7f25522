"""A table as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.figures import Table


def markdown_table(table: Table) -> Iterator[str]:
    """Yield the lines of one table and its notes."""
    if table.title:
        yield f"## {table.title}"
        yield ""
    if table.columns:
        yield "| " + " | ".join(map(cell, table.columns)) + " |"
        yield "| " + " | ".join("---" for _ in table.columns) + " |"
        yield from ("| " + " | ".join(map(cell, row)) + " |" for row in table.rows)
    else:
        yield from (f"    {' '.join(' '.join(row).split())}" for row in table.rows)  # a block of code
    yield ""
    yield from (f"- {note}" for note in table.notes)
    if table.notes:
        yield ""


def cell(text: str) -> str:
    """Return text that cannot break out of a table cell."""
    return " ".join(text.replace("|", "\\|").split())
