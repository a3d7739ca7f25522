"""How bad a loss is, as an ordered outcome: kept, lost though complied, lost and violated, broken output.

A cumulative link model (proportional odds, McCullagh 1980) of the constrained draws against the number of
constraints, natural compliance and the family: logit P(y > j) = x b - theta_j, so a positive effect is a worse
outcome. Intervals are percentiles of a bootstrap over clusters. The check of proportional odds fits each threshold on
its own: where the effects of one covariate differ much between thresholds, one number does not tell them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from harness import Estimate, HarnessError
from harness_sustainscore.analyse.draws import SEVERITIES, Draw, by_task
from harness_sustainscore.analyse.terms import covariates, stacked

if TYPE_CHECKING:
    from harness_sustainscore.analyse.terms import Column

RESAMPLES = 200
#: So weak that it only keeps separable data from having no optimum.
PENALTY = 1e-4
CLM = "cumulative link model, bootstrap over clusters; log odds of worse"
APART = "proportional-odds check: this threshold alone; log odds of worse"


def severities(draws: Sequence[Draw], resamples: int | None = None) -> Iterator[Estimate]:
    """Yield, for each task, the share of each outcome, the effects on it, and the check of proportional odds.

    Raises:
        HarnessError: no task has two outcomes and a covariate that varies.
    """
    told = False
    for task, members in by_task([draw for draw in draws if draw.treated]).items():
        known = [draw for draw in members if draw.severity is not None]
        if len(known) < len(members):
            left = len(members) - len(known)
            yield Estimate(metric="not_judged", value=left, n=len(members), unit="count", labels={"task": task})
        if not known:
            continue
        yield from outcome_shares(task, known)
        found = list(task_effects(task, known, resamples or RESAMPLES))
        told = told or bool(found)
        yield from found
    if not told:
        raise HarnessError(
            "analyse: every constrained answer came out alike, or nothing varies that could explain it; "
            "use more constraints (--constraint-count 1,2,4) or families"
        )


def outcome_shares(task: str, draws: Sequence[Draw]) -> Iterator[Estimate]:
    """Yield the share of draws of each outcome."""
    counts = Counter(draw.severity for draw in draws)
    for rank, name in enumerate(SEVERITIES):
        labels = {"task": task, "outcome": name}
        yield Estimate(metric="share", value=counts[rank] / len(draws), n=len(draws), unit="share", labels=labels)


def task_effects(task: str, draws: Sequence[Draw], resamples: int) -> Iterator[Estimate]:
    """Yield the effects on one task's outcomes; none where there is nothing to tell apart.

    Outcomes that did not occur are merged with their neighbour: no threshold lies beside them.
    """
    import numpy as np

    levels = sorted({draw.severity for draw in draws if draw.severity is not None})
    columns = covariates(draws)
    if len(levels) < 2 or not columns:  # noqa: PLR2004  # one outcome has no order
        return
    ranks = np.searchsorted(levels, [draw.severity for draw in draws if draw.severity is not None])
    values = stacked(columns)
    scale = values.std(axis=0)
    standard = (values - values.mean(axis=0)) / scale
    clusters = np.unique([draw.cluster for draw in draws], return_inverse=True)[1]
    found = effects("clm", standard, ranks, len(levels))[0] / scale
    draws_of_it = resampled(standard, ranks, len(levels), clusters, resamples) / scale
    low, high = np.percentile(draws_of_it, [2.5, 97.5], axis=0)
    for number, name in enumerate(columns):
        yield Estimate(
            metric=name,
            value=float(found[number]),
            low=float(low[number]),
            high=float(high[number]),
            n=int(clusters.max()) + 1,
            stderr=float(draws_of_it[:, number].std(ddof=1)),
            method=CLM,
            labels={"task": task, "beyond": "all thresholds"},
        )
    apart = effects("ornn", standard, ranks, len(levels)) / scale
    for row, level in zip(apart, levels[:-1], strict=True):
        for number, name in enumerate(columns):
            yield Estimate(
                metric=name,
                value=float(row[number]),
                n=len(draws),
                method=APART,
                labels={"task": task, "beyond": SEVERITIES[level]},
            )


def effects(head: str, features: Column, ranks: Any, levels: int, weights: Any = None) -> Any:
    """Return the weights of a fitted head: one row for `clm`, one for each threshold for `ornn`; a column a feature."""
    from harness_ordinal import fitted_head

    linear: Any = fitted_head(head, features, ranks, levels, l2=PENALTY, sample_weights=weights).head.linear
    return linear.weight.detach().numpy()


def resampled(features: Column, ranks: Any, levels: int, clusters: Any, resamples: int) -> Any:
    """Return the effects of so many resamples of the clusters, shape (resamples, features); seeded."""
    import numpy as np

    random = np.random.default_rng(0)
    count = int(clusters.max()) + 1
    found = []
    for _ in range(resamples):
        weights = random.multinomial(count, np.full(count, 1 / count))[clusters].astype(float)
        found.append(effects("clm", features, ranks, levels, weights)[0])
    return np.array(found)
