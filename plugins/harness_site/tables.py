"""Tables of the board as a template shows them: cells with what they sort by, and the filters above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.report import p_text
from harness.report.words import UNKNOWN
from harness_site.board.columns import COLUMNS, Column, number_text
from harness_site.board.lines import Line
from harness_site.board.ordinal import METRICS, OrdinalLine, metrics_of
from harness_sustainscore import ALL

#: Columns by which the board can be filtered, where they hold more than one value.
FILTERED = ("domain", "task", "k", "model_family", "stage", "standing", "family")
#: What sorts behind every number: unknown, in either direction of a table that knows no better.
LAST = "1e99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell."""

    text: str
    #: What it sorts by; None: its text.
    order: float | str | None = None
    #: A page of the site.
    link: str = ""
    small: str = ""
    #: Its classes in the style sheet.
    look: str = ""
    title: str = ""
    #: Whether it names its row.
    head: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One column."""

    name: str
    heading: str
    help: str
    number: bool = False
    #: Left out where the page is narrow.
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One choice among the values of a column."""

    name: str
    heading: str
    place: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table that sorts, searches and filters."""

    #: Of its element; unique on a page.
    name: str
    caption: str
    columns: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    filters: tuple[Filter, ...] = ()


FAMILY = Head(name="family", heading="Constraints", help="Family of constraints")


def board_table(lines: Sequence[Line], tasks: Mapping[str, str], caption: str, *, families: bool = False) -> Shown:
    """Return lines as a table, without the columns of which nothing is known.

    Args:
        lines: ranked, in order.
        tasks: the page of each task.
        caption: what the table is, for those who hear it.
        families: whether the family of constraints is a column of its own.
    """
    columns = [column for column in COLUMNS if any(column.text(line) != UNKNOWN for line in lines)]
    heads = [
        Head(name=one.name, heading=one.heading, help=one.help, number=one.number, wide=one.wide) for one in columns
    ]
    rows = [[board_cell(column, line, tasks) for column in columns] for line in lines]
    if families:
        at = next(place for place, head in enumerate(heads) if head.name == "k")
        heads.insert(at, FAMILY)
        for row, line in zip(rows, lines, strict=True):
            row.insert(at, Cell(text=line.scope.family))
    return filtered("board", caption, heads, rows)


def filtered(name: str, caption: str, heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> Shown:
    """Return a table with a filter over each column of `FILTERED` that holds more than one value."""
    filters = []
    for place, head in enumerate(heads):
        values = tuple(dict.fromkeys(row[place].text for row in rows))
        if head.name in FILTERED and len(values) > 1:
            ordered = tuple(sorted(values, key=lambda text: (not text.isdigit(), text.zfill(9), text)))
            filters.append(Filter(name=head.name, heading=head.heading, place=place, values=ordered))
    return Shown(name=name, caption=caption, columns=tuple(heads), rows=tuple(map(tuple, rows)), filters=tuple(filters))


def board_cell(column: Column, line: Line, tasks: Mapping[str, str]) -> Cell:
    """Return one cell of the board."""
    text, by = column.text(line), column.sort(line)
    order = (LAST if by is None else by) if column.number else None
    look = f"{'number' if column.number else ''} {'wide' if column.wide else ''}".strip()
    if column.name == "model":
        return Cell(text=text, link=model_path(line.submission.name), head=True, title=line.submission.name)
    if column.name == "task":
        return Cell(text=text, link=tasks.get(text, ""))
    if column.name == "standing":
        return Cell(text=text, look=text)
    if column.name == "rank":
        return Cell(text=text, order=order, look=look, title=rank_title(line))
    if column.name == "D_spec" and (one := line.cell.get("D_spec")) is not None and one.p is not None:
        adjusted = one.p if one.p_adjusted is None else one.p_adjusted
        return Cell(text=text, order=order, look=look, small=f"p {p_text(adjusted)}", title=one.adjustment)
    return Cell(text=text, order=order, look=look)


def rank_title(line: Line) -> str:
    """Return what a rank rests on, or why there is none."""
    if line.rank is None:
        return line.why
    apart = "".join(f"; not compared with {name}: {why}" for name, why in line.apart.items())
    return f"place {line.rank.text} of {line.rank.among}{apart}"


def model_path(name: str) -> str:
    """Return the page of a run."""
    return f"models/{name}.html"


def ordinal_board(lines: Sequence[OrdinalLine]) -> Shown:
    """Return the ordinal board as a table."""
    metrics = metrics_of(lines)
    heads = [
        Head(name="model", heading="Model", help="The model as the run names it"),
        Head(name="task", heading="Task", help="Rating task"),
        Head(name="way", heading="Way", help="How ratings were had: elicitation, decoding, head, layer"),
        Head(name="n", heading="n", help="Items", number=True),
        *(
            Head(name=name, heading=name, help=f"{'less' if METRICS[name] else 'more'} is better", number=True)
            for name in metrics
        ),
        Head(name="standing", heading="Verified", help="Whether `harness verify` found the run to be what it says"),
    ]
    return filtered("ordinal", "Ordinal board", heads, [ordinal_row(line, metrics) for line in lines])


def ordinal_row(line: OrdinalLine, metrics: Sequence[str]) -> list[Cell]:
    """Return one row of the ordinal board."""
    n = max(one.n for one in line.cell.values())
    numbers = []
    for name in metrics:
        value = line.value(name)
        numbers.append(
            Cell(text=number_text(line.cell.get(name)), order=LAST if value is None else value, look="number")
        )
    submission = line.submission
    return [
        Cell(text=submission.model, link=model_path(submission.name), head=True, title=submission.name),
        Cell(text=line.task),
        Cell(text=line.way_text),
        Cell(text=f"{n:,}", order=n, look="number"),
        *numbers,
        Cell(text=submission.standing, look=submission.standing),
    ]


def whole(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of all constraints together."""
    return [line for line in lines if line.scope.family == ALL]
