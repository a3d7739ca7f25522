"""The ladder of a lineage: D_spec of each member on the items that all of them solved, a panel for each task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness import Estimate

WIDTH, HEIGHT = 190, 220


def draw_ladders(estimates: Sequence[Estimate], folder: Path) -> Iterable[Path]:
    """Draw the ladder of each lineage into a folder, as SVG and PNG; yield the paths."""
    from harness_report.pictures import saved

    for lineage in dict.fromkeys(one.labels["lineage"] for one in estimates if one.metric == "rung"):
        rungs = [one for one in estimates if one.metric == "rung" and one.labels["lineage"] == lineage]
        name = "".join(letter if letter.isalnum() else "-" for letter in lineage)
        yield from saved(ladder(rungs, lineage), folder, f"ladder_{name}")


def ladder(rungs: Sequence[Estimate], lineage: str) -> Any:
    """Return the plot of one lineage."""
    import altair as alt

    from harness_report.pictures import COLOURS, INK, styled

    rows = [values(one) for one in rungs]
    order = list(dict.fromkeys(one["member"] for one in sorted(rows, key=lambda one: one["place"])))
    base = alt.Chart().encode(x=alt.X("member:N", sort=order, title=None, axis=alt.Axis(labelAngle=-35)))
    zero = alt.Chart().mark_rule(strokeDash=[4, 3], color=INK).encode(y=alt.datum(0))
    spread = base.mark_rule(strokeWidth=2, color=COLOURS[0]).encode(
        y=alt.Y("low:Q", title="D_spec in points"), y2="high:Q"
    )
    dots = base.mark_point(filled=True, size=70, opacity=1, color=COLOURS[0]).encode(y="value:Q")
    panels = [
        alt.layer(zero, spread, dots, data=alt.Data(values=[one for one in rows if one["task"] == task])).properties(
            width=WIDTH, height=HEIGHT, title=alt.TitleParams(f"{task} ({n} items)", fontSize=11)
        )
        for task, n in {one["task"]: one["n"] for one in rows}.items()
    ]
    chart = alt.hconcat(*panels).resolve_scale(y="shared")
    return styled(
        chart, f"Ladder of {lineage}", "the same constraints on the same items for all members; 95 % intervals"
    )


def values(one: Estimate) -> dict[str, Any]:
    """Return a rung as a row of the plot, in points."""
    value = one.value or 0.0
    bounds = [value if bound is None else bound for bound in (one.low, one.high)]
    return {
        "member": one.labels["member"],
        "place": int(one.labels["place"]),
        "task": one.labels["task"],
        "n": one.n,
        **{
            name: round(100 * number, 6)
            for name, number in zip(("value", "low", "high"), (value, *bounds), strict=True)
        },
    }
