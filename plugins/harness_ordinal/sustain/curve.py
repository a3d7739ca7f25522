"""The curve itself: P(y > k) as the product of P(y > j | y > j-1) over the chains at risk, with bands over items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.stats import rule_of_three
from harness_ordinal.sustain.chains import Chain

DRAWS = 2_000
#: Resamples that define a step; fewer, and it has no band.
ENOUGH = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The curve at one number of constraints."""

    k: int
    value: float | None
    low: float | None
    high: float | None
    #: Chains that came so far.
    at_risk: int
    method: str


def risk_sets(chains: Sequence[Chain]) -> tuple[Any, Any, int]:
    """Return how many chains of each unit were at risk at each step and sustained it, and how many units there are.

    A chain leaves at its first loss, or where it could not be judged.
    """
    import numpy as np

    units: dict[str, int] = {}
    for chain in chains:
        units.setdefault(chain.unit, len(units))
    risk = np.zeros((len(units), len(chains[0].steps)))
    kept = np.zeros_like(risk)
    for chain in chains:
        for place, step in enumerate(chain.steps):
            if step.sustained is None:
                break
            risk[units[chain.unit], place] += 1
            kept[units[chain.unit], place] += step.sustained
            if not step.sustained:
                break
    return risk, kept, len(units)


def curve_of(chains: Sequence[Chain], *, seed: int = 0) -> tuple[Point, ...]:
    """Return the curve of chains through the same numbers of constraints.

    Equal to CORN's chain product with an intercept for each step, and to the product-limit estimate (Kaplan and Meier
    1958). The band is a percentile bootstrap over items; where nobody lost, the rule of three.
    """
    import numpy as np

    risk, kept, units = risk_sets(chains)
    whole = survival(kept.sum(axis=0)[None], risk.sum(axis=0)[None])[0]
    random = np.random.default_rng(seed)
    counts = random.multinomial(units, np.full(units, 1 / units), size=DRAWS).astype(float)
    drawn = survival(counts @ kept, counts @ risk)
    points = []
    for place, step in enumerate(chains[0].steps):
        value, column = float(whole[place]), drawn[:, place]
        known = column[np.isfinite(column)]
        low, high, method = None, None, "no spread between items"
        if value == 1.0:
            low, high, method = 1 - rule_of_three(units), 1.0, "no loss: rule of three over items"
        elif len(known) >= ENOUGH * DRAWS and np.ptp(known) > 0:
            low, high = (float(bound) for bound in np.quantile(known, [0.025, 0.975]))
            low, high, method = min(low, value), max(high, value), "percentile bootstrap over items"
        known_value = value if np.isfinite(value) else None
        points.append(
            Point(k=step.k, value=known_value, low=low, high=high, at_risk=int(risk[:, place].sum()), method=method)
        )
    return tuple(points)


def survival(kept: Any, risk: Any) -> Any:
    """Return the chain product, shape (draws, steps); nan from where nobody is at risk."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(risk > 0, kept / risk, np.nan)
    product: Any = np.cumprod(share, axis=1)
    gone = np.maximum.accumulate((product == 0).astype(int), axis=1).astype(bool)
    return np.where(gone, 0.0, product)  # when all are lost, nobody is at risk and nothing comes back
