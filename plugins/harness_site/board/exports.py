"""The board as files for other programs: CSV and JSON with every number and bound, Markdown and LaTeX as shown."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness import Estimate, Json, Table
from harness.report import json_text, markdown_table
from harness_site.board.columns import COLUMNS, Column, items, number_text, tokens
from harness_site.board.lines import Line
from harness_site.board.ordinal import OrdinalLine, metrics_of

#: Estimates of a line, with their bounds, as CSV and JSON give them.
MEASURES = tuple(
    column.name
    for column in COLUMNS
    if column.name
    in {"D_spec", "D", "sustain_raw", "sustain_adjusted", "floor", "placebo", "base_accuracy", "compliance"}
)
#: A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LATEX = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
})  # fmt: skip


def board_files(lines: Sequence[Line]) -> Mapping[str, str]:
    """Return the board by file name."""
    table = shown(lines)
    return {
        "board.csv": csv_text([flat(line) for line in lines]),
        "board.json": json_text([flat(line) for line in lines]),
        "board.md": markdown_text(table),
        "board.tex": latex_text(table, COLUMNS),
    }


def ordinal_files(lines: Sequence[OrdinalLine]) -> Mapping[str, str]:
    """Return the ordinal board by file name."""
    table = ordinal_table(lines)
    return {
        "ordinal.csv": csv_text([ordinal_flat(line) for line in lines]),
        "ordinal.json": json_text([ordinal_flat(line) for line in lines]),
        "ordinal.md": markdown_text(table),
        "ordinal.tex": latex_text(table),
    }


def shown(lines: Sequence[Line]) -> Table:
    """Return the board as it is shown, with the family of constraints, which a page has above its table."""
    columns = ("constraint family", *(column.heading for column in COLUMNS))
    rows = tuple((line.scope.family, *(column.text(line) for column in COLUMNS)) for line in lines)
    return Table(columns=columns, rows=rows)


def flat(line: Line) -> dict[str, Json]:
    """Return a line as names and plain values; None is unknown."""
    one = line.submission
    row: dict[str, Json] = {
        "run": one.name,
        "model": one.model,
        "model_family": one.facts.family or None,
        "stage": one.facts.stage or None,
        "parent": one.facts.parent or None,
        "domain": line.scope.domain,
        "task": line.scope.task,
        "k": line.scope.k,
        "constraint_family": line.scope.family,
        "rank_best": None if line.rank is None else line.rank.best,
        "rank_worst": None if line.rank is None else line.rank.worst,
        "ranked": None if line.rank is None else line.rank.among,
        "not_ranked": line.why or None,
        "n": items(line),
    }
    for name in MEASURES:
        row |= bounded(name, line.cell.get(name))
    known = line.excess[0] if line.excess else None
    row |= {"excess_class": known.labels["class"] if known else None, **bounded("excess", known)}
    row |= {"tokens_per_document": tokens(line), "requests_per_document": one.cost.per_document(one.cost.requests)}
    return row | {"verified": one.standing, **{f"check_{check.name}": check.passed for check in one.checks}}


def bounded(name: str, one: Estimate | None) -> dict[str, Json]:
    """Return an estimate as columns: value, bounds, and p-values where a test was made."""
    found: dict[str, Json] = {
        name: None if one is None else one.value,
        f"{name}_low": None if one is None else one.low,
        f"{name}_high": None if one is None else one.high,
    }
    if name in {"D_spec", "D", "excess"}:
        found |= {
            f"{name}_p": None if one is None else one.p,
            f"{name}_p_adjusted": None if one is None else one.p_adjusted,
        }
    return found


def ordinal_flat(line: OrdinalLine) -> dict[str, Json]:
    """Return a line of the ordinal board as names and plain values."""
    row: dict[str, Json] = {
        "run": line.submission.name,
        "model": line.submission.model,
        "evaluation": line.submission.evaluation,
        "task": line.task,
        "way": line.way_text,
    }
    for name, one in line.cell.items():
        row |= {"n": one.n, **bounded(name, one)}
    return row | {"verified": line.submission.standing}


def ordinal_table(lines: Sequence[OrdinalLine]) -> Table:
    """Return the ordinal board as it is shown."""
    metrics = metrics_of(lines)
    rows = []
    for line in lines:
        numbers = (number_text(line.cell.get(name)) for name in metrics)
        n = max(one.n for one in line.cell.values())
        rows.append((line.submission.model, line.task, line.way_text, f"{n:,}", *numbers, line.submission.standing))
    return Table(columns=("model", "task", "way", "n", *metrics, "verified"), rows=tuple(rows))


def markdown_text(table: Table) -> str:
    """Return a table as Markdown in which no text is HTML."""
    rows = tuple(tuple(html.escape(cell, quote=False) for cell in row) for row in table.rows)
    return "\n".join(markdown_table(replace(table, rows=rows))) + "\n"


def csv_text(rows: Sequence[Mapping[str, Json]]) -> str:
    """Return rows as CSV; unknown is empty, and no text is a formula to a spreadsheet."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain_cell(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def plain_cell(value: Json) -> Json:
    """Return a value of a CSV cell.

    >>> plain_cell("=1+1"), plain_cell(-0.5), plain_cell(None), plain_cell(True)
    ("'=1+1", -0.5, '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def latex_text(table: Table, columns: Sequence[Column] = ()) -> str:
    """Return a table as LaTeX, for the package booktabs."""
    numbers = {column.heading for column in columns if column.number}
    places = "".join("r" if name in numbers else "l" for name in table.columns)
    return "\n".join(latex_lines(table, places)) + "\n"


def latex_lines(table: Table, places: str) -> Iterator[str]:
    """Yield the lines of a LaTeX table."""
    yield r"% needs \usepackage{booktabs}"
    yield rf"\begin{{tabular}}{{{places}}}"
    yield r"\toprule"
    yield " & ".join(map(latex_cell, table.columns)) + r" \\"
    yield r"\midrule"
    for row in table.rows:
        yield " & ".join(map(latex_cell, row)) + r" \\"
    yield r"\bottomrule"
    yield r"\end{tabular}"


def latex_cell(text: str) -> str:
    r"""Return text that LaTeX prints as it is.

    >>> latex_cell("50 % of a_b & \\input{x}")
    '50 \\% of a\\_b \\& \\textbackslash{}input\\{x\\}'
    """
    return " ".join(text.split()).translate(LATEX)
