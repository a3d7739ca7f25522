"""The report of a run, table by table: first the line of every cell, then what is read beside it.

A cell is a task at one number of constraints, whole or split by family, type or stratum of natural compliance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from harness import Estimate, Table
from harness.report import amount, interval_text, notes_of, p_text
from harness_sustainscore.cell import METRICS
from harness_sustainscore.lines import line_of
from harness_sustainscore.natural import STRATA
from harness_sustainscore.rows import SPLITS, split_of

#: The labels of a cell's estimates.
OF_A_CELL = frozenset({"task", "domain", "k", *SPLITS})
#: Estimates of how interference changes.
CHANGES = ("slope_k", "plateau", "slope_q")
FLOW = ("lost", "gained", "churn", "ate", "lost_all", "gained_all", "churn_all")
COMPLIANCE = ("compliance", "comply_correct", "comply_wrong", "violate_correct", "violate_wrong", "D_complied")
LENIENT = ("sustain_raw", "sustain_raw_lenient", "D", "D_lenient", "D_spec", "D_spec_lenient")
SPLIT_METRICS = ("sustain_raw", "placebo", "D", "D_spec", "compliance", "natural_compliance")
#: Shown in the line of a cell, or only worth a look where something is amiss.
IN_LINES = frozenset({"draws", "truncated", "truncated_null", "natural_compliance"})

#: The estimates of one cell by metric.
Cell = Mapping[str, Estimate]


def layout(estimates: Sequence[Estimate], gap: str) -> tuple[list[Table], list[Estimate]]:
    """Return the tables of a SustainScore report, and the estimates that stand in none of them.

    Args:
        estimates: of a run.
        gap: what stands between a value and its interval.
    """
    cells = cells_of(estimates)
    tables = [table for make in TABLES if (table := make(cells, gap)).rows]
    tables += changes(estimates, gap)
    shown = {*METRICS, *FLOW, *COMPLIANCE, *LENIENT, *IN_LINES}
    rest = [
        one
        for one in estimates
        if one.metric not in CHANGES and not (frozenset(one.labels) == OF_A_CELL and one.metric in shown)
    ]
    return tables, rest


def cells_of(estimates: Sequence[Estimate]) -> list[Cell]:
    """Return the cells in the order of their estimates."""
    found: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for one in estimates:
        if frozenset(one.labels) == OF_A_CELL:
            found.setdefault(tuple(one.labels.values()), {})[one.metric] = one
    return list(found.values())


def labels_of(cell: Cell) -> Mapping[str, str]:
    """Return the labels that the estimates of a cell share."""
    return next(iter(cell.values())).labels


def split_by(cell: Cell) -> str:
    """Return what splits a cell; empty if it is whole."""
    return split_of(labels_of(cell))


def whole(cells: Sequence[Cell], gap: str) -> Table:
    """Return the table of the whole cells: the numbers to quote."""
    chosen = [cell for cell in cells if not split_by(cell)]
    return table("SustainScore", chosen, (*METRICS, "compliance"), ("task", "k"), gap)


def strata(cells: Sequence[Cell], gap: str) -> Table:
    """Return the table of the strata; the strict one at one constraint is the primary test."""
    chosen = [cell for cell in cells if split_by(cell) == "stratum"]
    title = f"By natural compliance ({next(iter(STRATA))} at k = 1 is primary)"
    return table(title, chosen, SPLIT_METRICS, ("task", "k", "stratum"), gap)


def families(cells: Sequence[Cell], gap: str) -> Table:
    """Return the table of the families."""
    chosen = [cell for cell in cells if split_by(cell) == "family"]
    return table("By family", chosen, SPLIT_METRICS, ("task", "k", "family"), gap)


def types(cells: Sequence[Cell], gap: str) -> Table:
    """Return the table of the types."""
    chosen = [cell for cell in cells if split_by(cell) == "type"]
    return table("By type", chosen, SPLIT_METRICS, ("task", "type"), gap, detail=True)


def lines(cells: Sequence[Cell], _gap: str) -> Table:
    """Return one line for each task, family and number of constraints."""
    chosen = [cell for cell in cells if split_by(cell) in {"", "family"} and "sustain_raw" in cell]
    return Table(title="Line by line", rows=tuple((line_of(cell),) for cell in chosen), detail=True)


def flow(cells: Sequence[Cell], gap: str) -> Table:
    """Return the table of losses and gains, on the solved items and on all."""
    chosen = [cell for cell in cells if not split_by(cell)]
    return table("Lost and gained", chosen, FLOW, ("task", "k"), gap, detail=True)


def compliance(cells: Sequence[Cell], gap: str) -> Table:
    """Return the two by two of compliance and correctness."""
    chosen = [cell for cell in cells if not split_by(cell) and "comply_correct" in cell]
    return table("Compliance and correctness", chosen, COMPLIANCE, ("task", "k"), gap, detail=True)


def lenient(cells: Sequence[Cell], gap: str) -> Table:
    """Return the strict beside the lenient grade: what the second keeps was moved, not lost."""
    chosen = [cell for cell in cells if not split_by(cell) and "sustain_raw_lenient" in cell]
    return table("Strict and lenient grade", chosen, LENIENT, ("task", "k"), gap)


TABLES: tuple[Callable[[Sequence[Cell], str], Table], ...] = (
    whole,
    strata,
    families,
    lenient,
    lines,
    types,
    flow,
    compliance,
)


def changes(estimates: Sequence[Estimate], gap: str) -> Iterator[Table]:
    """Yield the table of how interference changes with the number of constraints and with natural compliance."""
    found = [one for one in estimates if one.metric in CHANGES]
    if found:
        rows = tuple((one.labels["task"], one.metric, one.labels["k"], f"{one.n:,}", text(one, gap)) for one in found)
        columns = ("task", "change", "k", "n", "D_spec")
        yield Table(title="How it changes", columns=columns, rows=rows, notes=notes_of(found))


def table(  # what is shown of which cells
    title: str,
    cells: Sequence[Cell],
    metrics: Sequence[str],
    keys: Sequence[str],
    gap: str,
    *,
    detail: bool = False,
) -> Table:
    """Return a table of cells, a column for each metric that one of them has."""
    there = [metric for metric in metrics if any(metric in cell for cell in cells)]
    rows = []
    for cell in cells:
        labels = labels_of(cell)
        n = cell["sustain_raw"].n if "sustain_raw" in cell else max(one.n for one in cell.values())
        numbers = (text(cell[metric], gap) if metric in cell else "" for metric in there)
        rows.append((*(labels[key] for key in keys), f"{n:,}", *numbers))
    shown = [cell[metric] for cell in cells for metric in there if metric in cell]
    return Table(title=title, columns=(*keys, "n", *there), rows=tuple(rows), notes=notes_of(shown), detail=detail)


def text(one: Estimate, gap: str) -> str:
    """Return an estimate; of a primary test the adjusted p-value, marked with a star."""
    if not one.primary or one.p_adjusted is None:
        return interval_text(one, gap)
    bounds = interval_text(one, gap).rpartition(f"{gap}p ")[0]
    return f"{bounds}{gap}p {p_text(one.p_adjusted)} *" if bounds else amount(one.value, one.unit)
