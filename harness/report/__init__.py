"""From estimates to what a reader sees."""

from harness.figures import Table
from harness.report.funnel import funnel_line
from harness.report.hostile import visible
from harness.report.json_text import json_text, print_json
from harness.report.markdown import markdown_table
from harness.report.table import notes_of, tables_of
from harness.report.terminal import print_table
from harness.report.usage import usage_table
from harness.report.words import amount, bounds, interval_text, p_text

__all__ = [
    "Table",
    "amount",
    "bounds",
    "funnel_line",
    "interval_text",
    "json_text",
    "markdown_table",
    "notes_of",
    "p_text",
    "print_json",
    "print_table",
    "tables_of",
    "usage_table",
    "visible",
]
