"""Pictures of an analysis: where in the model right and wrong answers differ, by layer, and along the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import Estimate
from harness_report.pictures import COLOURS, INK, PALE, WIDTH, saved, styled

#: Adjusted p-values below this are outlined.
LEVEL = 0.05


def draw(estimates: Sequence[Estimate], kinds: Sequence[str], folder: Path) -> Iterable[Path]:
    """Write every picture for which there is something to draw; yield the paths.

    Args:
        estimates: of an analysis.
        kinds: of the model's layers.
        folder: that they go into.
    """
    for name, make in PICTURES.items():
        chart = make(estimates, kinds)
        if chart is not None:
            yield from saved(chart, folder, name)


def cells(estimates: Sequence[Estimate], *labels: str) -> dict[tuple[str, ...], dict[str, Estimate]]:
    """Return the estimates that have just these labels beside their span: by labels, then by metric."""
    found: dict[tuple[str, ...], dict[str, Estimate]] = {}
    for one in estimates:
        if set(one.labels) == {"span", *labels}:
            found.setdefault(tuple(one.labels.values()), {})[one.metric] = one
    return found


def head_map(estimates: Sequence[Estimate], kinds: Sequence[str]) -> Any | None:
    """Return the map of d_z over layers and heads, heads beyond chance outlined."""
    import altair as alt

    rows = [
        {
            "layer": int(layer),
            "head": int(head),
            "d_z": cell["d_z"].value,
            "beyond": (cell["difference"].p_adjusted or 0.0) < LEVEL,
        }
        for (span, layer, head), cell in cells(estimates, "layer", "head").items()
        if span == "constraint" and cell["d_z"].value is not None
    ]
    if not rows:
        return None
    most = max(abs(one["d_z"]) for one in rows)
    order = list(range(len(kinds) - 1, -1, -1))
    x = alt.X("head:O", title="head", axis=alt.Axis(labelAngle=0, labelOverlap=True))
    y = alt.Y("layer:O", title="layer", sort=order, scale=alt.Scale(domain=order))
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    colour = alt.Color(
        "d_z:Q", scale=alt.Scale(scheme="purpleorange", domain=[-most, most], reverse=True), title="d_z, right - wrong"
    )
    tiles = base.mark_rect().encode(color=colour)
    edges = base.transform_filter("datum.beyond").mark_rect(filled=False, stroke=INK, strokeWidth=2)
    aside = [kind for kind in kinds if kind != "full"]
    note = f"; {len(aside)} layers left out ({', '.join(sorted(set(aside)))})" if aside else ""
    chart = (tiles + edges).properties(width=WIDTH, height=alt.Step(max(6, min(24, 480 // len(kinds)))))
    return styled(chart, "Lift of the constraint by head", f"outlined: max-T p < {LEVEL}{note}")


def layer_profile(estimates: Sequence[Estimate], _kinds: Sequence[str]) -> Any | None:
    """Return the difference by layer, beside that of the placebo."""
    rows = [
        number(cell["difference"], span=span, at=int(layer))
        for (span, layer), cell in cells(estimates, "layer").items()
    ]
    if not rows:
        return None
    chart = curves(rows, "span", "layer", "lift of right less wrong answers", ["constraint", "placebo"], zero=True)
    return styled(chart, "Right less wrong answers by layer", "95 % intervals over items with both outcomes")


def decile_curves(estimates: Sequence[Estimate], _kinds: Sequence[str]) -> Any | None:
    """Return the lift along the answer, of right and of wrong ones."""
    rows = [
        number(cell[metric], outcome=metric, at=int(decile))
        for (span, decile), cell in cells(estimates, "decile").items()
        if span == "constraint"
        for metric in ("right", "wrong")
    ]
    if not rows:
        return None
    chart = curves(rows, "outcome", "tenth of the answer", "lift of the constraint", ["right", "wrong"], zero=False)
    return styled(
        chart, "Attention to the constraint along the answer", "95 % bands over items; the test is on their difference"
    )


def dose_curves(estimates: Sequence[Estimate], _kinds: Sequence[str]) -> Any | None:
    """Return the share of right answers by what is added to the span's logits, for the constraint and the placebo."""
    import altair as alt

    rows = [
        number(cell["right"], span=span, push=push, at=float(push))
        for (span, push), cell in cells(estimates, "push").items()
        if "right" in cell
    ]
    if not rows:
        return None
    order = [one["push"] for one in sorted(rows, key=lambda one: one["at"])]
    data = alt.Data(values=[{key: value for key, value in one.items() if key != "at"} for one in rows])
    scale = alt.Scale(domain=["constraint", "placebo"], range=list(COLOURS[:2]))
    colour = alt.Color("span:N", scale=scale, title=None, legend=alt.Legend(orient="top"))
    x = alt.X("push:N", sort=order, title="added to the attention logits of the span", axis=alt.Axis(labelAngle=0))
    base = alt.Chart(data).encode(x=x, xOffset=alt.XOffset("span:N"), color=colour)
    spread = base.mark_rule().encode(y=alt.Y("low:Q", title="right answers", axis=alt.Axis(format="%")), y2="high:Q")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(y="value:Q")
    chart = (spread + dots).properties(width=WIDTH, height=260)
    return styled(chart, "Answers under pushed attention", "95 % intervals over documents; the test is paired")


def number(one: Estimate, **more: Any) -> dict[str, Any]:
    """Return an estimate as a row of a chart's data."""
    return {"value": one.value, "low": one.low, "high": one.high, **more}


def curves(
    rows: Sequence[Mapping[str, Any]], by: str, x_title: str, y_title: str, order: Sequence[str], *, zero: bool
) -> Any:
    """Return lines with bands over whole numbers."""
    import altair as alt

    places = sorted({one["at"] for one in rows})
    x = alt.X(
        "at:Q",
        title=x_title,
        axis=alt.Axis(values=places if len(places) <= len(COLOURS) * 2 else None, format="d", grid=False),
        scale=alt.Scale(domain=[places[0] - 0.2, places[-1] + 0.2], nice=False),
    )
    scale = alt.Scale(domain=list(order), range=list(COLOURS[: len(order)]))
    base = alt.Chart(alt.Data(values=list(rows))).encode(x=x)
    y = alt.Y("low:Q", title=y_title, scale=alt.Scale(zero=zero))
    band = base.mark_area(opacity=0.15).encode(y=y, y2="high:Q", color=alt.Color(f"{by}:N", scale=scale, legend=None))
    colour = alt.Color(f"{by}:N", scale=scale, title=None, legend=alt.Legend(orient="top"))
    line = base.mark_line(strokeWidth=2, point=True).encode(y="value:Q", color=colour)
    level = alt.Chart(alt.Data(values=[{"y": 0 if zero else 1}])).mark_rule(strokeDash=[4, 3], color=PALE)
    chart = level.encode(y="y:Q") + band + line
    return chart.resolve_scale(color="independent").properties(width=WIDTH, height=260)


#: By file name. Each returns a chart, or None where there is nothing to draw.
PICTURES: Mapping[str, Callable[[Sequence[Estimate], Sequence[str]], Any | None]] = {
    "heads": head_map,
    "layers": layer_profile,
    "deciles": decile_curves,
    "push": dose_curves,
}
