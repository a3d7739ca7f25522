"""Nested cross-validation of linear heads on one matrix of features or several: penalty and layer by validation alone.

In each fold one further fold validates; features are standardised by the rows a head is fitted to, never by others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness_ordinal.errors import OrdinalError

#: The rank frequencies of the training rows, which any head must beat.
CONSTANT = "constant"
#: A validating fold and a testing fold leave one to train on.
FEWEST_FOLDS = 3
#: Numbers from which a matrix is worth several threads; below it they cost more than they bring.
LARGE = 4_000_000
#: A column that varies less than this is constant.
FLAT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """One head on one matrix: what it says of every row while that row was held out."""

    #: P(y > k), shape (n, K-1).
    exceedance: Any
    #: Ranked probability score on the validating rows, one a fold: what layers are chosen by.
    validation: tuple[float, ...]
    #: The penalty chosen in each fold.
    l2: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The rows, without their features."""

    labels: Any
    num_classes: int
    folds: Any

    def __post_init__(self) -> None:
        import numpy as np

        number = len(set(self.folds.tolist()))
        if number < FEWEST_FOLDS:
            raise OrdinalError(f"{len(self.labels)} rows in {number} folds: at least {FEWEST_FOLDS} are needed")
        for fold in np.unique(self.folds):
            if len(np.unique(self.labels[self.folds != fold])) < 2:  # noqa: PLR2004
                raise OrdinalError("all training rows of a fold have one label: there is nothing to learn")


def probed(sample: Sample, features: Any, head: str, penalties: Sequence[float]) -> Probed:
    """Return a head's held-out distributions of every row.

    Args:
        sample: labels and folds.
        features: shape (n, d).
        head: as `fitted_head` takes it, or `constant`.
        penalties: L2 strengths tried; the best on the validating fold is kept and refitted with it.
    """
    import numpy as np

    whole = np.empty((len(sample.labels), sample.num_classes - 1))
    validation, chosen = [], []
    numbers = sorted(set(sample.folds.tolist()))
    for place, fold in enumerate(numbers):
        test = sample.folds == fold
        valid = sample.folds == numbers[(place + 1) % len(numbers)]
        tried = (0.0,) if head == CONSTANT else tuple(penalties)
        scores = [
            ranked_score(held_out(sample, features, head, l2, ~test & ~valid, valid), sample.labels[valid])
            for l2 in tried
        ]
        best = int(np.argmin(scores))
        validation.append(scores[best])
        chosen.append(tried[best])
        whole[test] = held_out(sample, features, head, tried[best], ~test, test)
    return Probed(exceedance=whole, validation=tuple(validation), l2=tuple(chosen))


def held_out(sample: Sample, features: Any, head: str, l2: float, train: Any, other: Any) -> Any:
    """Return P(y > k) of other rows by a head fitted to the training rows alone."""
    import numpy as np

    from harness_ordinal.convex import fitted_head

    labels = sample.labels[train]
    if head == CONSTANT:
        above = (labels[:, None] > np.arange(sample.num_classes - 1)).mean(axis=0)
        return np.tile(above, (int(other.sum()), 1))
    ours, theirs = standardised(features[train], features[other])
    ours, theirs = shortened(ours, theirs)
    with threads(1 if ours.size < LARGE else None):
        return np.clip(fitted_head(head, ours, labels, sample.num_classes, l2=l2).exceedance(theirs), 0.0, 1.0)


@contextmanager
def threads(number: int | None) -> Iterator[None]:
    """Let torch use so many threads within; None: as many as it would."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def standardised(train: Any, other: Any) -> tuple[Any, Any]:
    """Return both with the mean and the standard deviation of the training rows; constant columns become zero."""
    import numpy as np

    train, other = np.asarray(train, dtype=float), np.asarray(other, dtype=float)
    mean, spread = train.mean(axis=0), train.std(axis=0)
    flat = spread < FLAT * np.maximum(1.0, np.abs(mean))
    scale = np.where(flat, 1.0, spread)
    return np.where(flat, 0.0, (train - mean) / scale), np.where(flat, 0.0, (other - mean) / scale)


def shortened(train: Any, other: Any) -> tuple[Any, Any]:
    """Return both in the coordinates that the training rows span, where they are fewer than the columns.

    Exact for a linear head with an L2 penalty: its weights at the optimum lie in that span.
    """
    import numpy as np

    if train.shape[1] <= train.shape[0]:
        return train, other
    basis = np.linalg.svd(train, full_matrices=False)[2]
    return train @ basis.T, other @ basis.T


def ranked_score(exceedance: Any, labels: Any) -> float:
    """Return the mean ranked probability score."""
    import numpy as np

    reached = np.asarray(labels)[:, None] > np.arange(exceedance.shape[1])
    return float(((exceedance - reached) ** 2).sum(axis=1).mean())


def best_layers(by_layer: Mapping[str, Probed], folds: Any) -> tuple[Any, tuple[str, ...]]:
    """Return a head's distributions with the layer that validates best in each fold, and those layers."""
    import numpy as np

    names = list(by_layer)
    numbers = sorted(set(folds.tolist()))
    scores = np.array([by_layer[name].validation for name in names])
    winners = tuple(names[place] for place in scores.argmin(axis=0))
    whole = np.empty_like(next(iter(by_layer.values())).exceedance)
    for fold, name in zip(numbers, winners, strict=True):
        whole[folds == fold] = by_layer[name].exceedance[folds == fold]
    return whole, winners
