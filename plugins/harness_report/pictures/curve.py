"""The sustain curve: the share of successes that survive so many nested constraints, a line for each task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import Estimate
from harness_report.pictures.style import ALL, WIDTH, palette, row, styled

METRIC, SPLIT = "sustained", "curve of"


def curve(estimates: Sequence[Estimate]) -> Any | None:
    """Return the plot; None where no item was asked with several numbers of constraints."""
    import altair as alt

    known = [
        one for one in estimates if one.metric == METRIC and one.value is not None and one.labels.get(SPLIT) == ALL
    ]
    rows = [row(one) for one in known]
    counts = sorted({one["k"] for one in rows})
    if len(counts) < 2:  # noqa: PLR2004  # a line needs two points
        return None
    start = [
        {"task": task, "k": 0, "value": 100.0, "low": 100.0, "high": 100.0} for task in {one["task"] for one in rows}
    ]
    data = alt.Data(values=[*sorted(start, key=lambda one: str(one["task"])), *rows])
    x = alt.X(
        "k:Q", title="nested constraints in the prompt", axis=alt.Axis(values=[0, *counts], format="d", grid=False)
    )
    shade = alt.Color("task:N", scale=palette(), legend=None)
    colour = alt.Color("task:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    base = alt.Chart(data).encode(x=x)
    y = alt.Y("low:Q", title="still solved, in %", scale=alt.Scale(zero=False, nice=True))
    band = base.mark_rule(opacity=0.25, strokeWidth=9).encode(y=y, y2="high:Q", color=shade)
    line = base.mark_line(strokeWidth=2, interpolate="step-after").encode(y="value:Q", color=colour)
    dots = base.mark_point(filled=True, size=50, opacity=1).encode(y="value:Q", color=shade)
    chart = (band + line + dots).resolve_scale(color="independent").properties(width=WIDTH, height=260)
    return styled(
        chart, "Sustain curve", "successes that survive so many of their own constraints; 95 % intervals over items"
    )
