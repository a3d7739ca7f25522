"""The report of a study: report.md with its figures, and every number in numbers.json; no time or place in either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from harness import Table
from harness.report import markdown_table
from harness_paradigms import Compared, draw_ladders, tables_of
from harness_study.attention import Found, attention_table
from harness_study.carry import Outcome
from harness_study.config import Study
from harness_study.figures import draw
from harness_study.tables import (
    curve_table,
    failure_table,
    family_table,
    findings,
    funnel_table,
    scale_tables,
    sustain_table,
)

PICTURES = "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All that a study found."""

    study: Study
    outcomes: Sequence[Outcome]
    #: None: no portable runs.
    ladder: Compared | None
    attention: Found
    command: str


def written(result: Result, folder: Path) -> list[Path]:
    """Write report, numbers and figures into a folder; return the paths."""
    members = tuple(result.study.models)
    pictures = {path.stem: path for path in draw(result.outcomes, members, folder / PICTURES)}
    if result.ladder is not None:
        for path in draw_ladders(result.ladder.estimates, folder / PICTURES):
            if path.suffix == ".svg":
                pictures["ladder"] = path
    report, numbers = folder / "report.md", folder / "numbers.json"
    report.write_text("\n".join(markdown(result, pictures)) + "\n", encoding="utf-8")
    numbers.write_bytes(
        msgspec.json.format(msgspec.json.encode(values(result), order="deterministic"), indent=1) + b"\n"
    )
    return [report, numbers, *pictures.values()]


def values(result: Result) -> dict[str, object]:
    """Return every number of a study."""
    return {
        "runs": [{"member": one.member, "part": one.part, "estimates": one.estimates} for one in result.outcomes],
        "ladder": [] if result.ladder is None else result.ladder.estimates,
        "attention": result.attention,
    }


def markdown(result: Result, pictures: dict[str, Path]) -> Iterator[str]:
    """Yield the lines of the report."""
    study, outcomes, members = result.study, result.outcomes, tuple(result.study.models)
    yield f"# {study.title}"
    yield ""
    yield from (study.about.strip().splitlines() if study.about else ())
    yield ""
    yield f"Written by `{result.command}`."
    yield ""
    yield "## What was found"
    yield ""
    yield "Each member's own constraints, one or several at a time: where the instruction costs more than any added"
    yield "text as long, or less (the interval of D_spec excludes zero, adjusted p below .05):"
    yield ""
    yield from (f"- {line}" for line in findings(outcomes))
    yield ""
    yield from section(pictures, "models", funnel_table(outcomes), sustain_table(outcomes))
    yield from section(pictures, "families", family_table(outcomes, members))
    yield from section(pictures, "scale", *scale_tables(outcomes, members))
    yield from section(pictures, "failures", failure_table(outcomes, members))
    if result.attention:
        yield from markdown_table(attention_table(result.attention))
    if result.ladder is not None:
        yield "## The ladder: members compared"
        yield ""
        yield from (f"- {one}" for one in result.ladder.warnings)
        yield ""
        yield from section(pictures, "ladder", *tables_of(result.ladder))
    yield from section(pictures, "curve", curve_table(outcomes, members))


def section(pictures: dict[str, Path], name: str, *tables: Table) -> Iterator[str]:
    """Yield tables, and a picture above the last of them; tables without rows are left out."""
    known = [one for one in tables if one.rows]
    for number, one in enumerate(known):
        if number == len(known) - 1 and name in pictures:
            yield f"![{name}]({PICTURES}/{pictures[name].name})"
            yield ""
        yield from markdown_table(one)
