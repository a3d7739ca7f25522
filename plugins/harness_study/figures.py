"""The figures of a study, a panel for each task and a colour for each member; 95 % intervals throughout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import Estimate
from harness_study.carry import OWN, SCALE, Outcome
from harness_study.cells import excess, metric, of_part
from harness_sustainscore import ALL

WIDTH, HEIGHT = 210, 220
POINTS = "D_spec in points"
#: Fewer items than this are not drawn by family: their intervals fill the picture and say nothing.
FEWEST = 5

Found = Iterable[tuple[str, Estimate]]


def draw(outcomes: Sequence[Outcome], members: Sequence[str], folder: Path) -> Iterator[Path]:
    """Draw every figure for which there are numbers; yield the paths of the SVGs."""
    from harness_report.pictures import saved

    for name, make in FIGURES.items():
        chart = make(outcomes, members)
        if chart is not None:
            yield from (path for path in saved(chart, folder, name) if path.suffix == ".svg")


def rows_of(found: Found, label: str = "k") -> list[dict[str, Any]]:
    """Return estimates as rows of a plot, in points; unknown ones and pools of several tasks are left out."""
    rows = []
    for member, one in found:
        if one.value is not None and one.labels["task"] != ALL:
            bounds = [one.value if bound is None else bound for bound in (one.low, one.high)]
            numbers = zip(("value", "low", "high"), (one.value, *bounds), strict=True)
            shown = {name: round(100 * number, 6) for name, number in numbers}
            rows.append({"member": member, "task": one.labels["task"], "label": one.labels.get(label, ""), **shown})
    return rows


def panels(rows: Sequence[Mapping[str, Any]], layers: Callable[[], Any], title: str, subtitle: str) -> Any | None:
    """Return a plot with a panel for each task, on one scale."""
    import altair as alt

    from harness_report.pictures import styled

    tasks = list(dict.fromkeys(one["task"] for one in rows))
    if not tasks:
        return None
    shown = [
        alt.layer(*layers(), data=alt.Data(values=[one for one in rows if one["task"] == task])).properties(
            width=WIDTH, height=HEIGHT, title=alt.TitleParams(task, fontSize=11)
        )
        for task in tasks
    ]
    return styled(alt.hconcat(*shown).resolve_scale(y="shared", color="shared"), title, subtitle)


def colour(members: Sequence[str]) -> Any:
    """Return the colours of the members."""
    import altair as alt

    from harness_report.pictures import COLOURS

    scale = alt.Scale(domain=list(members), range=list(COLOURS[: len(members)]))
    return alt.Color("member:N", scale=scale, title=None, legend=alt.Legend(orient="top"))


def zero(axis: str) -> Any:
    """Return the line of no effect."""
    import altair as alt

    from harness_report.pictures import INK

    return alt.Chart().mark_rule(strokeDash=[4, 3], color=INK).encode(**{axis: alt.datum(0)})


def models(outcomes: Sequence[Outcome], members: Sequence[str]) -> Any | None:
    """Return D_spec by model and domain."""
    import altair as alt

    rows = rows_of(metric(outcomes, OWN, "D_spec"))

    def layers() -> Any:
        x = alt.X("member:N", sort=list(members), title=None, axis=alt.Axis(labelAngle=-35))
        base = alt.Chart().encode(x=x, color=colour(members))
        spread = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=POINTS), y2="high:Q")
        return zero("y"), spread, base.mark_point(filled=True, size=70, opacity=1).encode(y="value:Q")

    return panels(rows, layers, "Interference by model and domain", "own constraints, one at a time")


def families(outcomes: Sequence[Outcome], members: Sequence[str]) -> Any | None:
    """Return D_spec by family."""
    import altair as alt

    found = (one for one in metric(outcomes, OWN, "D_spec", but="family") if one[1].n >= FEWEST)
    rows = rows_of(found, "family")

    def layers() -> Any:
        offset = alt.YOffset("member:N", sort=list(members))
        base = alt.Chart().encode(y=alt.Y("label:N", title=None), yOffset=offset, color=colour(members))
        spread = base.mark_rule(strokeWidth=1.2).encode(x=alt.X("low:Q", title=POINTS), x2="high:Q")
        return zero("x"), spread, base.mark_point(filled=True, size=28, opacity=1).encode(x="value:Q")

    return panels(rows, layers, "Interference by family", f"families with {FEWEST} items or more")


def lines(rows: Sequence[Mapping[str, Any]], members: Sequence[str], y: str, title: str, subtitle: str) -> Any | None:
    """Return lines over the number of constraints."""
    import altair as alt

    numbered = [{**one, "k": int(one["label"])} for one in rows]
    counts = sorted({one["k"] for one in numbered})
    if len(counts) < 2:  # noqa: PLR2004  # a line needs two points
        return None

    def layers() -> Any:
        scale = alt.Scale(type="log", base=2, nice=False, padding=12)
        x = alt.X("k:Q", title="constraints", scale=scale, axis=alt.Axis(values=counts, format="d", grid=False))
        base = alt.Chart().encode(x=x, color=colour(members))
        spread = base.mark_rule(opacity=0.35).encode(
            y=alt.Y("low:Q", title=y, scale=alt.Scale(zero=False)), y2="high:Q"
        )
        dots = base.mark_point(filled=True, size=40, opacity=1).encode(y="value:Q")
        return spread, base.mark_line(strokeWidth=2).encode(y="value:Q"), dots

    return panels(numbered, layers, title, subtitle)


def scale(outcomes: Sequence[Outcome], members: Sequence[str]) -> Any | None:
    """Return D_spec by number of nested constraints."""
    return lines(rows_of(metric(outcomes, SCALE, "D_spec")), members, POINTS, "Interference by k", "nested constraints")


def curve(outcomes: Sequence[Outcome], members: Sequence[str]) -> Any | None:
    """Return the sustain curves."""
    found = [
        (member, one)
        for member, one in of_part(outcomes, SCALE)
        if one.metric == "sustained" and one.labels["curve of"] == ALL
    ]
    return lines(rows_of(found), members, "still solved, in %", "Sustain curve", "successes that survive so many")


def failures(outcomes: Sequence[Outcome], members: Sequence[str]) -> Any | None:
    """Return the excess of each class of failure over the placebo."""
    import altair as alt

    rows = rows_of(excess(outcomes, OWN), "class")

    def layers() -> Any:
        offset = alt.YOffset("member:N", sort=list(members))
        base = alt.Chart().encode(y=alt.Y("label:N", title=None), yOffset=offset, color=colour(members))
        bars = base.mark_bar().encode(x=alt.X("value:Q", title="excess over the placebo in points"))
        return bars, base.mark_rule(strokeWidth=1).encode(x="low:Q", x2="high:Q"), zero("x")

    return panels(rows, layers, "How constrained answers fail", "share of draws less that of the placebo, by class")


FIGURES: Mapping[str, Callable[[Sequence[Outcome], Sequence[str]], Any | None]] = {
    "models": models,
    "families": families,
    "scale": scale,
    "failures": failures,
    "curve": curve,
}
