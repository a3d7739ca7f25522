"""Natural compliance q: how often the model's *other* answers meet a constraint that nobody asked them to meet.

The covariate of method 3.4. q near 1: the constraint is self-evident; low q: it pushes the model off its own
distribution. Three strata, fixed in advance: strict from 0.95, soft from 0.80, forcing below. Strict is primary.

With a few base draws a share is coarse (0, 1/3, 2/3, 1), so it is pooled for each type of a task by a beta-binomial
model: the type's mean, towards which each item is shrunk. For an estimator, over the records of a run::

    seen = {record.doc: observed(record) for record in records}      # keep this in the metric's row
    types = natural_compliance(one for row in seen.values() for one in row)
    q = set_q(types, seen[doc][:k])                                  # None: unknown, no stratum either
    stratum = set_stratum(types, seen[doc][:k])                      # "strict", "soft", "forcing" or "unknown"

Where the base arm has one draw (greedy decoding), nothing is observed: q is then None, the stratum is the one that the
constraint's type declares, and `TypeCompliance.note` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness import Record
from harness_sustainscore.sharing import distinct, made

#: Arm of the answers to the plain prompt, as records name it.
BASE = "base"
#: Strata and the least q of each; fixed in advance.
STRATA: Mapping[str, float] = {"strict": 0.95, "soft": 0.80, "forcing": 0.0}
UNKNOWN = "unknown"
#: From the weakest on: what is unknown makes all that stand beside it unknown.
ORDER = (UNKNOWN, *reversed(tuple(STRATA)))
#: The q that a declared stratum stands for before anything is observed: the middle of its range.
EXPECTED: Mapping[str, float] = {"strict": 0.975, "soft": 0.875, "forcing": 0.40}
#: How many observed answers the declared stratum weighs in the mean of a type: as much as one item's base arm.
PRIOR_DRAWS = 4
#: The note of a type of which no other answer was observed.
DECLARED = "no other base answer: the stratum is the one that the type declares"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the other base answers to one document say of one constraint."""

    task: str
    type: str
    #: The stratum that its type declares; empty if it declares none.
    declared: str
    #: How many of the other base answers meet it, and how many could be judged.
    met: int
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCompliance:
    """Natural compliance of one type in one task: Beta(mean * strength, (1 - mean) * strength) over its items."""

    #: None where no other answer was observed.
    mean: float | None
    #: Prior draws that the mean is worth for an item; infinite where items do not differ beyond chance.
    strength: float
    items: int
    draws: int
    declared: str
    note: str = ""

    def q(self, one: Observed) -> float | None:
        """Return an item's share, shrunk towards the mean of its type; None where nothing was observed.

        >>> some = TypeCompliance(mean=0.9, strength=6.0, items=50, draws=150, declared="soft")
        >>> round(some.q(Observed(task="t", type="x", declared="soft", met=1, draws=3)), 3)
        0.711
        """
        if self.mean is None:
            return None
        if self.strength == float("inf") or not one.draws:
            return self.mean
        return (self.mean * self.strength + one.met) / (self.strength + one.draws)

    @property
    def stratum(self) -> str:
        """The stratum of the type by its mean; the declared one where that is unknown."""
        return stratum_of(self.mean, self.declared)


def observed(record: Record) -> tuple[Observed, ...]:
    """Return what the other base answers say of each constraint of a record, in the order of its constraints.

    The base answer that was the source is not counted. What could not be judged (a failed request, truncated
    thinking) is left out.
    """
    source = record.source or 0
    others = [trial.verdicts for trial in record.trials if trial.arm == BASE and trial.draw != source]
    found: list[Observed] = []
    for number, constraint in enumerate(record.constraints):
        met = [verdicts[number].met for verdicts in others if number < len(verdicts)]
        judged = [one for one in met if one is not None]
        found.append(
            made(
                Observed,
                task=record.task,
                type=constraint.type,
                declared=constraint.stratum,
                met=sum(judged),
                draws=len(judged),
            )
        )
    return tuple(found)


def natural_compliance(observations: Iterable[Observed]) -> dict[tuple[str, str], TypeCompliance]:
    """Return the pooled natural compliance by (task, type); domains are never pooled.

    Args:
        observations: one for each item and constraint, of whichever records are analysed together.
    """
    different, places = distinct(list(observations))
    declared: dict[tuple[str, str], str] = {}
    counts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one in different:
        declared.setdefault((one.task, one.type), one.declared)
    groups = [counts.setdefault((one.task, one.type), []) for one in different]
    found = [(one.met, one.draws) for one in different]
    for place in places:
        groups[place].append(found[place])
    return {key: pooled(group, declared[key]) for key, group in sorted(counts.items())}


def pooled(counts: Sequence[tuple[int, int]], declared: str = "") -> TypeCompliance:
    """Return the beta-binomial of one type from (met, draws) of its items.

    The mean is the share over all draws, with `PRIOR_DRAWS` more at what the declared stratum leads to expect: three
    of three in one item prove little. The strength is (1 - rho) / rho, rho the intraclass correlation.

    >>> found = pooled([(3, 3)] * 40 + [(0, 3)] * 10)
    >>> found.mean, found.strength
    (0.8, 0.0)
    >>> pooled([(0, 0)], "strict").note
    'no other base answer: the stratum is the one that the type declares'
    """
    seen = [pair for pair in counts if pair[1]]
    met, draws = sum(met for met, _ in seen), sum(draws for _, draws in seen)
    if not draws:
        return TypeCompliance(
            mean=None, strength=0.0, items=0, draws=0, declared=declared, note=DECLARED if declared else UNKNOWN
        )
    prior = PRIOR_DRAWS if declared in EXPECTED else 0
    mean = (met + prior * EXPECTED.get(declared, 0.0)) / (draws + prior)
    rho = intraclass_correlation(seen)
    strength = (1 - rho) / rho if rho > 0 else float("inf")
    return TypeCompliance(mean=mean, strength=strength, items=len(seen), draws=draws, declared=declared)


def intraclass_correlation(counts: Sequence[tuple[int, int]]) -> float:
    """Return how alike the draws of one item are, by analysis of variance (Ridout, Demetrio and Firth 1999, "AOV").

    Args:
        counts: (successes, draws) of each item, draws at least 1.

    Returns:
        A number from 0 (items do not differ beyond chance, or that cannot be told) to 1.

    >>> intraclass_correlation([(3, 3), (0, 3), (3, 3), (0, 3)]), intraclass_correlation([(1, 2)] * 9)
    (1.0, 0.0)
    """
    different = Counter(counts)
    items, draws = len(counts), sum(n * times for (_, n), times in different.items())
    if items < 2 or draws == items:  # noqa: PLR2004  # nothing to compare
        return 0.0
    share = sum(x * times for (x, _), times in different.items()) / draws
    off = {(x, n): n * (x / n - share) ** 2 for x, n in different}
    mixed = {(x, n): x * (n - x) / n for x, n in different}
    between = sum(map(off.__getitem__, counts)) / (items - 1)
    within = sum(map(mixed.__getitem__, counts)) / (draws - items)
    typical = (draws - sum(n * n * times for (_, n), times in different.items()) / draws) / (items - 1)
    total = between + (typical - 1) * within
    return min(1.0, max(0.0, (between - within) / total)) if total > 0 else 0.0


def stratum_of(q: float | None, declared: str = "") -> str:
    """Return the stratum of a natural compliance; the declared one where it is unknown.

    >>> [stratum_of(q) for q in (1.0, 0.95, 0.949, 0.80, 0.2)]
    ['strict', 'strict', 'soft', 'soft', 'forcing']
    >>> stratum_of(None, "soft"), stratum_of(None)
    ('soft', 'unknown')
    """
    if q is None:
        return declared if declared in STRATA else UNKNOWN
    return next(name for name, least in STRATA.items() if q >= least)


def set_q(types: Mapping[tuple[str, str], TypeCompliance], members: Sequence[Observed]) -> float | None:
    """Return the q of constraints that stand in one prompt: of the one that is met least; None where any is unknown."""
    return weakest([natural_of(types, one) for one in members])[0]


def set_stratum(types: Mapping[tuple[str, str], TypeCompliance], members: Sequence[Observed]) -> str:
    """Return the stratum of constraints that stand in one prompt: the weakest of them."""
    return weakest([natural_of(types, one) for one in members])[1]


def natural_of(types: Mapping[tuple[str, str], TypeCompliance], one: Observed) -> tuple[float | None, str]:
    """Return the q and the stratum of a constraint."""
    q = types[one.task, one.type].q(one)
    return q, stratum_of(q, one.declared)


def weakest(members: Sequence[tuple[float | None, str]]) -> tuple[float | None, str]:
    """Return the q and the stratum of constraints that stand in one prompt, from those of each."""
    known = [q for q, _ in members if q is not None]
    q = min(known) if known and len(known) == len(members) else None
    return q, min([stratum for _, stratum in members], key=ORDER.index, default=UNKNOWN)
