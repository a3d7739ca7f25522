"""What a paired comparison can see: the least effect for so many items, and the items for an effect.

Item i is right with chance p_i. Among the items that a first draw solved, a fresh draw is right with chance
E[p^2] / E[p], the floor, and varies by p (1 - p). An effect takes the same share of every item's chance away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.stats.clusters import clustered
from harness.stats.shares import leave_one_out_floor, leave_two_out_floor

if TYPE_CHECKING:
    from harness.stats.clusters import Clusters

ALPHA, POWER = 0.05, 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How much draws of solved items vary."""

    #: Mean chance of a solved item to be solved again: E[p^2] / E[p].
    floor: float
    #: Mean squared chance, E[p^3] / E[p]; at least floor^2.
    both: float

    def square(self, loss: float, draws: int) -> float:
        """Return the expected square of an item's difference between two arms, of which the second loses a share.

        Args:
            loss: share of every item's chance that is lost, from 0 to 1.
            draws: in each arm, averaged within the item.
        """
        kept = 1 - loss
        once = self.floor - self.both + kept * self.floor - kept**2 * self.both
        return once / draws + loss**2 * self.both


def draw_noise(solved: Sequence[Sequence[bool]]) -> Noise | None:
    """Return how much draws vary, from several draws of each item; None where nothing is solved or drawn twice.

    With three draws or more by the method of moments; with two, the most that the floor allows: solved items all alike.

    >>> draw_noise([[True, True, False], [False, False, False], [True, True, True]])
    Noise(floor=0.8, both=0.6400000000000001)
    """
    floor = leave_one_out_floor(solved)
    if floor is None:
        return None
    both = leave_two_out_floor(solved)
    least = floor**2
    return Noise(floor=floor, both=least if both is None else min(max(both, least), floor))


def design_effect(differences: Sequence[float], clusters: Clusters) -> float | None:
    """Return by how much clusters raise the square that a paired test has to beat (Kish 1965); None of no difference.

    The sum of the squared sums of clusters over the sum of squares: 1 where items of one cluster differ on their own,
    the size of a cluster where they all differ alike. Never below 1: a pilot is small, and a gain would be its luck.

    Args:
        differences: of the items between two arms, draws of an item averaged before.
        clusters: of the items.

    >>> design_effect([0.5, 0.5, -0.5, -0.5], ["a", "a", "b", "b"]), design_effect([0.5, -0.5], ["a", "a"])
    (2.0, 1.0)
    """
    square = sum(one**2 for one in differences)
    if not square:
        return None
    return max(1.0, float((clustered(clusters, differences)[:, 0] ** 2).sum()) / square)


def items_needed(effect: float, noise: Noise, draws: int, *, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Return how many solved items show an effect with the wished power, two-sided; None if it exceeds the floor.

    (z(1 - alpha/2) + z(power))^2 E[d^2] / effect^2, d the difference of an item (method 3.6). The square and not the
    variance, because flipping signs compares with a mean of zero.

    Args:
        effect: difference of shares, 0.02 for two points.
        noise: of the items.
        draws: in each arm.
        alpha: two-sided level.
        power: chance to see it.

    >>> items_needed(0.05 * 0.882, Noise(floor=0.882, both=0.787), 4)
    233
    """
    loss = effect / noise.floor if noise.floor else math.inf
    if not 0 < loss <= 1:
        return None
    return math.ceil(_quantiles(alpha, power) ** 2 * noise.square(loss, draws) / effect**2)


def least_effect(items: float, noise: Noise, draws: int, *, alpha: float = ALPHA, power: float = POWER) -> float | None:
    """Return the least difference of shares that so many solved items show; None where not even a total loss would.

    >>> round(least_effect(348, Noise(floor=0.882, both=0.787), 4), 3)
    0.035
    """
    z = _quantiles(alpha, power)

    def seen(effect: float) -> bool:
        return z**2 * noise.square(effect / noise.floor, draws) <= items * effect**2

    if items <= 0 or noise.floor <= 0 or not seen(noise.floor):
        return None
    low, high = 0.0, noise.floor
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle > 0 and seen(middle) else (middle, high)
    return high


def _quantiles(alpha: float, power: float) -> float:
    """Return z(1 - alpha/2) + z(power)."""
    from statistics import NormalDist

    normal = NormalDist()
    return normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
