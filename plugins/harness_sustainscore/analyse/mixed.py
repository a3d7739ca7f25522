"""A mixed logistic model of P(correct): an extra analysis beside the paired estimates (method 3.5).

    logit P(correct) = intercept + dose + treated + treated:dose + treated:distance + treated:family
                       + (1 + treated | item) + (1 | wording)

Fitted by variational Bayes (statsmodels' BinomialBayesMixedGLM; effects have priors N(0, 2), logarithms of the random
effects' standard deviations N(0, 0.5)), whose intervals tend to be narrow; `gee` is the marginal alternative with
sandwich errors over clusters. Both are descriptions: the test that counts is the paired one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness import Estimate, HarnessError
from harness.stats import Z95
from harness_sustainscore.analyse.draws import Draw, by_task
from harness_sustainscore.analyse.terms import covariates, stacked

if TYPE_CHECKING:
    from harness_sustainscore.analyse.terms import Column

EFFECT_SD, SPREAD_SD = 2.0, 0.5
FEWEST_ITEMS = 10
VB = "variational Bayes, logit; log odds"
GEE = "GEE, exchangeable within the cluster, sandwich errors; log odds"


def design(draws: Sequence[Draw]) -> dict[str, Column]:
    """Return the columns of the fixed effects, shape (n,) each."""
    import numpy as np

    treated = np.array([float(draw.treated) for draw in draws])
    columns = {"intercept": np.ones(len(draws)), "treated": treated}
    for name, column in covariates(draws).items():
        centred = column if name.startswith("family") else column - column.mean()
        if name == "dose":
            columns["dose"] = centred
        columns[f"treated:{name}"] = treated * centred
    return columns


def mixed(draws: Sequence[Draw]) -> Iterator[Estimate]:
    """Yield the effects of each task by the mixed model, and the standard deviations of its random effects."""
    from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

    fit, without = usable(draws)
    yield from without
    for task, members in fit.items():
        columns = design(members)
        solved = [float(draw.solved) for draw in members]
        spread, owners, names = random_effects(members)
        model = BinomialBayesMixedGLM(solved, stacked(columns), spread, owners, vcp_p=SPREAD_SD, fe_p=EFFECT_SD)
        with quiet():
            fitted = model.fit_vb()
        n = len({draw.item for draw in members})
        for name, value, error in zip(columns, fitted.fe_mean, fitted.fe_sd, strict=True):
            yield effect(name, float(value), float(error), n, task, VB)
        for name, value in zip(names, fitted.vcp_mean, strict=True):
            sd = math.exp(value)
            yield Estimate(metric=f"sd of {name}", value=sd, n=n, method=VB, labels={"task": task})


def marginal(draws: Sequence[Draw]) -> Iterator[Estimate]:
    """Yield the effects of each task by generalised estimating equations.

    Raises:
        HarnessError: an arm has only right or only wrong answers, so that its log odds are infinite.
    """
    from statsmodels.genmod.cov_struct import Exchangeable
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE as Equations  # noqa: N811  # GEE is the method

    fit, without = usable(draws)
    yield from without
    for task, members in fit.items():
        for arm in (True, False):
            if len({draw.solved for draw in members if draw.treated is arm}) < 2:  # noqa: PLR2004  # both outcomes
                name = "constrained" if arm else "placebo"
                raise HarnessError(f"analyse: all {name} answers of {task} went one way; use --model glmm")
        columns = design(members)
        groups = [draw.cluster for draw in members]
        solved = [float(draw.solved) for draw in members]
        model = Equations(solved, stacked(columns), groups=groups, family=Binomial(), cov_struct=Exchangeable())
        with quiet():
            fitted = model.fit()
        n = len({draw.item for draw in members})
        for name, value, error, p in zip(columns, fitted.params, fitted.bse, fitted.pvalues, strict=True):
            yield effect(name, float(value), float(error), n, task, GEE, p=float(p))


def usable(draws: Sequence[Draw]) -> tuple[dict[str, list[Draw]], list[Estimate]]:
    """Return the draws of the tasks that have both arms and enough items, and for each other task why not.

    Raises:
        HarnessError: none has.
    """
    enough = f"{FEWEST_ITEMS} solved items with constrained and placebo answers"
    fit: dict[str, list[Draw]] = {}
    without = []
    for task, members in by_task(draws).items():
        items = len({draw.item for draw in members})
        if len({draw.treated for draw in members}) > 1 and items >= FEWEST_ITEMS:
            fit[task] = members
        else:
            note = f"not fitted where a task has fewer than {enough}"
            without.append(Estimate(metric="treated", value=None, n=items, note=note, labels={"task": task}))
    if not fit:
        raise HarnessError(f"analyse: no task has {enough}")
    return fit, without


def random_effects(draws: Sequence[Draw]) -> tuple[Any, list[int], list[str]]:
    """Return the design of the random effects (sparse, n rows), the component of each column, and their names."""
    import numpy as np
    from scipy import sparse

    parts: list[Any] = []
    owners: list[int] = []
    names: list[str] = []
    everyone = np.arange(len(draws))
    for name, groups, weights in (
        ("item", [draw.item for draw in draws], np.ones(len(draws))),
        ("item:treated", [draw.item for draw in draws], np.array([float(draw.treated) for draw in draws])),
        ("wording", [draw.wording for draw in draws], np.array([float(draw.treated) for draw in draws])),
    ):
        levels, codes = np.unique(groups, return_inverse=True)
        if len(levels) < 2:  # noqa: PLR2004  # one level is the intercept
            continue
        parts.append(sparse.csr_matrix((weights, (everyone, codes)), shape=(len(draws), len(levels))))
        owners += [len(names)] * len(levels)
        names.append(name)
    return sparse.hstack(parts, format="csr"), owners, names


def effect(metric: str, value: float, error: float, n: int, task: str, method: str, p: float | None = None) -> Estimate:
    """Return one effect with its 95 % interval."""
    low, high = value - Z95 * error, value + Z95 * error
    labels: Mapping[str, str] = {"task": task}
    return Estimate(
        metric=metric, value=value, low=low, high=high, p=p, n=n, stderr=error, method=method, labels=labels
    )


def quiet() -> Any:
    """Return a context in which statsmodels does not warn: what it could not do, the intervals show."""
    import warnings

    return warnings.catch_warnings(action="ignore")
