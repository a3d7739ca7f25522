"""The pictures: drawn where there is something to draw, from the estimates alone, the same bytes each time."""

import json
import xml.etree.ElementTree as ET

import pytest

from harness import Estimate
from harness_report.pictures import PICTURES, draw
from harness_report.pictures.forest import forest_rows


def cell(metric, value, *, task="gsm8k", k="1", n=80, half=0.03, **split):
    labels = {"task": task, "domain": "math", "k": k, "family": "all", "type": "all", "stratum": "all", **split}
    low, high = (None, None) if value is None else (value - half, value + half)
    return Estimate(metric=metric, value=value, low=low, high=high, n=n, unit="points", labels=labels)


ESTIMATES = (
    cell("D_spec", 0.04),
    cell("D_spec", 0.07, k="4"),
    cell("D_spec", 0.10, family="format"),
    cell("D_spec", None, family="length"),
    cell("D_spec", 0.02, type="words_at_most"),
    cell("natural_compliance", 0.9, type="words_at_most"),
    cell("D_spec", 0.06, type="bold <b>&absent"),
    cell("natural_compliance", 0.99, type="bold <b>&absent"),
    cell("lost", 0.05),
    cell("gained", 0.01),
)


def test_every_picture_is_drawn_and_shows_its_numbers(tmp_path):
    paths = list(draw(ESTIMATES, tmp_path))
    names = set(PICTURES) - {"sustain_curve"}  # it is drawn from estimates of its own, and tested beside them
    assert {path.name for path in paths} == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    for path in paths:
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG")
        else:
            ET.fromstring(path.read_text())
    assert "gsm8k · format (80)" in (tmp_path / "pictures" / "forest.svg").read_text()
    assert "bold &lt;b&gt;&amp;absent" in (tmp_path / "pictures" / "drop_by_q.svg").read_text()


def test_the_same_estimates_give_the_same_bytes(tmp_path):
    first = {path.name: path.read_bytes() for path in draw(ESTIMATES, tmp_path / "")}
    again = {path.name: path.read_bytes() for path in draw(ESTIMATES, tmp_path / "")}
    assert first == again


def test_a_forest_holds_what_is_known_whole_tasks_first():
    assert [(row["label"], row["value"]) for row in forest_rows(ESTIMATES)] == [
        ("gsm8k (80)", 4.0),
        ("gsm8k · format (80)", 10.0),
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_where_there_is_nothing_to_draw_nothing_is_drawn(name):
    unknown = [cell("D_spec", None), cell("D_spec", None, k=""), cell("lost", None)]
    assert PICTURES[name]([]) is None
    assert PICTURES[name](unknown) is None


def test_types_with_few_items_are_left_out_of_the_drop_by_q():
    few = [cell("D_spec", 0.5, type="rare", n=2), cell("natural_compliance", 0.5, type="rare", n=2)]
    spec = PICTURES["drop_by_q"]([*ESTIMATES, *few]).to_json()
    assert "words_at_most" in spec
    assert "rare" not in json.dumps(json.loads(spec)["layer"])
