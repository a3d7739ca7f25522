"""What pushed answers come to: dose and response for the constraint's span, beside the same for the placebo's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from harness import Estimate, Table
from harness.report import interval_text, notes_of
from harness.stats import difference_interval, max_t, mean_interval
from harness_attention.measured import CONSTRAINED, PLACEBO
from harness_attention.pushing import Pushed
from harness_attention.within import FEWEST

if TYPE_CHECKING:
    from harness_attention.quantities import Array

SPANS = {CONSTRAINED: "constraint", PLACEBO: "placebo"}
GAP = "constraint - placebo"
METHOD = "paired by document, signs of clusters flipped, two-sided"


def dose_estimates(answers: Sequence[Pushed], seed: int = 0) -> Iterator[Estimate]:
    """Yield shares at each dose, changes against dose 0, and slopes over finite doses; then constraint less placebo.

    A document counts where it was asked in both arms at every dose.
    """
    import numpy as np

    doses = sorted({one.dose for one in answers})
    table = {(one.arm, one.doc, one.dose): one for one in answers}
    docs = [
        doc
        for doc in dict.fromkeys(one.doc for one in answers)
        if all((arm, doc, dose) in table for arm in SPANS for dose in doses)
    ]
    if len(docs) < FEWEST:
        return
    clusters = [table[CONSTRAINED, doc, doses[0]].cluster for doc in docs]
    right = {
        arm: np.array([[table[arm, doc, dose].right for dose in doses] for doc in docs], dtype=float) for arm in SPANS
    }
    base = doses.index(0.0)
    for arm, span in SPANS.items():
        for at, dose in enumerate(doses):
            labels = {"span": span, "push": shown(dose)}
            yield level("right", right[arm][:, at], clusters, labels, seed)
            if arm == CONSTRAINED:
                met = [table[arm, doc, dose].complied for doc in docs]
                known = [(share, name) for share, name in zip(met, clusters, strict=True) if share is not None]
                if known:
                    shares, names = zip(*known, strict=True)
                    yield level("complied", np.array(shares), list(names), labels, seed)
    changes = {span: right[arm] - right[arm][:, [base]] for arm, span in SPANS.items()}
    changes[GAP] = changes["constraint"] - changes["placebo"]
    finite = [at for at, dose in enumerate(doses) if math.isfinite(dose)]
    steps = np.array([doses[at] for at in finite])
    for span, values in changes.items():
        for at, dose in enumerate(doses):
            if at != base:
                yield change("change", values[:, at], clusters, {"span": span, "push": shown(dose)}, seed)
        if len(finite) > FEWEST:
            slopes = values[:, finite] @ (steps - steps.mean()) / ((steps - steps.mean()) ** 2).sum()
            yield change("slope", slopes, clusters, {"span": span, "push": "per unit"}, seed)


def shown(dose: float) -> str:
    """Return a number with its sign, nothing before zero.

    >>> shown(-2.0), shown(0.0), shown(float("inf"))
    ('-2', '0', '+inf')
    """
    return f"{dose:+g}" if dose else "0"


def level(metric: str, values: Array, clusters: Sequence[str], labels: dict[str, str], seed: int) -> Estimate:
    """Return a share at one dose."""
    interval = mean_interval(values, clusters, seed=seed)
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        n=len(values),
        unit="share",
        method=interval.method,
        labels=labels,
    )


def change(metric: str, values: Array, clusters: Sequence[str], labels: dict[str, str], seed: int) -> Estimate:
    """Return a change of a share, with its test."""
    interval = difference_interval(values, clusters, seed=seed)
    return Estimate(
        metric=metric,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        p=float(max_t(values[:, None], clusters, seed=seed)[0][0]),
        n=len(values),
        unit="points",
        method=f"{METHOD}; {interval.method}",
        labels=labels,
    )


def dose_table(estimates: Sequence[Estimate]) -> Table:
    """Return the table of doses."""
    cells: dict[tuple[str, str], dict[str, Estimate]] = {}
    for one in estimates:
        cells.setdefault((one.labels["span"], one.labels["push"]), {})[one.metric] = one
    metrics = ("right", "complied", "change", "slope")
    rows = tuple(
        (
            *key,
            f"{max(one.n for one in cell.values()):,}",
            *(interval_text(cell[m]) if m in cell else "" for m in metrics),
        )
        for key, cell in cells.items()
    )
    return Table(
        title="Attention pushed: what is added to the span's logits while the answer is made",
        columns=("span", "push", "n", *metrics),
        rows=rows,
        notes=notes_of(estimates),
    )
