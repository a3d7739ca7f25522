"""What a comparison says once its many tests are seen beside each other: which run loses more, a tie, or equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness import Estimate
from harness.stats import MARGIN, benjamini_hochberg, holm
from harness_sustainscore.rows import ALL

LEVEL = 0.05


def adjusted(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return the estimates with adjusted p-values and, for each difference, its verdict as the note.

    The whole of each task or domain by Holm, over all pairs of runs; families by Benjamini and Hochberg.
    """
    found = list(estimates)
    tested = [index for index, one in enumerate(found) if one.p is not None]
    for split, correct, name in ((False, holm, "Holm"), (True, benjamini_hochberg, "Benjamini-Hochberg")):
        members = [index for index in tested if (found[index].labels["family"] != ALL) is split]
        values = [p for index in members if (p := found[index].p) is not None]
        how = f"{name} over {len(members)} comparison{'s' * (len(members) != 1)}"
        for index, p in zip(members, correct(values), strict=True):
            found[index] = replace(found[index], p_adjusted=p, adjustment=how, primary=not split)
    return [replace(one, note=verdict(one)) if one.p is not None else one for one in found]


def verdict(difference: Estimate) -> str:
    """Return in words what a difference shows after adjustment.

    >>> one = Estimate(metric="difference", value=0.04, low=0.01, high=0.07, p=0.004, p_adjusted=0.012, n=90)
    >>> verdict(one)
    'the second loses more'
    >>> unshown = replace(one, p_adjusted=0.2)
    >>> verdict(replace(unshown, p_equivalence=0.6)), verdict(replace(unshown, p_equivalence=0.01))
    ('tie', 'equal within 2 pp')
    """
    p = difference.p_adjusted
    if p is not None and difference.value is not None and p < LEVEL:
        return "the second loses more" if difference.value > 0 else "the first loses more"
    if difference.p_equivalence is not None and difference.p_equivalence < LEVEL:
        return f"equal within {100 * MARGIN:.0f} pp"
    return "tie"
