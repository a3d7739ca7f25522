"""Forest plot: D_spec with its interval for each task and family at the smallest number of constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness import Estimate
from harness_report.pictures.style import ALL, INK, WIDTH, drops, palette, row, styled


def forest(estimates: Sequence[Estimate]) -> Any | None:
    """Return the plot; None where no D_spec is known."""
    import altair as alt

    rows = forest_rows(estimates)
    if not rows:
        return None
    order = [one["label"] for one in rows]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False))
    )
    spread = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="D_spec in points: what the instruction costs beyond any added text"),
        x2="high:Q",
        color=alt.Color("task:N", scale=palette(), legend=None),
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="value:Q",
        color=alt.Color("task:N", scale=palette(), legend=None),
        shape=alt.Shape("whole:N", scale=alt.Scale(domain=[True, False], range=["diamond", "circle"]), legend=None),
    )
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(x="x:Q")
    chart = (zero + spread + dots).properties(width=WIDTH, height=alt.Step(22))
    k = min(one["k"] for one in rows)
    return styled(chart, f"Interference by family, k = {k}", "95 % intervals; diamonds are whole tasks; n items behind")


def forest_rows(estimates: Sequence[Estimate]) -> list[dict[str, Any]]:
    """Return one row for each task and family, whole tasks first."""
    cells = [one for one in drops(estimates) if one.labels["type"] == ALL and one.labels["stratum"] == ALL]
    counts = [int(one.labels["k"]) for one in cells if one.labels["k"]]
    if not counts:
        return []
    chosen = [one for one in cells if one.labels["k"] == str(min(counts))]
    rows = []
    for task in dict.fromkeys(one.labels["task"] for one in chosen):
        for one in sorted(
            (one for one in chosen if one.labels["task"] == task),
            key=lambda one: (one.labels["family"] != ALL, one.labels["family"]),
        ):
            whole = one.labels["family"] == ALL
            name = task if whole else f"{task} · {one.labels['family']}"
            rows.append(row(one, whole=whole, label=f"{name} ({one.n:,})"))
    return rows
