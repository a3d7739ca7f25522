"""The columns of a model's design: what can change an answer, left out where it does not vary."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from harness_sustainscore.analyse.draws import Draw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

#: Families with fewer items are left out of the terms: their effect would be the prior's.
FEWEST = 5


def covariates(draws: Sequence[Draw]) -> dict[str, Column]:
    """Return the covariates that vary: dose, log2(1 + k); distance, 1 - q; and the families, coded to sum to zero.

    Args:
        draws: shape (n,).
    """
    import numpy as np

    found: dict[str, Column] = {"dose": np.array([math.log2(1 + draw.k) for draw in draws])}
    if all(draw.q is not None for draw in draws):
        found["distance"] = np.array([1 - (draw.q or 0.0) for draw in draws])
    found |= family_columns(draws)
    return {name: column for name, column in found.items() if np.ptp(column) > 0}


def family_columns(draws: Sequence[Draw]) -> dict[str, Column]:
    """Return a column for each family but the last, 1 for its draws and -1 for the last's."""
    import numpy as np

    items: Counter[str] = Counter()
    for family, _ in {(draw.family, draw.item) for draw in draws}:
        items[family] += 1
    known = sorted(family for family, count in items.items() if count >= FEWEST)
    if len(known) < 2:  # noqa: PLR2004  # one family is the intercept
        return {}
    last = known[-1]
    return {
        f"family {family}": np.array([float(draw.family == family) - float(draw.family == last) for draw in draws])
        for family in known[:-1]
    }


def stacked(columns: Mapping[str, Column]) -> Column:
    """Return columns side by side, shape (n, columns)."""
    import numpy as np

    return np.column_stack(list(columns.values()))
