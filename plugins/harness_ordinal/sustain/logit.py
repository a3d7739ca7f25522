"""Logistic regression by Newton's method, with a covariance that lets the rows of one unit depend on each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Weak ridge on all but the intercepts, so that separated data have an optimum; far below what data say.
RIDGE = 1e-3
STEPS = 50
CLOSE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Logit:
    """A fit."""

    #: Shape (p,).
    coefficients: Any
    #: Inverse Hessian, shape (p, p).
    bread: Any
    #: Score of each row, shape (n, p).
    scores: Any


def fitted(design: Any, outcomes: Any, intercepts: int) -> Logit:
    """Return the maximum of the likelihood, with a weak ridge.

    Args:
        design: shape (n, p); its first columns are the intercepts.
        outcomes: 0 or 1, shape (n,).
        intercepts: how many columns are not penalised.
    """
    import numpy as np
    from scipy.special import expit

    penalty = np.full(design.shape[1], RIDGE)
    penalty[:intercepts] = 1e-9  # an intercept of a step that nobody loses still has an optimum
    beta = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = expit(design @ beta)
        slope = design.T @ (outcomes - p) - penalty * beta
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        change = np.linalg.solve(hessian, slope)
        beta = beta + change * min(1.0, 5.0 / max(1e-12, float(np.abs(change).max())))
        if float(np.abs(change).max()) < CLOSE:
            break
    p = expit(design @ beta)
    hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
    return Logit(coefficients=beta, bread=np.linalg.inv(hessian), scores=design * (outcomes - p)[:, None])


def clustered_covariance(bread: Any, scores: Any, units: Any) -> Any:
    """Return the sandwich covariance over units (Liang and Zeger 1986), with the usual G / (G - 1).

    Args:
        bread: inverse Hessian, shape (p, p).
        scores: of each row, shape (n, p).
        units: number of the unit of each row, shape (n,).
    """
    import numpy as np

    groups = int(units.max()) + 1
    sums = np.zeros((groups, scores.shape[1]))
    np.add.at(sums, units, scores)
    meat = sums.T @ sums * groups / max(1, groups - 1)
    return bread @ meat @ bread
