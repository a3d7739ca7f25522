"""The p-values of a report beside each other: the primary tests by Holm, all others by Benjamini and Hochberg.

Primary, fixed in advance (method 3.5): D_spec of each domain at one constraint in the strict stratum. Where no
stratum is known, D_spec of each domain at one constraint. The others are adjusted table by table: whole cells are not
asked to pay for the hundred types, most of few items, that stand below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness import Estimate
from harness.stats import benjamini_hochberg, holm
from harness_sustainscore.natural import STRATA, UNKNOWN
from harness_sustainscore.rows import ALL, split_of

PRIMARY = "D_spec"
STRICT = next(iter(STRATA))


def adjusted(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return the estimates with their p-values adjusted, in the same order.

    The families of tests: the primary ones; and, for each metric, whole cells, and those of each way to split them.
    """
    primary = set(primary_tests(estimates))
    families: dict[str, list[int]] = {}
    for index, one in enumerate(estimates):
        if one.p is not None:
            families.setdefault("" if index in primary else beside(one), []).append(index)
    found = [replace(one, primary=index in primary) for index, one in enumerate(estimates)]
    for tests, members in families.items():
        values = [p for index in members if (p := estimates[index].p) is not None]
        count = f"{len(members)} primary test{'s' * (len(members) > 1)}" if not tests else ""
        how = f"Holm over {count}" if count else f"Benjamini-Hochberg over {len(members)} tests of {tests}"
        for index, p in zip(members, holm(values) if count else benjamini_hochberg(values), strict=True):
            found[index] = replace(found[index], p_adjusted=p, adjustment=how)
    return found


def beside(one: Estimate) -> str:
    """Return in words which tests stand beside that of an estimate.

    >>> beside(Estimate(metric="D", value=0.1, n=9, labels={"task": "t", "family": "format", "type": "all"}))
    'D by family'
    """
    split = split_of(one.labels)
    return f"{one.metric} by {split}" if split else one.metric


def primary_tests(estimates: Sequence[Estimate]) -> list[int]:
    """Return the positions of the primary tests: one for each domain."""
    whole_domain = {one.labels["domain"] for one in estimates if one.labels.get("task") == ALL}
    found = []
    for index, one in enumerate(estimates):
        labels = one.labels
        of_domain = (labels.get("task") == ALL) == (labels.get("domain") in whole_domain)
        unsplit = labels.get("family") == ALL and labels.get("type") == ALL
        if one.metric == PRIMARY and labels.get("k") == "1" and of_domain and unsplit:
            found.append(index)
    strict = [index for index in found if estimates[index].labels.get("stratum") == STRICT]
    known = any(estimates[index].labels.get("stratum") not in {ALL, STRICT, UNKNOWN} for index in found)
    usable = [index for index in strict if estimates[index].p is not None]
    if usable or known:
        return usable
    return [
        index for index in found if estimates[index].labels.get("stratum") == ALL and estimates[index].p is not None
    ]
