"""Which constraints a document gets: drawn uniformly over types, families in turn, all from one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from harness import Answered, Constraint, ConstraintType, PluginError, Proposed, TaskSpec, blame
from harness_sustainscore.guards import Held, guard_against, held
from harness_sustainscore.pairs import clash

#: Why no constraint was drawn.
NOTHING_OFFERED = "no constraint: no type offers one for the answer"
ALL_REFUSED = "no constraint: the guards turned all candidates away"
TRUNCATED = "no constraint: the answer's thinking never ended (truncated)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What may be drawn."""

    #: How many at the most.
    most: int = 1
    #: In which every constraint is said, where its type knows it; empty: as the type says it.
    wording: str = ""
    #: Draw constraints on the place of the answer, and only those: they are analysed apart.
    touching: bool = False
    #: The highest hint level.
    most_hint: int = 0
    #: The declared strata to draw from; empty: all, and types that declare none.
    strata: frozenset[str] = frozenset()

    def admit(self, constraint: Constraint) -> bool:
        """Whether a constraint is of the kind that is wanted."""
        return (
            constraint.hint <= self.most_hint
            and constraint.touches_answer >= self.touching
            and (not self.strata or constraint.stratum in self.strata)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The constraints drawn, in order of use, and what became of the candidates."""

    constraints: tuple[Constraint, ...] = ()
    #: By family: how many candidates were offered, and how many each guard turned away.
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    #: Why there is none; empty if there is one.
    why: str = ""


#: The count of all candidates, beside those of the guards.
OFFERED = "candidates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What models wrote for one answer: by the type that asked them, and the types by whose rules it holds."""

    proposed: Mapping[str, Proposed] = field(default_factory=dict)
    checkers: Mapping[str, ConstraintType] = field(default_factory=dict)

    def checker(self, kind: ConstraintType, constraint: Constraint) -> ConstraintType:
        """Return the type that checks a constraint which another type may have offered."""
        return self.checkers.get(constraint.type, kind)


NOTHING_WRITTEN = Written()


def chosen_constraints(  # what decides the draw
    source: Answered,
    types: Mapping[str, ConstraintType],
    *,
    spec: TaskSpec,
    domain: str,
    random: Random,
    terms: Terms,
    written: Written = NOTHING_WRITTEN,
) -> Choice:
    """Draw constraints that a successful answer meets.

    Uniform over types, not over candidates (there are many length bounds and one "no table"); a family
    comes again only when every family had its turn. All come from one answer, so they can be met together; none
    implies, excludes or repeats another. A smaller set is the beginning of a larger one.

    Args:
        source: the successful answer.
        types: what may be drawn.
        spec: how the task is graded, and where its answers stand.
        domain: of the task; types that do not suit it are left out.
        random: seeded by the caller.
        terms: how many, and of which kind.
        written: what models wrote; it has passed gates of its own.

    Raises:
        PluginError: a type raised, or its constraint holds on its source at one time and not at another.
    """
    against = held(source, spec, domain, touching=terms.touching)
    if against is None:
        return Choice(why=TRUNCATED)
    counts: dict[str, Counter[str]] = {}
    drawn: list[tuple[ConstraintType, Constraint]] = []
    for kind, candidates in rounds(in_turn(types.values(), domain, random), against, terms, counts, written):
        if len(drawn) == terms.most:
            break
        owned = [(written.checker(kind, one), one) for one in candidates]
        free = [mine for mine in owned if not any(clash(*mine, *other) for other in drawn)]
        if free:
            drawn.append(random.choice(free))
    hold_together(drawn, against)
    offered = any(count[OFFERED] for count in counts.values())
    return Choice(
        constraints=tuple(constraint for _, constraint in drawn),
        counts={family: dict(count) for family, count in sorted(counts.items())},
        why="" if drawn else ALL_REFUSED if offered else NOTHING_OFFERED,
    )


def rounds(
    kinds: Sequence[ConstraintType],
    against: Held,
    terms: Terms,
    counts: dict[str, Counter[str]],
    written: Written = NOTHING_WRITTEN,
) -> Iterator[tuple[ConstraintType, list[Constraint]]]:
    """Yield the types with their candidates, first once each, then again while there are more than were drawn.

    A type comes again only for another word or item: two bounds on one length are one requirement.
    """
    passed: dict[str, list[Constraint]] = {}
    for kind in kinds:
        proposed = written.proposed.get(kind.name)
        if proposed is not None:
            counts.setdefault(kind.family, Counter()).update(proposed.counts)
            passed[kind.name] = [one for one in proposed.constraints if terms.admit(one)]
        else:
            passed[kind.name] = list(passing(kind, against, terms, counts))
        if passed[kind.name]:
            yield kind, passed[kind.name]
    most = max(map(len, passed.values()), default=0)
    for turn in range(1, most):
        for kind in kinds:
            if len(passed[kind.name]) > turn:
                yield kind, passed[kind.name]


def passing(kind: ConstraintType, against: Held, terms: Terms, counts: dict[str, Counter[str]]) -> Iterator[Constraint]:
    """Yield the candidates of a type that pass the guards, and count all."""
    with blame(f"constraint type {kind.name}, extract", PluginError):
        offered = kind.extract(against.source)
        if terms.wording and kind.reworded is not None:
            offered = tuple(kind.reworded(one, terms.wording) for one in offered)
    for candidate in offered:
        if not terms.admit(candidate):
            continue
        count = counts.setdefault(kind.family, Counter())
        count[OFFERED] += 1
        with blame(f"constraint type {kind.name}, check", PluginError):
            guard = guard_against(kind, candidate, against)
        if guard:
            count[guard] += 1
        else:
            yield candidate


def hold_together(drawn: Iterable[tuple[ConstraintType, Constraint]], against: Held) -> None:
    """Assert that one answer meets all that was drawn, so that they can be asked for together.

    Raises:
        PluginError: one does not hold any more; the message names its type.
    """
    for kind, constraint in drawn:
        if constraint.judged:
            continue  # its judge was asked, and remembers
        with blame(f"constraint type {kind.name}, check", PluginError):
            verdict = kind.check(constraint, against.source.response)
        if verdict.met is not True:
            raise PluginError(
                f"constraint type {kind.name}: {constraint.text!r} held on its source, and does not now: "
                "its check is not deterministic"
            )


def in_turn(types: Iterable[ConstraintType], domain: str, random: Random) -> list[ConstraintType]:
    """Return the types that suit a domain in random order, such that families take turns."""
    families: dict[str, list[ConstraintType]] = {}
    for kind in sorted(types, key=lambda kind: kind.name):
        if kind.suits(domain):
            families.setdefault(kind.family, []).append(kind)
    # Weighted by size, so that the first draw is uniform over types and not over families.
    order = weighted_order({name: len(kinds) for name, kinds in families.items()}, random)
    for kinds in families.values():
        random.shuffle(kinds)
    most = max(map(len, families.values()), default=0)
    return [families[name][turn] for turn in range(most) for name in order if turn < len(families[name])]


def weighted_order(weights: Mapping[str, int], random: Random) -> list[str]:
    """Return the names in random order, each next one drawn by weight."""
    left, order = dict(weights), []
    while left:
        name = random.choices(list(left), list(left.values()))[0]
        order.append(name)
        del left[name]
    return order
