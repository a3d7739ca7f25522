"""Numbers in the words of a report."""

from __future__ import annotations

from harness.figures import Estimate

#: What stands where a number is not known.
UNKNOWN = "n/a"
#: A p-value below this is printed as such.
SMALLEST_P = 0.001


def amount(value: float | None, unit: str) -> str:
    """Return a value with its unit.

    >>> amount(0.884, "share"), amount(0.047, "points"), amount(0.95, "ratio"), amount(None, "share")
    ('88.4 %', '+4.7 pp', '0.950', 'n/a')
    """
    if value is None:
        return UNKNOWN
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "points":
        return f"{100 * value:+.1f} pp"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:.3f}" if unit == "ratio" else f"{value:.4f}"


def bounds(estimate: Estimate) -> str:
    """Return the interval in brackets; empty where there is none.

    >>> bounds(Estimate(metric="D", value=0.05, low=0.02, high=0.08, n=9, unit="points"))
    '[+2.0, +8.0]'
    """
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = (
        amount(bound, estimate.unit).removesuffix(" %").removesuffix(" pp") for bound in (estimate.low, estimate.high)
    )
    return f"[{low}, {high}]"


def p_text(p: float | None) -> str:
    """Return a p-value as papers print it.

    >>> p_text(0.0004), p_text(0.0312), p_text(1.0), p_text(None)
    ('< .001', '= .031', '= 1.000', 'n/a')
    """
    if p is None:
        return UNKNOWN
    return "< .001" if p < SMALLEST_P else f"= {p:.3f}".replace("0.", ".", 1)


def interval_text(estimate: Estimate, gap: str = " ") -> str:
    """Return value, interval and p-value of an estimate."""
    parts = [amount(estimate.value, estimate.unit), bounds(estimate)]
    if estimate.p is not None:
        parts.append(f"p {p_text(estimate.p)}")
    return gap.join(part for part in parts if part)
