"""The checks of the registry that a written constraint may name: those that suit the task and need no model."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from harness import Answered, Constraint, ConstraintType, Json
from harness_extractor.reply import Rule
from harness_sustainscore import Held, leaks

#: Checks that a prompt lists.
LISTED = 40


def usable(types: Mapping[str, ConstraintType], domain: str) -> dict[str, ConstraintType]:
    """Return the types of a domain that check by rule."""
    return {name: kind for name, kind in sorted(types.items()) if not kind.asks and kind.suits(domain)}


def examples(kinds: Mapping[str, ConstraintType], against: Held, random: Random) -> list[Constraint]:
    """Return checks that hold on an answer, one a type, for the prompt; none that tells the right answer."""
    found = []
    for kind in kinds.values():
        offered = [one for one in kind.extract(against.source) if not one.hint and not leaks(kind, one, against)]
        if offered:
            found.append(random.choice(offered))
    return sorted(random.sample(found, min(LISTED, len(found))), key=lambda one: (one.family, one.type))


def ruled(rule: Rule, kind: ConstraintType, source: Answered) -> Constraint | None:
    """Return the constraint of a rule with these arguments, in the words of its type; None if it does not hold.

    It holds if its own check says so on the source: what a model claims of an answer is a hypothesis.
    """
    for offered in kind.extract(source):
        if bare(offered.params) == bare(rule.args):
            return offered
    if kind.reworded is None:
        return None
    try:
        made = kind.reworded(blank(kind, rule.args), "imperative")
        holds = kind.check(made, source.response).met is True
    except Exception:  # noqa: BLE001  # arguments that a model made up may be anything
        return None
    return made if holds and made.text.strip() else None


def bare(params: Mapping[str, Json]) -> dict[str, Json]:
    """Return parameters without the wording, lists for tuples."""
    return {
        name: list(value) if isinstance(value, list | tuple) else value
        for name, value in params.items()
        if name != "wording"
    }


def blank(kind: ConstraintType, args: Mapping[str, Json]) -> Constraint:
    """Return a constraint of a type that has its arguments and no words yet."""
    details = kind.details
    return Constraint(
        type=kind.name,
        family=kind.family,
        version=kind.version,
        params=dict(args),
        text="",
        tight=bool(details.get("tight", False)),
        hint=int(details.get("hint", 0)),
        touches_answer=bool(details.get("touches_answer", False)),
        stratum=str(details.get("stratum", "")),
    )
