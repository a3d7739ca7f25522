"""What a pilot says of a run before it: clusters that differ alike count as one."""

import math

import pytest

from harness.stats import Noise, items_needed, least_effect
from harness_sustainscore.foresight import Pilot, pilot_of, seen
from harness_sustainscore.rows import Cell, SustainRow, Tally

NOISE = Noise(floor=0.882, both=0.787)


def tally(solved):
    return Tally(draws=4, solved=solved, lenient=None, truncated=0, asked=4, kept=solved)


def row(number, cluster, lost=None):
    cell = Cell(
        k=1,
        family="format",
        type="t",
        constrained=tally(4 - (lost or 0)),
        placebo=tally(4),
        repeat=tally(4),
        outcomes=None,
    )
    return SustainRow(
        task="t",
        domain="mathematics",
        doc=f"t/{number}",
        cluster=cluster,
        base=(True, True, number % 3 > 0, True),
        selected=True,
        echoed=False,
        moved=True,
        cells=() if lost is None else (cell,),
    )


def test_clusters_whose_items_are_lost_together_count_as_one_item():
    alike = pilot_of([row(n, f"c{n // 5}", 2 * (n // 5 % 2)) for n in range(40)])
    assert alike.design_effect == pytest.approx(5)
    assert "design effect of its clusters 5.00" in alike.note
    apart = pilot_of([row(n, f"c{n // 5}", 2 * (n % 5 == 0)) for n in range(40)])
    assert apart.design_effect == pytest.approx(1)


def test_items_without_clusters_are_what_they_were():
    alone = pilot_of([row(n, f"t/{n}", 2 * (n % 2)) for n in range(40)])
    assert alone.design_effect == 1
    assert "cluster" not in alone.note


def test_a_pilot_that_asked_the_base_only_cannot_tell_how_clusters_differ():
    blind = pilot_of([row(n, f"c{n // 5}") for n in range(40)])
    assert blind.design_effect == 1
    assert "clusters are taken for independent" in blind.note


def test_the_least_effect_and_the_items_needed_grow_with_it():
    pilot = Pilot(noise=NOISE, design_effect=3.0, note="")
    found = {one.metric: one.value for one in seen(600, pilot, 4, 0.04, {})}
    assert found["least_effect"] == least_effect(200, NOISE, 4)
    assert found["items_needed"] == math.ceil(3 * items_needed(0.04, NOISE, 4))
