"""From estimates to what a reader sees."""

from harness.report.funnel import funnel_line
from harness.report.table import Table, tables_of
from harness.report.words import amount, bounds, interval_text

__all__ = ["Table", "amount", "bounds", "funnel_line", "interval_text", "tables_of"]
