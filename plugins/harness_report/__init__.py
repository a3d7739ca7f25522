"""report.md, the run for a reader with the funnel line first; and its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness import Finished, Reporter, hookimpl
from harness.report import funnel_line, markdown_table, tables_of, usage_table


def write_markdown(end: Finished) -> Iterable[Path]:
    """Write report.md and the pictures that it shows into the run folder."""
    pictures = list(drawn(end))
    path = end.folder / "report.md"
    path.write_text("\n".join(markdown(end, pictures)) + "\n", encoding="utf-8", errors="replace")
    return [path, *pictures]


def markdown(end: Finished, pictures: Sequence[Path] = ()) -> Iterator[str]:
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
    for number, table in enumerate(tables_of(end.estimates, layout=end.evaluation.layout)):
        yield from markdown_table(table)
        if number == 0:
            yield from shown(pictures)
    if end.usage:
        yield from markdown_table(usage_table(end.usage, end.price))


def shown(pictures: Sequence[Path]) -> Iterator[str]:
    """Yield the links that show the pictures."""
    for path in pictures:
        if path.suffix == ".svg":
            yield f"![{path.stem.replace('_', ' ')}]({path.parent.name}/{path.name})"
            yield ""


def drawn(end: Finished) -> Iterable[Path]:
    """Draw a SustainScore run; nothing is imported or drawn for runs that have no interference to show."""
    if not any(one.metric == "D_spec" and one.value is not None for one in end.estimates):
        return []
    from harness_report.pictures import draw

    return draw(end.estimates, end.folder)


@hookimpl
def harness_reporters() -> Iterable[Reporter]:
    """Yield the reporter `markdown`."""
    yield Reporter(
        name="markdown", summary="report.md: funnel, reasons, tables; pictures as SVG and PNG", write=write_markdown
    )
