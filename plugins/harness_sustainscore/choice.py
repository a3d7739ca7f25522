"""Which constraints a document gets: drawn uniformly over types, families in turn, all from one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from harness import Answered, Constraint, ConstraintType, PluginError, blame
from harness_sustainscore.guards import guard_against


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The constraints drawn, in order of use, and how many candidates each guard turned away."""

    constraints: tuple[Constraint, ...]
    refused: Mapping[str, int] = field(default_factory=dict)


def chosen_constraints(  # noqa: PLR0913  # what decides the draw
    source: Answered,
    types: Mapping[str, ConstraintType],
    *,
    most: int,
    domain: str,
    channel: str,
    random: Random,
    wording: str = "",
    touching: bool = False,
    most_hint: int = 0,
) -> Choice:
    """Draw up to `most` constraints that a successful answer meets.

    Uniform over types, not over candidates (there are many length bounds and one "no table"); a family
    comes again only when every family had its turn, a group of types that imply each other never. All come from one
    answer, so they can be met together.

    Args:
        source: the successful answer.
        types: what may be drawn.
        most: how many at the most.
        domain: of the task; types that do not suit it are left out.
        channel: regular expression of the place of the answer.
        random: seeded by the caller.
        wording: in which every constraint is said, where its type knows it; empty: as the type says it.
        touching: draw constraints on the place of the answer, and only those: they are analysed apart.
        most_hint: the highest hint level.
    """
    refused: Counter[str] = Counter()
    drawn: list[Constraint] = []
    groups: set[str] = set()
    for kind in in_turn(types.values(), domain, random):
        if len(drawn) == most:
            break
        if kind.group and kind.group in groups:
            continue
        with blame(f"constraint type {kind.name}, extract", PluginError):
            offered = kind.extract(source)
            if wording and kind.reworded is not None:
                offered = tuple(kind.reworded(one, wording) for one in offered)
        candidates = [one for one in offered if one.hint <= most_hint and one.touches_answer >= touching]
        passed = []
        for candidate in candidates:
            with blame(f"constraint type {kind.name}, check", PluginError):
                guard = guard_against(kind, candidate, source, None if touching else channel)
            if guard:
                refused[guard] += 1
            else:
                passed.append(candidate)
        if passed:
            drawn.append(random.choice(passed))
            groups.add(kind.group)
    return Choice(constraints=tuple(drawn), refused=dict(sorted(refused.items())))


def in_turn(types: Iterable[ConstraintType], domain: str, random: Random) -> list[ConstraintType]:
    """Return the types that suit a domain in random order, such that families take turns."""
    families: dict[str, list[ConstraintType]] = {}
    for kind in sorted(types, key=lambda kind: kind.name):
        if not kind.domains or not domain or domain in kind.domains:
            families.setdefault(kind.family, []).append(kind)
    # Weighted by size, so that the first draw is uniform over types and not over families.
    order = weighted_order({name: len(kinds) for name, kinds in families.items()}, random)
    for kinds in families.values():
        random.shuffle(kinds)
    rounds = max(map(len, families.values()), default=0)
    return [families[name][turn] for turn in range(rounds) for name in order if turn < len(families[name])]


def weighted_order(weights: Mapping[str, int], random: Random) -> list[str]:
    """Return the names in random order, each next one drawn by weight."""
    left, order = dict(weights), []
    while left:
        name = random.choices(list(left), list(left.values()))[0]
        order.append(name)
        del left[name]
    return order
