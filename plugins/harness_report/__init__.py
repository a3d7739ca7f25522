"""report.md: the run for a reader, funnel line first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness import Finished, Reporter, hookimpl
from harness.report import funnel_line, markdown_table, tables_of


def write_markdown(end: Finished) -> Iterable[Path]:
    """Write report.md into the run folder."""
    path = end.folder / "report.md"
    path.write_text("\n".join(markdown(end)) + "\n", encoding="utf-8", errors="replace")
    return [path]


def markdown(end: Finished) -> Iterator[str]:
    """Yield the lines of the report."""
    model = end.manifest["model"]
    yield f"# {', '.join(end.plan.tasks)}: {end.evaluation.name}"
    yield ""
    banner = end.evaluation.banner(end.plan.preset)
    if banner:
        yield f"> **{banner}**"
        yield ""
    yield f"**{funnel_line(end.funnel)}**"
    yield ""
    named = " · ".join(str(value) for value in model.values())
    yield f"Model {named}; seed {end.plan.seed}; harness {end.manifest['harness']}."
    if end.evaluation.draws_constraints:
        count = len(end.manifest["constraint_types"])
        yield f"Constraint types: {', '.join(end.plan.constraint_type)} ({count} types)."
    yield ""
    if end.reasons:
        yield "Went no further:"
        yield ""
        yield from (f"- {count:,}: {why}" for why, count in end.reasons.items())
        yield ""
    for table in tables_of(end.estimates):
        yield from markdown_table(table)


@hookimpl
def harness_reporters() -> Iterable[Reporter]:
    """Yield the reporter `markdown`."""
    yield Reporter(name="markdown", summary="report.md: funnel, reasons and tables", write=write_markdown)
