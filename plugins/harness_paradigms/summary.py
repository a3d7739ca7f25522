"""Steps of one kind over lineages: random effects, with the interval of Hartung and Knapp (2001).

The lineage is the unit: several steps of one kind within a lineage are averaged first, as if they rose and fell
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness import Estimate
from harness_paradigms.effects import PORTABLE
from harness_sustainscore import ALL

#: Fewer lineages than this support no claim about what a paradigm causes (method 8).
ENOUGH = 5


def summaries(effects: Sequence[Estimate]) -> Iterator[Estimate]:
    """Yield, for each kind of step and task of one name, the mean change over lineages."""
    groups: dict[tuple[str, str, str], dict[str, list[Estimate]]] = {}
    for one in effects:
        if one.metric == PORTABLE and one.labels["family"] == ALL and one.value is not None and one.stderr:
            kind = (one.labels["stages"], one.labels["task"], one.labels["k"])
            groups.setdefault(kind, {}).setdefault(one.labels["lineage"], []).append(one)
    for (stages, task, k), lineages in groups.items():
        yield summary(lineages, {"stages": stages, "task": task, "k": k})


def summary(lineages: Mapping[str, Sequence[Estimate]], labels: Mapping[str, str]) -> Estimate:
    """Return the mean over lineages; of one lineage there is none, and the note says so."""
    import numpy as np
    from statsmodels.stats.meta_analysis import combine_effects

    values, variances = [], []
    for members in lineages.values():
        known = [(one.value, one.stderr) for one in members if one.value is not None and one.stderr is not None]
        values.append(sum(value for value, _ in known) / len(known))
        variances.append(sum(error**2 for _, error in known) / len(known))
    few = f"{len(values)} lineage{'s' * (len(values) != 1)}, fewer than {ENOUGH}: no claim about what the step causes"
    note = few if len(values) < ENOUGH else ""
    if len(values) == 1:
        return Estimate(metric="over_lineages", value=None, n=1, unit="points", note=note, labels=labels)
    with np.errstate(divide="ignore"):  # I² of effects that are all the same
        found = combine_effects(np.asarray(values), np.asarray(variances), method_re="iterated", use_t=True)
    low, high = found.conf_int()[3]
    spread = f"tau² {found.tau2:.2g}, I² {100 * max(0.0, found.i2):.0f} %"
    return Estimate(
        metric="over_lineages",
        value=float(found.mean_effect_re),
        low=float(low),
        high=float(high),
        n=len(values),
        unit="points",
        method="random effects (Paule and Mandel), interval of Hartung and Knapp",
        note="; ".join(part for part in (spread, note) if part),
        labels=labels,
    )
