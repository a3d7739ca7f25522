"""Pictures of the board: forest, drop against k, drop against accuracy, paradigm ladder; Vega-Lite, rendered offline.

They are SVG files of their own, so that the pages need no drawing program, and weigh nothing until they are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from harness.report import visible
from harness_report.pictures import INK, PALE, WIDTH, count_axis, palette, styled
from harness_site.board.lines import Line
from harness_site.board.models import stage_place
from harness_sustainscore import ALL

#: A forest with more lines is no picture any more; task pages have their own.
MOST = 60
SUBTITLE = "95 % intervals; k is the smallest of each task"


def drawn(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Yield name and SVG of every picture for which there is something to draw.

    Args:
        lines: of the board; those of single families are left out.
    """
    import vl_convert

    known = [line for line in lines if line.scope.family == ALL and line.value("D_spec") is not None]
    for name, make in PICTURES.items():
        chart = make(known)
        if chart is not None:
            yield name, vl_convert.vegalite_to_svg(chart.to_json())


def smallest(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with the smallest number of constraints of their task."""
    least: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (line.scope.domain, line.scope.task)
        least[key] = min(line.scope.k, least.get(key, line.scope.k))
    return [line for line in lines if line.scope.k == least[line.scope.domain, line.scope.task]]


def row(line: Line, **more: Any) -> dict[str, Any]:
    """Return a line as a row of a chart's data, shares in points."""
    one = line.cell["D_spec"]
    assert one.value is not None, "only known numbers are drawn"
    low, high = (one.value if bound is None else bound for bound in (one.low, one.high))
    return {
        "run": line.submission.name,
        "model": visible(line.submission.model),
        "task": visible(line.scope.task if line.scope.task != ALL else f"{line.scope.domain}, all"),
        "k": line.scope.k,
        "value": round(100 * one.value, 6),
        "low": round(100 * low, 6),
        "high": round(100 * high, 6),
        **more,
    }


def forest(lines: Sequence[Line]) -> Any | None:
    """Return D_spec with its interval, a row for each run and task; None where there is none, or too much."""
    import altair as alt

    rows = forest_rows(smallest(lines))
    if not rows or len(rows) > MOST:
        return None
    order = [one["label"] for one in rows]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, labelLimit=320))
    )
    colour = alt.Color("model:N", scale=palette(), legend=None)
    spread = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="D_spec in points: what the instruction costs beyond any added text"),
        x2="high:Q",
        color=colour,
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x="value:Q", color=colour)
    zero = alt.Chart(alt.Data(values=[{"x": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(x="x:Q")
    chart = (zero + spread + dots).properties(width=WIDTH, height=alt.Step(22))
    return styled(chart, "Specific interference", SUBTITLE)


def forest_rows(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return a row for each line, with labels of which no two are alike."""
    seen: Counter[str] = Counter()
    rows = []
    for line in lines:
        found = row(line)
        label = f"{found['task']} · {found['model']} ({line.cell['D_spec'].n:,})"
        seen[label] += 1
        rows.append({**found, "label": label if seen[label] == 1 else f"{label} #{seen[label]}"})
    return rows


def by_count(lines: Sequence[Line]) -> Any | None:
    """Return D_spec against the number of constraints, a line for each run and task; None with one number only."""
    import altair as alt

    rows = [row(line, path=f"{line.submission.name} {line.scope.task}") for line in lines]
    counts = sorted({one["k"] for one in rows})
    if len(counts) < 2:  # noqa: PLR2004  # a line needs two points
        return None
    base = alt.Chart(alt.Data(values=rows)).encode(x=count_axis(counts))
    colour = alt.Color("model:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    dash = alt.StrokeDash("task:N", title=None, legend=alt.Legend(orient="bottom"))
    y = alt.Y("value:Q", title="D_spec in points")
    path = base.mark_line(strokeWidth=2).encode(y=y, color=colour, detail="path:N", strokeDash=dash)
    spread = base.mark_rule(opacity=0.5).encode(y="low:Q", y2="high:Q", color=colour)
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(y=y, color=colour)
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(y="y:Q")
    chart = (zero + spread + path + dots).properties(width=WIDTH, height=280)
    return styled(
        chart, "Interference by number of constraints", "95 % intervals; the constraints of an item are nested"
    )


def by_accuracy(lines: Sequence[Line]) -> Any | None:
    """Return D_spec against base accuracy, a dot for each run and task; None with fewer than two dots."""
    import altair as alt

    rows = [
        row(line, accuracy=round(100 * accuracy, 6))
        for line in smallest(lines)
        if (accuracy := line.value("base_accuracy")) is not None
    ]
    if len(rows) < 2:  # noqa: PLR2004  # one point shows no relation
        return None
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("accuracy:Q", title="accuracy of the base answers, in %", scale=alt.Scale(zero=False, padding=24))
    )
    colour = alt.Color("task:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    spread = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title="D_spec in points"), y2="high:Q", color=colour)
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(y="value:Q", color=colour)
    names = base.mark_text(align="left", dx=7, dy=-6, fontSize=9, color=PALE).encode(y="value:Q", text="model:N")
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(y="y:Q")
    chart = (zero + spread + dots + names).properties(width=WIDTH, height=300)
    return styled(chart, "Interference by accuracy", SUBTITLE)


def ladder(lines: Sequence[Line]) -> Any | None:
    """Return D_spec by stage of post-training, a step for each parent and child; None where no stage is known."""
    import altair as alt

    staged = [line for line in smallest(lines) if line.submission.facts.stage]
    stages = sorted({line.submission.facts.stage for line in staged}, key=stage_place)
    if len(stages) < 2:  # noqa: PLR2004  # a step needs two
        return None
    rows = [row(line, stage=line.submission.facts.stage) for line in staged]
    x = alt.X("stage:O", sort=stages, title="stage of post-training", axis=alt.Axis(labelAngle=0))
    colour = alt.Color("task:N", scale=palette(), title=None, legend=alt.Legend(orient="top"))
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    spread = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title="D_spec in points"), y2="high:Q", color=colour)
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(y="value:Q", color=colour)
    names = base.mark_text(align="left", dx=7, dy=-6, fontSize=9, color=PALE).encode(y="value:Q", text="model:N")
    layers = [spread, dots, names]
    climbed = steps(staged)
    if climbed:
        path = alt.Chart(alt.Data(values=climbed)).mark_line(strokeWidth=1.5)
        layers.insert(0, path.encode(x=x, y="value:Q", color=colour, detail="step:N"))
    zero = alt.Chart(alt.Data(values=[{"y": 0}])).mark_rule(strokeDash=[4, 3], color=INK).encode(y="y:Q")
    chart = alt.layer(zero, *layers).properties(width=WIDTH, height=300)
    return styled(chart, "Paradigm ladder", "a line joins a model to the one that it was trained from")


def steps(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the two ends of each step from a parent to its child in one task."""
    at = {(line.submission.facts.name, line.scope.task): line for line in lines}
    ends = []
    for line in lines:
        parent = at.get((line.submission.facts.parent, line.scope.task))
        if parent is not None:
            name = f"{line.submission.name} {line.scope.task}"
            ends += [row(one, stage=one.submission.facts.stage, step=name) for one in (parent, line)]
    return ends


#: By file name.
PICTURES: Mapping[str, Callable[[Sequence[Line]], Any | None]] = {
    "forest": forest,
    "drop_by_k": by_count,
    "drop_by_accuracy": by_accuracy,
    "ladder": ladder,
}
