"""What a run prints when it has ended."""

from __future__ import annotations

from harness.contracts import Finished
from harness.ledger import read_results
from harness.report import funnel_line, print_json, print_table, tables_of, usage_table


def print_finished(end: Finished, *, as_json: bool) -> None:
    """Print funnel, reasons and tables; the last line names the run folder."""
    if as_json:
        value = {"folder": str(end.folder), **read_results(end.folder)}
        print_json(value)
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    banner = end.evaluation.banner(end.plan.preset)
    if banner:
        console.print(banner, style="bold", markup=False)
    console.print(funnel_line(end.funnel), style="bold", markup=False)
    for why, count in end.reasons.items():
        console.print(f"  {count:,} {why}", markup=False, style="dim")
    gap = "\n" if console.is_terminal else " "
    for table in tables_of(end.estimates, gap, end.evaluation.layout):
        if not table.detail:
            print_table(table)
    if end.price is not None:
        print_table(usage_table(end.usage, end.price))
    console.print(str(end.folder), markup=False)
