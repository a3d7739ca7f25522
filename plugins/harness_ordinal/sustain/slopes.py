"""What the curve depends on: the stacked risk-set logit, a CORN head, and whether one slope does for all steps.

logit P(sustain step j | sustained all before) = a_j + b x        one slope for all steps: the stacked logit
                                               = a_j + b_j x      a slope for each: CORN's linear head
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness_ordinal.sustain.chains import Chain
from harness_ordinal.sustain.logit import clustered_covariance, fitted

#: Losses and successes that each coefficient needs to be worth telling (Peduzzi et al. 1996).
EVENTS = 10
#: A covariate that varies less is none.
FLAT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacked:
    """The risk sets of all chains, one row a step."""

    names: tuple[str, ...]
    #: Covariates, shape (n, d), standardised; place of the step; whether it was sustained; number of the unit.
    covariates: Any
    steps: Any
    sustained: Any
    units: Any
    #: Number of the chain of each row.
    chains: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeFit:
    """What one covariate does: a change of the log-odds for one standard deviation of it."""

    name: str
    value: float
    error: float
    #: By step.
    at: tuple[float, ...]
    at_error: tuple[float, ...]
    #: Wald's statistic that the slopes of all steps are one, and its p-value.
    statistic: float
    p: float


def stacked(chains: Sequence[Chain]) -> Stacked:
    """Return the risk sets with the covariates that vary: forcing (1 - q), length, position, family."""
    import numpy as np

    units: dict[str, int] = {}
    families = sorted({chain.family for chain in chains}, key=lambda one: -sum(c.family == one for c in chains))
    places = sorted({step.position for chain in chains for step in chain.steps})
    rows = []
    for number, chain in enumerate(chains):
        unit = units.setdefault(chain.unit, len(units))
        for place, step in enumerate(chain.steps):
            if step.sustained is None:
                break
            told = [step.forced if step.forced is not None else np.nan, step.log_length]
            told += [float(step.position == one) for one in places[1:]]
            told += [float(chain.family == one) for one in families[1:]]
            rows.append((told, place, step.sustained, unit, number))
            if not step.sustained:
                break
    names = [
        "1 - q",
        "log length",
        *(f"position {one}" for one in places[1:]),
        *(f"family {one}" for one in families[1:]),
    ]
    values = np.array([row[0] for row in rows], dtype=float)
    known = ~np.isnan(values)
    means = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    values = np.where(known, values, means)  # an unknown q tells nothing
    spread = values.std(axis=0)
    kept = np.flatnonzero(spread > FLAT)
    return Stacked(
        names=tuple(names[place] for place in kept),
        covariates=(values[:, kept] - values[:, kept].mean(axis=0)) / spread[kept],
        steps=np.array([row[1] for row in rows]),
        sustained=np.array([row[2] for row in rows], dtype=float),
        units=np.array([row[3] for row in rows]),
        chains=np.array([row[4] for row in rows]),
    )


def slopes(data: Stacked, steps: int) -> list[SlopeFit] | None:
    """Return the slope of each covariate; None where there are too few losses, or too few successes, to tell."""
    import numpy as np
    from scipy.stats import chi2

    width = len(data.names)
    rare = min(data.sustained.sum(), (1 - data.sustained).sum())
    if not width or rare < EVENTS * width:
        return None
    ones = np.eye(steps)[data.steps]
    shared = fitted(np.hstack([ones, data.covariates]), data.sustained, steps)
    spread = np.sqrt(np.diag(clustered_covariance(shared.bread, shared.scores, data.units)))
    own = [(ones[:, [place]] * np.hstack([np.ones((len(ones), 1)), data.covariates])) for place in range(steps)]
    design = np.hstack([one[:, :1] for one in own] + [one[:, 1:] for one in own])
    free = fitted(design, data.sustained, steps)
    covariance = clustered_covariance(free.bread, free.scores, data.units)
    found = []
    for place, name in enumerate(data.names):
        at = [steps + step * width + place for step in range(steps)]
        contrast = np.zeros((steps - 1, len(free.coefficients)))
        for row, column in enumerate(at[1:]):
            contrast[row, at[0]], contrast[row, column] = -1.0, 1.0
        apart = contrast @ free.coefficients
        statistic = float(apart @ np.linalg.pinv(contrast @ covariance @ contrast.T) @ apart)
        found.append(
            SlopeFit(
                name=name,
                value=float(shared.coefficients[steps + place]),
                error=float(spread[steps + place]),
                at=tuple(float(free.coefficients[column]) for column in at),
                at_error=tuple(float(np.sqrt(covariance[column, column])) for column in at),
                statistic=statistic,
                p=float(chi2.sf(statistic, steps - 1)),
            )
        )
    return found


def corn_curve(chains: Sequence[Chain], l2: float = 1e-3) -> tuple[float, ...] | None:
    """Return the mean over chains of P(y > k) by a linear CORN head on the covariates of their first steps.

    None where no chain could be judged to its end, or all have one end. The same chain product as the curve, but
    each chain gets a curve of its own: what they share is averaged, not assumed.
    """
    import numpy as np

    from harness_ordinal.convex import fitted_head

    whole = [chain for chain in chains if chain.survived is not None]
    ends = np.array([chain.survived for chain in whole])
    if not len(ends) or len(set(ends.tolist())) == 1:
        return None
    data = stacked(whole)
    first = np.unique(data.chains, return_index=True)[1]
    features = data.covariates[first] if data.covariates.shape[1] else np.zeros((len(whole), 1))
    head = fitted_head("corn:nll", features, ends, len(whole[0].steps) + 1, l2=l2)
    return tuple(float(value) for value in head.exceedance(features).mean(axis=0))
