"""How interference changes: with the number of constraints, and with how natural the constraint is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness import Estimate
from harness.stats import covariate_slope, item_slopes
from harness_sustainscore.cell import Labels, difference, estimate
from harness_sustainscore.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.stats.clusters import Array

#: The numbers of constraints between which the drop is asked to have levelled off (finding 14 of the paper).
PLATEAU = (4, 8)
#: A line through a narrower range of q would be drawn far beyond what was seen.
NARROWEST = 0.10


def scale_estimates(tables: Mapping[int, Table], labels: Labels) -> Iterator[Estimate]:
    """Yield the slope of D_spec on log2(1 + k) over items that got every k, and the test for a plateau.

    The constraints of an item are nested, so every item is its own control.
    """
    import numpy as np

    counts = list(tables)
    if len(counts) > 1:
        matched, clusters = nested_differences(tables, counts)
        doses = "[" + ", ".join(map(str, counts)) + "]"
        if len(matched):
            slopes = item_slopes([math.log2(1 + k) for k in counts], matched)
            found = difference("slope_k", slopes, np.zeros(len(slopes)), clusters, {**labels, "k": doses})
            yield replace(found, p_equivalence=None, note="D_spec for each unit of log2(1 + k), items that got every k")
    low, high = PLATEAU if set(PLATEAU) <= set(counts) else (counts[-2:] if len(counts) > 1 else (0, 0))
    if high:
        matched, clusters = nested_differences(tables, (low, high))
        if len(matched):
            named = {**labels, "k": f"{high} - {low}"}
            yield difference("plateau", matched[:, 1], matched[:, 0], clusters, named)


def nested_differences(tables: Mapping[int, Table], counts: Sequence[int]) -> tuple[Array, NDArray[np.int64]]:
    """Return D_spec of each solved item at each of these counts, shape (items, counts), and the items' clusters."""
    import numpy as np

    parts = []
    for k in counts:
        known = tables[k].known("constrained", "placebo")
        parts.append(known.where(known.selected))
    common = parts[0].items
    for part in parts[1:]:
        common = np.intersect1d(common, part.items)
    columns, clusters = [], np.empty(0, dtype=np.int64)
    for part in parts:
        chosen = part.where(np.isin(part.items, common))
        columns.append(chosen["placebo"] - chosen["constrained"])
        clusters = chosen.clusters
    return np.column_stack(columns), clusters


def natural_slope(table: Table, labels: Labels) -> Iterator[Estimate]:
    """Yield the slope of D_spec on 1 - q: what a constraint costs more the less it comes by itself (method 3.4)."""
    known = table.known("constrained", "placebo", "q")
    items = known.where(known.selected)
    if len(items) and float(items["q"].max() - items["q"].min()) < NARROWEST:
        why = f"natural compliance lies within {100 * NARROWEST:.0f} points: nothing to draw a line through"
        yield Estimate(metric="slope_q", value=None, n=len(items), unit="points", note=why, labels=labels)
        return
    slope = covariate_slope(1 - items["q"], items["placebo"] - items["constrained"], items.clusters)
    if slope is not None:
        found = estimate("slope_q", slope.interval, len(items), "points", labels)
        yield replace(found, p=slope.p, note="D_spec at q = 0 less D_spec at q = 1, as a straight line has it")
