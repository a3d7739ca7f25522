"""What the pictures share: colours that colour-blind readers tell apart, and the rows of their data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness import Estimate

#: Okabe and Ito (2008), without yellow, which paper swallows.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
INK, PALE = "#333333", "#999999"
WIDTH = 460
ALL = "all"


def drops(estimates: Sequence[Estimate], metric: str = "D_spec") -> Iterator[Estimate]:
    """Yield the known estimates of a metric that stand for a cell of the report."""
    for one in estimates:
        if one.metric == metric and one.value is not None and "k" in one.labels and "family" in one.labels:
            yield one


def row(one: Estimate, **more: Any) -> dict[str, Any]:
    """Return an estimate as a row of a chart's data, shares in points."""
    low = one.value if one.low is None else one.low
    high = one.value if one.high is None else one.high
    assert one.value is not None, "only known estimates are drawn"
    assert low is not None
    assert high is not None
    return {
        "task": one.labels["task"],
        "k": int(one.labels["k"] or 0),
        "value": round(100 * one.value, 6),
        "low": round(100 * low, 6),
        "high": round(100 * high, 6),
        "n": one.n,
        **more,
    }


def styled(chart: Any, title: str, subtitle: str) -> Any:
    """Return a chart with the look that all share."""
    import altair as alt

    head = alt.TitleParams(title, subtitle=subtitle, anchor="start", fontSize=14, subtitleFontSize=11, offset=12)
    return (
        chart.properties(title=head, background="white", padding=12)
        .configure_view(stroke=None)
        .configure_axis(labelColor=INK, titleColor=INK, gridColor="#e6e6e6", domainColor=PALE, labelFontSize=11)
        .configure_title(color=INK, subtitleColor="#666666")
        .configure_legend(labelColor=INK, titleColor=INK, labelFontSize=11)
    )


def palette() -> Any:
    """Return the colour scale."""
    import altair as alt

    return alt.Scale(range=list(COLOURS))


def count_axis(counts: Sequence[int]) -> Any:
    """Return the axis of the numbers of constraints in a prompt, each doubling as wide as the last."""
    import altair as alt

    return alt.X(
        "k:Q",
        title="constraints in the prompt",
        scale=alt.Scale(type="log", base=2, nice=False, padding=24),
        axis=alt.Axis(values=list(counts), format="d", grid=False),
    )
