"""What a table of judgements says: who rated what, how each judge agrees with the people, how all agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from harness import Estimate
from harness.stats import wilson
from harness_ordinal.judges.correlations import CORRELATIONS, correlated
from harness_ordinal.judges.judgements import Judgements, subset
from harness_ordinal.metrics import agreement, estimated, metric_named, predictions_of, ratings_of

#: Figures of a pair on one scale.
ON_SCALE = ("accuracy", "accuracy_within_1", "mae", "kappa", "linear_kappa", "qwk")
NO_SCALE = "needs --scale: kappas, alpha and AC2 depend on how many labels there are"
#: The name of the reference raters' mean.
PEOPLE = "people"


def agreement_estimates(
    judgements: Judgements, classes: int | None, reference: Sequence[str] = ()
) -> Iterator[Estimate]:
    """Yield coverage of each rater, agreement of pairs, agreement of all.

    Args:
        judgements: who said what; ranks where there is a scale.
        classes: K; None where there is no scale.
        reference: raters that the others are compared with, by the mean of what they said; none: every pair.
    """
    for place, rater in enumerate(judgements.raters):
        yield from covered(judgements, place, rater)
    for names, first, second in pairs(judgements, reference):
        yield from paired(judgements, names, first, second, classes)
    others = [rater for rater in judgements.raters if rater not in reference]
    sets = {"all": list(judgements.raters), "reference": list(reference), "others": others if reference else []}
    for name, raters in sets.items():
        if len(raters) > 1:
            yield from together(judgements, raters, classes, {"raters": name})


def covered(judgements: Judgements, place: int, rater: str) -> Iterator[Estimate]:
    """Yield how many items a rater rated, how often he abstained, and how often two items got one rating."""
    import numpy as np

    labels = {"rater": rater}
    given = judgements.values[:, place]
    rated = int((~np.isnan(given)).sum())
    low, high = wilson(rated, len(given))
    yield Estimate(
        metric="coverage",
        value=rated / len(given),
        low=low,
        high=high,
        n=len(given),
        unit="share",
        method="Wilson",
        labels=labels,
    )
    yield Estimate(metric="abstained", value=judgements.abstained[rater], n=len(given), unit="count", labels=labels)
    yield Estimate(metric="ties", value=tied(given), n=rated, unit="share", labels=labels)


def tied(values: Any) -> float | None:
    """Return the share of pairs of items with equal ratings; None for fewer than two.

    >>> import numpy as np
    >>> tied(np.array([1.0, 1.0, 2.0, np.nan]))
    0.3333333333333333
    """
    import numpy as np

    known = values[~np.isnan(values)]
    counts = np.unique(known, return_counts=True)[1]
    whole = len(known) * (len(known) - 1)
    return float((counts * (counts - 1)).sum() / whole) if whole else None


def pairs(judgements: Judgements, reference: Sequence[str]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what is compared: each other rater with the reference's mean, or every two raters."""
    import numpy as np

    if reference:
        given = subset(judgements, reference)
        known = ~np.isnan(given).all(axis=1)
        mean = np.full(len(given), np.nan)
        mean[known] = np.nanmean(given[known], axis=1)
        name = reference[0] if len(reference) == 1 else PEOPLE
        for place, rater in enumerate(judgements.raters):
            if rater not in reference:
                yield f"{rater} - {name}", mean, judgements.values[:, place]
        return
    for first, second in combinations(range(len(judgements.raters)), 2):
        yield (
            f"{judgements.raters[second]} - {judgements.raters[first]}",
            judgements.values[:, first],
            judgements.values[:, second],
        )


def paired(judgements: Judgements, names: str, first: Any, second: Any, classes: int | None) -> Iterator[Estimate]:
    """Yield the agreement of one pair on the items that both rated; the first is the truth where one must be."""
    import numpy as np

    labels = {"pair": names}
    both = ~np.isnan(first) & ~np.isnan(second)
    clusters = (
        [name for name, known in zip(judgements.clusters, both, strict=True) if known] if judgements.clusters else []
    )
    ours, theirs = first[both], second[both]
    for name in CORRELATIONS:
        found = correlated(name, ours, theirs, clusters)
        if found is None:
            yield Estimate(metric=name, value=None, n=len(ours), note="undefined: no variation", labels=labels)
        else:
            yield Estimate(
                metric=name,
                value=found.value,
                low=found.low,
                high=found.high,
                n=len(ours),
                method=found.method,
                labels=labels,
            )
    if classes is None:
        yield Estimate(metric="qwk", value=None, n=len(ours), note=NO_SCALE, labels=labels)
        return
    whole = np.floor(ours + 0.5)  # the mean of several people, to the nearest rank
    predictions = predictions_of(whole, classes, ranks=theirs, clusters=clusters)
    yield from estimated(predictions, [metric_named(name) for name in ON_SCALE], labels=labels)


def together(
    judgements: Judgements, raters: Sequence[str], classes: int | None, labels: Mapping[str, str]
) -> Iterator[Estimate]:
    """Yield the agreement of several raters at once."""
    if classes is None:
        yield Estimate(metric="krippendorff_alpha", value=None, n=len(judgements.items), note=NO_SCALE, labels=labels)
        return
    yield from agreement(ratings_of(subset(judgements, raters), classes, clusters=judgements.clusters), labels=labels)
