"""A table as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.table import Table


def markdown_table(table: Table) -> Iterator[str]:
    """Yield the lines of one table and its notes."""
    yield "| " + " | ".join(map(cell, table.columns)) + " |"
    yield "| " + " | ".join("---" for _ in table.columns) + " |"
    yield from ("| " + " | ".join(map(cell, row)) + " |" for row in table.rows)
    yield ""
    yield from (f"- {note}" for note in table.notes)
    if table.notes:
        yield ""


def cell(text: str) -> str:
    """Return text that cannot break out of a table cell."""
    return " ".join(text.replace("|", "\\|").split())
