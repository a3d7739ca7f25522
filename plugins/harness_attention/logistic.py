"""Whether an answer is right, against attention and what else differs between answers: secondary, and a description.

    logit P(right) = lift * decile + log length + echo + complied

Two ways around the item, each with all covariates standardised:

- `conditional`: one row an answer, its lift over the final answer and how that grows from the first to the last third;
  a conditional likelihood given how many answers of the item are right, so that an intercept for every item drops out
  (Breslow and Day 1980, chapter 7). Items with both outcomes alone.
- `marginal`: one row an answer and decile, with log |C| and the share p0 of right base answers for what is between
  items; generalised estimating equations, sandwich errors over clusters, so that ten rows of one answer are not ten
  answers. All items.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from harness import Estimate
from harness.stats import Z95
from harness_attention.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness_attention.quantities import Array

#: Rows for each effect below which nothing is fitted.
ROWS_EACH = 5
CONDITIONAL = "conditional logistic regression given the item; log odds by standard deviation"
MARGINAL = "GEE, independence working correlation, sandwich errors over clusters; log odds by standard deviation"


def conditional(trials: Sequence[Measured], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the effects within items; one estimate that says why where they cannot be fitted."""
    import numpy as np
    from statsmodels.discrete.conditional_models import ConditionalLogit

    from harness_attention.within import mixed_items

    items = mixed_items(trials, final_lift)
    rows = [one for item in items for one in (*item.right, *item.wrong)]
    names = ("lift", "lift late - early", "log length", "echo", "complied")
    values = np.array([[final_lift(one), late_rise(one), *answer_terms(one)] for one in rows])
    groups = [number for number, item in enumerate(items) for _ in (*item.right, *item.wrong)]
    solved = np.array([float(one.solved) for one in rows])
    chosen = varying(values, names, within=groups) if rows else []
    labels = {**labels, "model": "conditional"}
    if len(rows) < ROWS_EACH * max(1, len(chosen)) or not chosen:
        yield refused("too few answers to items with both outcomes", len(items), labels)
        return
    model = ConditionalLogit(solved, standard(values[:, chosen]), groups=np.array(groups))
    yield from fitted(lambda: model.fit(disp=0), [names[i] for i in chosen], len(items), CONDITIONAL, labels)


def marginal(trials: Sequence[Measured], labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the effects between and within items; one estimate that says why where they cannot be fitted."""
    import numpy as np
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    rows: list[list[float]] = []
    solved: list[float] = []
    clusters: list[str] = []
    for one in trials:
        for decile, lift in enumerate(one.deciles["lift"]):
            if math.isfinite(lift):
                rows.append([lift, decile, *answer_terms(one), math.log(one.span), one.p0])
                solved.append(float(one.solved))
                clusters.append(one.cluster)
    names = ("lift", "decile", "log length", "echo", "complied", "log span", "p0")
    labels = {**labels, "model": "marginal"}
    values = np.array(rows)
    chosen = varying(values, names) if rows else []
    n = len(set(clusters))
    if n < ROWS_EACH * max(1, len(chosen)) or len(set(solved)) < 2 or 0 not in chosen:  # noqa: PLR2004  # both outcomes
        yield refused("too few documents, or all answers went one way", n, labels)
        return
    columns = standard(values[:, chosen])
    shown = [names[i] for i in chosen]
    if "decile" in shown:
        columns = np.column_stack([columns, columns[:, 0] * columns[:, shown.index("decile")]])
        shown.append("lift:decile")
    design = np.column_stack([np.ones(len(columns)), columns])
    model = GEE(np.array(solved), design, groups=np.array(clusters), family=Binomial())
    yield from fitted(model.fit, ["intercept", *shown], n, MARGINAL, labels)


def final_lift(one: Measured) -> float:
    """Return the lift over the final answer."""
    return one.phases["final"]["lift"]


def late_rise(one: Measured) -> float:
    """Return how much more the last third of the answer lifts than the first; zero where either is unknown."""
    import numpy as np

    lifts = one.deciles["lift"]
    early, late = (part[np.isfinite(part)] for part in (lifts[:3], lifts[-3:]))
    return float(late.mean() - early.mean()) if len(early) and len(late) else 0.0


def answer_terms(one: Measured) -> tuple[float, float, float]:
    """Return log length, echo share and compliance of an answer."""
    return math.log(one.tokens), one.echo, float(one.complied is not False)


def varying(values: Array, names: Sequence[str], within: Sequence[int] | None = None) -> list[int]:
    """Return the columns that vary; within groups, if given."""
    import numpy as np

    if within is not None:
        groups = np.array(within)
        values = values - np.array([values[groups == one].mean(axis=0) for one in range(max(within) + 1)])[groups]
    return [i for i in range(len(names)) if np.isfinite(values[:, i]).all() and values[:, i].std() > 1e-12]  # noqa: PLR2004  # rounding


def standard(values: Array) -> Array:
    """Return columns with mean zero and standard deviation one."""
    import numpy as np

    return np.asarray((values - values.mean(axis=0)) / values.std(axis=0))


def fitted(fit: Any, names: Sequence[str], n: int, method: str, labels: Mapping[str, str]) -> Iterator[Estimate]:
    """Yield the effects of a fit; what has no finite error separates right from wrong answers, and says so."""
    import warnings

    import numpy as np

    try:
        with warnings.catch_warnings(action="ignore"):
            found = fit()
        values, errors, ps = (np.asarray(part, dtype=float) for part in (found.params, found.bse, found.pvalues))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        yield refused(f"could not be fitted: {error}", n, labels)
        return
    for name, value, spread, p in zip(names, values, errors, ps, strict=True):
        told = {**labels, "effect": name}
        if not (np.isfinite([value, spread]).all() and abs(value) < 50 and spread < 50):  # noqa: PLR2004  # e^50
            yield refused("it separates right from wrong answers", n, told)
            continue
        yield Estimate(
            metric="log odds",
            value=float(value),
            low=float(value - Z95 * spread),
            high=float(value + Z95 * spread),
            p=float(p),
            n=n,
            stderr=float(spread),
            method=method,
            labels=told,
        )


def refused(why: str, n: int, labels: Mapping[str, str]) -> Estimate:
    """Return an effect that is not known."""
    return Estimate(metric="log odds", value=None, n=n, note=why, labels={"effect": "", **labels})
