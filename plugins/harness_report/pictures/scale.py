"""Drop against the number of constraints, a line for each task; finding 14 of the paper as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import Estimate
from harness_report.pictures.style import ALL, INK, WIDTH, count_axis, drops, palette, row, styled


def scale(estimates: Sequence[Estimate]) -> Any | None:
    """Return the plot; None where there is only one number of constraints."""
    import altair as alt

    rows = [
        row(one)
        for one in drops(estimates)
        if one.labels["k"] and all(one.labels[split] == ALL for split in ("family", "type", "stratum"))
    ]
    counts = sorted({one["k"] for one in rows})
    if len(counts) < 2:  # noqa: PLR2004  # a line needs two points
        return None
    base = alt.Chart(alt.Data(values=rows)).encode(x=count_axis(counts))
    shade = alt.Color("task:N", scale=palette(), legend=None)
    colour = alt.Color("task:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    band = base.mark_area(opacity=0.15).encode(y=alt.Y("low:Q", title="D_spec in points"), y2="high:Q", color=shade)
    line = base.mark_line(strokeWidth=2).encode(y="value:Q", color=colour)
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(y="value:Q", color=colour)
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(y="y:Q")
    chart = (zero + band + line + dots).resolve_scale(color="independent").properties(width=WIDTH, height=260)
    return styled(
        chart, "Interference by number of constraints", "95 % intervals; the constraints of an item are nested"
    )
