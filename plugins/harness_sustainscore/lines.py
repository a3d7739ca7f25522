"""A cell in one line, as a paper would quote it: score, floor, placebo, interference, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from harness import Estimate
from harness.report import p_text
from harness_sustainscore.rows import ALL

UNKNOWN = "n/a"


def line_of(cell: Mapping[str, Estimate]) -> str:
    """Return the line of one cell.

    Args:
        cell: its estimates by metric; what is missing is left out or "n/a".
    """
    labels = cell["sustain_raw"].labels
    family = "" if labels["family"] == ALL else f" {labels['family']}"
    parts = [
        f"{labels['task']}{family} k={labels['k'] or UNKNOWN}: SS_raw {share(cell, 'sustain_raw')}",
        f"floor R0 {share(cell, 'floor')}",
        f"placebo {share(cell, 'placebo')}",
        f"SS_adj {share(cell, 'sustain_adjusted')}{between(cell, 'sustain_adjusted', 1, 3)}",
        f"D {points(cell, 'D')}",
        f"D_spec {points(cell, 'D_spec')}{significance(cell, 'D_spec')}",
        f"lost {percent(cell, 'lost')} / gained {percent(cell, 'gained')}",
        f"comply {percent(cell, 'compliance')}",
        f"q {share(cell, 'natural_compliance', 2)}",
        f"n_items {cell['sustain_raw'].n:,} r {plain(cell, 'draws')}",
        f"trunc {percent(cell, 'truncated')}/{percent(cell, 'truncated_null')}",
    ]
    return " | ".join(parts)


def number(cell: Mapping[str, Estimate], metric: str) -> float | None:
    """Return the value of a metric; None where it is not there or not known."""
    return cell[metric].value if metric in cell else None


def share(cell: Mapping[str, Estimate], metric: str, digits: int = 3) -> str:
    """Return a share or ratio without its leading zero."""
    value = number(cell, metric)
    return UNKNOWN if value is None else unled(f"{value:.{digits}f}")


def percent(cell: Mapping[str, Estimate], metric: str) -> str:
    """Return a share in hundredths, without the sign."""
    value = number(cell, metric)
    return UNKNOWN if value is None else f"{100 * value:.1f}"


def points(cell: Mapping[str, Estimate], metric: str) -> str:
    """Return a difference of shares in points, with its interval."""
    value = number(cell, metric)
    return UNKNOWN if value is None else f"{100 * value:.1f}pp{between(cell, metric, 100, 1)}"


def between(cell: Mapping[str, Estimate], metric: str, scale: float, digits: int) -> str:
    """Return the interval of a metric in brackets; empty where there is none."""
    one = cell.get(metric)
    if one is None or one.low is None or one.high is None:
        return ""
    low, high = (
        unled(f"{scale * bound:.{digits}f}") if scale == 1 else f"{scale * bound:.{digits}f}"
        for bound in (one.low, one.high)
    )
    return f" [{low},{high}]"


def significance(cell: Mapping[str, Estimate], metric: str) -> str:
    """Return the p-value of a metric, after adjustment if it was adjusted; empty where there is none."""
    one = cell.get(metric)
    p = None if one is None else one.p if one.p_adjusted is None else one.p_adjusted
    return "" if p is None else f" p{p_text(p).replace(' ', '')}"


def plain(cell: Mapping[str, Estimate], metric: str) -> str:
    """Return a number as short as it is exact to a tenth."""
    value = number(cell, metric)
    return UNKNOWN if value is None else f"{value:.1f}".removesuffix(".0")


def unled(text: str) -> str:
    """Return a number without the zero before its point.

    >>> unled("0.884"), unled("-0.020"), unled("1.000")
    ('.884', '-.020', '1.000')
    """
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
