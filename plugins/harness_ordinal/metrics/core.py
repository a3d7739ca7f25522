"""What every metric is: sums over items, and the figure those sums make; so a resample is a matrix product.

K is always given. A metric that infers it from the sample is wrong as soon as a rank is absent from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness_ordinal.errors import OrdinalError

#: How many wrong values an error names.
NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What was true and what was predicted of n items; made by `predictions_of`, which checks it."""

    num_classes: int
    #: Ranks 0 .. K-1, shape (n,), int64.
    truth: Any
    #: Decoded predictions on the rank scale, shape (n,), float64; not whole under the decoding `mean`.
    ranks: Any
    #: G_k = P(y > k), shape (n, K-1), float64; None where there is no distribution.
    exceedance: Any | None = None
    #: Frequency weights, shape (n,), float64.
    weights: Any = None
    #: Items of one name are resampled together; empty: every item is its own.
    clusters: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.truth)

    @property
    def whole(self) -> bool:
        """Whether every prediction is one of the ranks, so that it can stand in a confusion matrix."""
        return bool((self.ranks == self.ranks.round()).all())


def predictions_of(
    truth: Any,
    num_classes: int,
    *,
    ranks: Any = None,
    exceedance: Any = None,
    decoding: str = "median",
    weights: Any = None,
    clusters: Sequence[str] = (),
) -> Predictions:
    """Return checked predictions.

    Args:
        truth: ranks 0 .. K-1, shape (n,).
        num_classes: K, of the scale and not of the sample.
        ranks: predictions on the rank scale, shape (n,); None: decoded from the exceedance probabilities.
        exceedance: G_k, shape (n, K-1).
        decoding: how ranks are decoded where they are not given.
        weights: frequency weights, shape (n,); a weight of two is the item twice.
        clusters: one name for each item.

    Raises:
        OrdinalError: labels or predictions off the scale, shapes that do not fit; names the value.

    >>> predictions_of([0, 4], 5, ranks=[4, 4]).whole
    True
    """
    import numpy as np

    from harness_ordinal.decoding import decoded

    if num_classes < 2:  # noqa: PLR2004  # one rank is no scale
        raise OrdinalError(f"num_classes {num_classes!r}: a scale has at least two ranks")
    labels = checked_ranks(truth, num_classes, "truth", whole=True).astype(np.int64)
    size = len(labels)
    above = None if exceedance is None else _checked_exceedance(exceedance, size, num_classes)
    if ranks is None:
        if above is None:
            raise OrdinalError("neither ranks nor exceedance given: there is nothing to compare with the truth")
        ranks = decoded(above, decoding)
    predicted = checked_ranks(ranks, num_classes, "predicted ranks", whole=False)
    heavy = np.ones(size) if weights is None else np.asarray(weights, dtype=float)
    for name, length in (("predicted ranks", len(predicted)), ("weights", len(heavy))):
        if length != size:
            raise OrdinalError(f"{length} {name} for {size} items")
    if clusters and len(clusters) != size:
        raise OrdinalError(f"{len(clusters)} clusters for {size} items")
    if not np.isfinite(heavy).all() or (heavy < 0).any():
        raise OrdinalError("weights must be finite and not negative")
    return Predictions(
        num_classes=num_classes,
        truth=labels,
        ranks=predicted,
        exceedance=above,
        weights=heavy,
        clusters=tuple(map(str, clusters)),
    )


def checked_ranks(values: Any, num_classes: int, what: str, *, whole: bool) -> Any:
    """Return values on the rank scale as float64, shape (n,).

    Raises:
        OrdinalError: not numbers, not of one dimension, off the scale or (if `whole`) between ranks.
    """
    import numpy as np

    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise OrdinalError(f"{what}: {error}; ranks are numbers 0 to {num_classes - 1}") from error
    if array.ndim != 1:
        raise OrdinalError(f"{what} of shape {array.shape}: one number an item is needed, shape (n,)")
    wrong = ~((array >= 0) & (array <= num_classes - 1))
    if whole:
        wrong |= array != np.round(array)
    if wrong.any():
        named = ", ".join(f"{value:g}" for value in array[wrong][:NAMED])
        raise OrdinalError(
            f"{what}: {int(wrong.sum())} of {len(array)} values are off the scale 0 .. {num_classes - 1} ({named}); "
            "map labels to ranks in the order of the scale first"
        )
    return array


def _checked_exceedance(values: Any, size: int, num_classes: int) -> Any:
    """Return exceedance probabilities as float64, shape (n, K-1)."""
    import numpy as np

    array = np.asarray(values, dtype=float)
    if array.shape != (size, num_classes - 1):
        raise OrdinalError(
            f"exceedance of shape {array.shape}: {size} items on {num_classes} ranks need ({size}, {num_classes - 1})"
        )
    if not ((array >= -1e-9) & (array <= 1 + 1e-9)).all():  # noqa: PLR2004  # rounding of a sum of probabilities
        raise OrdinalError("exceedance probabilities must be between 0 and 1 (are these logits?)")
    return array.clip(0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What a metric adds up over items, and what it makes of the totals."""

    #: Shape (n, c): dense, or a sparse matrix where each item touches few columns.
    parts: Any
    #: Totals, shape (draws, c), to figures, shape (draws,); nan where a figure is undefined.
    figure: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalMetric:
    """A figure of a whole corpus that can be resampled."""

    name: str
    summary: str
    better: Literal["higher", "lower", "neither"]
    #: Needs a distribution, and not only a rank.
    distribution: bool = False
    #: Needs ranks that are whole (a confusion matrix).
    whole: bool = False
    sums: Callable[[Predictions], Sums]
    #: A faster way to the figure itself where `sums` would be wide; None: there is none, or it does not pay here.
    direct: Callable[[Predictions], float | None] | None = None

    def applies(self, predictions: Predictions) -> bool:
        """Whether the predictions hold what the metric reads."""
        return (predictions.exceedance is not None or not self.distribution) and (predictions.whole or not self.whole)

    def value(self, predictions: Predictions) -> float | None:
        """Return the figure; None where it is undefined (no variation) or the predictions lack what it reads."""
        import numpy as np

        if not len(predictions) or not self.applies(predictions):
            return None
        quick = None if self.direct is None else self.direct(predictions)
        if quick is not None:
            return quick if math.isfinite(quick) else None
        found = self.sums(predictions)
        totals = np.asarray(found.parts.T @ predictions.weights, dtype=float).reshape(1, -1)
        with np.errstate(divide="ignore", invalid="ignore"):
            figure = float(found.figure(totals)[0])
        return figure if math.isfinite(figure) else None
