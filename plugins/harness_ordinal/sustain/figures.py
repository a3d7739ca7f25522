"""Rows of a SustainScore report: the sustain curve of each task and family, its slopes, and recoveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness import Estimate, Metric, Task
from harness.stats import Z95, wilson
from harness_ordinal.sustain.chains import Chain, chains_of, of_levels
from harness_ordinal.sustain.curve import curve_of
from harness_ordinal.sustain.slopes import EVENTS, corn_curve, slopes, stacked

ALL = "all"
FEW = f"fewer than {EVENTS} losses for each covariate: no slopes"


def sustain_estimates(rows: Sequence[tuple[Chain, ...]], _tasks: Mapping[str, Task]) -> Iterable[Estimate]:
    """Yield, for each task, the curves, the slopes and the recoveries of its chains."""
    chains = [chain for row in rows for chain in row]
    for task in dict.fromkeys(chain.task for chain in chains):
        own = [chain for chain in chains if chain.task == task]
        # Documents of which fewer constraints could be drawn went a shorter way; the longest is the one reported.
        longest = max(of_levels(own).items(), key=lambda item: (len(item[0]), len(item[1])))[1]
        yield from curves(longest, task)
        yield from slope_estimates(longest, task)
        yield from recoveries(longest, task)


def curves(chains: Sequence[Chain], task: str) -> Iterator[Estimate]:
    """Yield the curve of a task, and of its families where there are several; beside it the CORN head's."""
    families = sorted({chain.family for chain in chains})
    for family in (ALL, *(families if len(families) > 1 else ())):
        members = [chain for chain in chains if family in {ALL, chain.family}]
        beside = corn_curve(members) if family == ALL else None
        for place, point in enumerate(curve_of(members)):
            labels = {"task": task, "curve of": family, "k": str(point.k)}
            yield Estimate(
                metric="sustained",
                value=point.value,
                low=point.low,
                high=point.high,
                n=point.at_risk,
                unit="share",
                method=f"product over risk sets; {point.method}",
                note="" if point.value is not None else "nobody came so far",
                labels=labels,
            )
            if beside is not None:
                yield Estimate(
                    metric="sustained_corn",
                    value=beside[place],
                    n=point.at_risk,
                    unit="share",
                    method="mean over chains of a linear CORN head",
                    labels=labels,
                )


def slope_estimates(chains: Sequence[Chain], task: str) -> Iterator[Estimate]:
    """Yield what each covariate does to the log-odds of sustaining a step, and whether it does so at every step."""
    levels = [step.k for step in chains[0].steps]
    found = slopes(stacked(chains), len(levels))
    if found is None:
        yield Estimate(metric="slope", value=None, n=len(chains), note=FEW, labels={"task": task, "covariate": ALL})
        return
    for one in found:
        labels = {"task": task, "covariate": one.name}
        yield Estimate(
            metric="slope",
            value=one.value,
            low=one.value - Z95 * one.error,
            high=one.value + Z95 * one.error,
            stderr=one.error,
            n=len(chains),
            method="stacked risk-set logit, covariance over items",
            labels=labels,
        )
        yield Estimate(
            metric="one_slope_for_all_steps",
            value=one.statistic,
            p=one.p,
            n=len(chains),
            method="Wald test over the logits of the steps (proportional odds)",
            labels=labels,
        )
        for k, value, error in zip(levels, one.at, one.at_error, strict=True):
            yield Estimate(
                metric="slope_at_step",
                value=value,
                low=value - Z95 * error,
                high=value + Z95 * error,
                stderr=error,
                n=len(chains),
                method="logit of one step, covariance over items",
                labels={**labels, "k": str(k)},
            )


def recoveries(chains: Sequence[Chain], task: str) -> Iterator[Estimate]:
    """Yield how often a chain that lost sustained a larger set later: what the curve defines away."""
    lost = [chain for chain in chains if any(step.sustained is False for step in chain.steps)]
    back = sum(chain.recovered for chain in lost)
    low, high = wilson(back, len(lost))
    unjudged = sum(chain.survived is None for chain in chains)
    yield Estimate(
        metric="recovered",
        value=back / len(lost) if lost else None,
        low=low if lost else None,
        high=high if lost else None,
        n=len(lost),
        unit="share",
        method="Wilson over the chains that lost",
        note=f"of {len(chains):,} chains {len(lost):,} lost, {unjudged:,} could not be judged to the end; a chain "
        "counts up to its first loss, and a recovery says that losses are partly noise",
        labels={"task": task},
    )


SUSTAIN_CURVE: Metric[tuple[Chain, ...]] = Metric(
    name="sustain_curve",
    summary="how many nested constraints a success survives; needs several constraint counts",
    evaluation="sustainscore",
    row=chains_of,
    estimate=sustain_estimates,
)
