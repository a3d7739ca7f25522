"""Pictures of a SustainScore run, from its estimates alone: forest, drop against k, drop against 1 - q, flow, curve.

Drawn by Vega-Lite (Altair) and rendered offline by vl-convert, as SVG and PNG; the same estimates give the same bytes.
Other plugins draw theirs with `styled` and the colours, and write them with `saved`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import Estimate
from harness_report.pictures.curve import curve
from harness_report.pictures.flow import flow
from harness_report.pictures.forest import forest
from harness_report.pictures.natural import natural
from harness_report.pictures.scale import scale
from harness_report.pictures.style import COLOURS, INK, PALE, WIDTH, count_axis, palette, styled

__all__ = [
    "COLOURS",
    "FOLDER",
    "INK",
    "PALE",
    "PICTURES",
    "WIDTH",
    "count_axis",
    "draw",
    "palette",
    "saved",
    "styled",
]

#: By file name. Each returns a chart, or None where there is nothing to draw.
PICTURES: Mapping[str, Callable[[Sequence[Estimate]], Any | None]] = {
    "forest": forest,
    "drop_by_k": scale,
    "drop_by_q": natural,
    "flow": flow,
    "sustain_curve": curve,
}
#: Pixels of a PNG for each of the picture's own: sharp in print.
SCALE = 2.0
FOLDER = "pictures"


def draw(estimates: Sequence[Estimate], folder: Path) -> Iterable[Path]:
    """Write every picture for which there is something to draw; yield the paths.

    Args:
        estimates: of a run.
        folder: of the run; the pictures go into a folder of their own in it.
    """
    for name, make in PICTURES.items():
        chart = make(estimates)
        if chart is not None:
            yield from saved(chart, folder / FOLDER, name)


def saved(chart: Any, folder: Path, name: str) -> Iterable[Path]:
    """Write a chart as SVG and PNG into a folder, which is made; yield the paths."""
    import vl_convert

    spec = chart.to_json()
    folder.mkdir(exist_ok=True)
    for path, content in (
        (folder / f"{name}.svg", vl_convert.vegalite_to_svg(spec).encode()),
        (folder / f"{name}.png", vl_convert.vegalite_to_png(spec, scale=SCALE)),
    ):
        path.write_bytes(content)
        yield path
