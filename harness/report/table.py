"""Estimates as tables: one for each set of labels, a row for each of their values, a column for each metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.figures import Estimate, Layout, Table
from harness.report.words import amount, bounds, interval_text

#: A table filled less than this is turned: one line for each estimate.
FULL_ENOUGH = 0.6
#: Likewise one with more metrics than this.
WIDEST = 12


def tables_of(estimates: Sequence[Estimate], gap: str = " ", layout: Layout | None = None) -> list[Table]:
    """Return the tables of a report.

    Args:
        estimates: in the order in which they are to be read.
        gap: what stands between a value and its interval.
        layout: of the evaluation, if it has one.
    """
    own, rest = layout(estimates, gap) if layout else ((), estimates)
    groups: dict[tuple[str, ...], list[Estimate]] = {}
    for estimate in rest:
        shown = tuple(name for name, value in estimate.labels.items() if value)
        groups.setdefault(shown, []).append(estimate)
    return [*own, *(table_of(labels, members, gap) for labels, members in groups.items())]


def table_of(labels: tuple[str, ...], estimates: Sequence[Estimate], gap: str) -> Table:
    """Return the table of estimates with the same labels."""
    rows: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for estimate in estimates:
        rows.setdefault(tuple(estimate.labels[name] for name in labels), {})[estimate.metric] = estimate
    metrics = list(dict.fromkeys(estimate.metric for estimate in estimates))
    if len(estimates) < FULL_ENOUGH * len(rows) * len(metrics) or len(metrics) > WIDEST:
        return listed(labels, estimates)
    body = []
    for key, cells in rows.items():
        n = max(cell.n for cell in cells.values())
        body.append((*key, f"{n:,}", *(interval_text(cells[name], gap) if name in cells else "" for name in metrics)))
    return Table(columns=(*labels, "n", *metrics), rows=tuple(body), notes=notes_of(estimates))


def listed(labels: tuple[str, ...], estimates: Sequence[Estimate]) -> Table:
    """Return one line for each estimate."""
    body = []
    for estimate in estimates:
        stderr = "" if estimate.stderr is None else f"± {estimate.stderr:.4f}"
        spread = " ".join(part for part in (stderr, bounds(estimate)) if part)
        key = (estimate.labels[name] for name in labels)
        body.append((*key, estimate.metric, amount(estimate.value, estimate.unit), spread, f"{estimate.n:,}"))
    return Table(columns=(*labels, "metric", "value", "", "n"), rows=tuple(body), notes=notes_of(estimates))


def notes_of(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """Return the notes of estimates, each once, with the metrics they belong to."""
    notes: dict[str, list[str]] = {}
    for estimate in estimates:
        if estimate.note:
            notes.setdefault(estimate.note, []).append(estimate.metric)
    return tuple(f"{', '.join(dict.fromkeys(metrics))}: {note}" for note, metrics in notes.items())
