"""Losses and gains: what share of the items' draws the constraint turned from right to wrong, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import Estimate
from harness_report.pictures.style import ALL, INK, WIDTH, drops, row, styled

SIDES = {"lost": -1, "gained": 1}


def flow(estimates: Sequence[Estimate]) -> Any | None:
    """Return the plot; None where neither is known."""
    import altair as alt

    rows = []
    for metric, sign in SIDES.items():
        for one in drops(estimates, metric):
            if all(one.labels[split] == ALL for split in ("family", "type", "stratum")):
                found = row(one, flow=metric, label=f"{one.labels['task']}, k = {one.labels['k']}")
                rows.append({**found, "signed": sign * found["value"], "text": f"{found['value']:.1f}"})
    if not rows:
        return None
    order = list(dict.fromkeys(one["label"] for one in rows))
    widest = max(max(abs(one["signed"]) for one in rows) * 1.25, 1.0)
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False)),
        x=alt.X(
            "signed:Q",
            title="lost  ←  points of the solved items' draws  →  gained",
            scale=alt.Scale(domain=[-widest, widest]),
            axis=alt.Axis(labelExpr="abs(datum.value)"),
        ),
    )
    colour = alt.Color("flow:N", scale=alt.Scale(domain=list(SIDES), range=["#D55E00", "#0072B2"]), legend=None)
    bars = base.mark_bar(height=14).encode(color=colour)
    left = (
        base.transform_filter("datum.flow == 'lost'").mark_text(align="right", dx=-4, fontSize=10).encode(text="text:N")
    )
    right = (
        base.transform_filter("datum.flow == 'gained'").mark_text(align="left", dx=4, fontSize=10).encode(text="text:N")
    )
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(color=INK).encode(x="x:Q")
    chart = (bars + left + right + zero).properties(width=WIDTH, height=alt.Step(26))
    return styled(chart, "Lost and gained", "a small net change can hide a large exchange")
