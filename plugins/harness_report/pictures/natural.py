"""Drop against 1 - q: what a type of constraint costs, the less it comes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import Estimate
from harness_report.pictures.style import ALL, INK, PALE, WIDTH, drops, palette, row, styled

#: Types with fewer items are left out: their intervals fill the picture and say nothing.
FEWEST = 5


def natural(estimates: Sequence[Estimate]) -> Any | None:
    """Return the plot; None where q is not known of at least two types."""
    import altair as alt

    q = {key(one): one.value for one in estimates if one.metric == "natural_compliance" and one.value is not None}
    rows = [
        row(one, type=one.labels["type"], distance=round(100 * (1 - q[key(one)]), 6))
        for one in drops(estimates)
        if one.labels["type"] != ALL and key(one) in q and one.n >= FEWEST
    ]
    if len(rows) < 2:  # noqa: PLR2004  # one point shows no relation
        return None
    x = alt.X("distance:Q", title="1 - q in points: share of the model's own answers that do not meet it unasked")
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    colour = alt.Color("task:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    spread = base.mark_rule(strokeWidth=1.2, opacity=0.5).encode(
        y=alt.Y("low:Q", title="D_spec in points"), y2="high:Q", color=colour
    )
    dots = base.mark_point(filled=True, opacity=0.9).encode(
        y="value:Q", color=colour, size=alt.Size("n:Q", title="items", scale=alt.Scale(range=[30, 260]))
    )
    names = base.mark_text(align="left", dx=7, dy=-5, fontSize=9, color=PALE).encode(y="value:Q", text="type:N")
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(y="y:Q")
    chart = (zero + spread + dots + names).properties(width=WIDTH, height=300)
    return styled(
        chart, "Interference by natural compliance", f"each dot is a type of constraint with {FEWEST} items or more"
    )


def key(one: Estimate) -> tuple[str, ...]:
    """Return what tells one cell from another."""
    return tuple(one.labels.get(name, "") for name in ("task", "k", "family", "type", "stratum"))
