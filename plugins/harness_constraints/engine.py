"""From a catalogue entry to a constraint type: extraction measures an answer, checking measures another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from harness import Answered, Constraint, ConstraintType, Json, Response, Verdict
from harness_constraints.measurements import Measurement
from harness_constraints.reading import Reading, reading_of
from harness_constraints.relations import Params, Relation, Terms

MET = Verdict(met=True)
NO_ANSWER = Verdict(met=None, note="no answer: the request failed")
TRUNCATED = Verdict(met=None, note="truncated thinking")
EMPTY = Verdict(met=False, note="empty answer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # there is one of each, and identity hashes fast
class Rule:
    """A catalogue entry with its names looked up."""

    name: str
    family: str
    summary: str
    version: str
    domains: frozenset[str]
    measurement: Measurement
    args: Mapping[str, str | int]
    #: Under which a reading keeps what is measured.
    key: Hashable
    relation: Relation
    terms: Terms
    #: Where items come from.
    pick: Callable[[Reading, Answered], Sequence[str]] | None
    #: A number of its own, by its name.
    seed: int
    #: The fewest words of a source.
    words: int
    #: How many constraints one answer gives at the most.
    offers: int
    unit: str
    hint: int
    tight: bool
    touches_answer: bool
    stratum: str
    group: str
    example: Params
    wordings: tuple[tuple[str, str], ...]

    def value(self, reading: Reading) -> Any:
        """Return what is measured, or None if the reading has no such thing; measured once a reading."""
        values, key = reading.values, self.key
        if key not in values:
            values[key] = self.measurement.measure(reading, **self.args)
        return values[key]


def extract(rule: Rule, answered: Answered) -> tuple[Constraint, ...]:
    """Return constraints that the answer meets; every one is checked on it before it is handed out."""
    response = answered.response
    reading = reading_of(response.text)
    if reading.unfit or response.finish == "error":
        return ()
    if rule.words and len(reading.words) < rule.words:
        return ()
    value = rule.value(reading)
    if value is None:
        return ()
    seed = number_of(answered.doc.id) ^ rule.seed
    offered = rule.relation.derive(value, rule.terms, _candidates(rule, reading, answered, seed) if rule.pick else ())
    if not offered:
        return ()
    wording, holds = _mixed(seed) % len(rule.wordings), rule.relation.holds
    return tuple([_constraint(rule, wording, params) for params in offered[: rule.offers] if holds(value, params)])


def _candidates(rule: Rule, reading: Reading, answered: Answered, seed: int) -> Sequence[str]:
    """Return the items that a constraint could speak of, the first to be used first."""
    items = rule.pick(reading, answered) if rule.pick else ()
    return items if rule.relation.ordered else _shuffled(items, seed)


def check(rule: Rule, constraint: Constraint, response: Response) -> Verdict:
    """Return whether another answer meets a constraint of this rule."""
    if response.finish == "error":
        return NO_ANSWER
    reading = reading_of(response.text)
    if reading.unfit:
        return TRUNCATED if reading.truncated else EMPTY
    value = rule.value(reading)
    if value is None:
        return Verdict(met=False, note=rule.measurement.missing)
    try:
        met = rule.relation.holds(value, constraint.params)
    except KeyError as error:
        return Verdict(met=None, note=f"the constraint has no parameter {error}")
    return MET if met else Verdict(met=False, note=_observed(value))


def _observed(value: Any) -> str:
    return f"measured {value}" if isinstance(value, int) and not isinstance(value, bool) else ""


def _constraint(rule: Rule, wording: int, params: Params) -> Constraint:
    """Return the constraint; bounds are round numbers, so the same few are wanted again and again."""
    if rule.relation.ordered:  # its parameters are lists, and seldom the same
        return _made(rule, wording, params)
    return _remembered(rule, wording, tuple(params.items()))


@lru_cache(maxsize=16_384)
def _remembered(rule: Rule, wording: int, items: tuple[tuple[str, Json], ...]) -> Constraint:
    return _made(rule, wording, dict(items))


def _made(rule: Rule, wording: int, params: Params) -> Constraint:
    name, template = rule.wordings[wording]
    return Constraint(
        type=rule.name,
        family=rule.family,
        version=rule.version,
        params={**params, "wording": name},
        text=rendered(template, params, rule.unit),
        tight=rule.tight,
        hint=rule.hint,
        touches_answer=rule.touches_answer,
        stratum=rule.stratum,
    )


def reworded(rule: Rule, constraint: Constraint, wording: str) -> Constraint:
    """Return the same constraint in another wording, for designs that vary it."""
    template = dict(rule.wordings)[wording]
    params = {**constraint.params, "wording": wording}
    return replace(constraint, params=params, text=rendered(template, params, rule.unit))


def rendered(template: str, params: Params, unit: str = "") -> str:
    """Return the text of a constraint.

    >>> rendered("Use at most {amount}.", {"bound": 1}, "line"), rendered("{items}", {"items": ["A", "B"]})
    ('Use at most 1 line.', '"A", "B"')
    """
    if "{" not in template:
        return template
    fields = dict(params)
    if unit:
        for key in ("bound", "value", "high", "times"):
            if key in params:
                fields["amount"] = f"{params[key]} {unit if params[key] == 1 else unit + 's'}"
                break
    if "items" in params:
        fields["items"] = ", ".join(f'"{item}"' for item in params["items"])
    return template.format_map(fields)


@lru_cache(maxsize=8192)
def number_of(key: str) -> int:
    """Return a number of 64 bits that a key determines, on every machine and in every version."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _mixed(seed: int) -> int:
    """Return a number in which every bit of the seed has a part, for choices by remainder or order."""
    return (seed * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 16


def _shuffled(items: Sequence[str], seed: int) -> Sequence[str]:
    """Return distinct items in an order that the seed determines and the order given does not."""
    if len(items) < 2:  # noqa: PLR2004  # nothing to put in order
        return items
    return sorted(dict.fromkeys(items), key=lambda item: (_mixed(number_of(item) ^ seed), item))


def constraint_type(rule: Rule) -> ConstraintType:
    """Return a rule as what the harness knows: a constraint type."""
    return ConstraintType(
        name=rule.name,
        family=rule.family,
        summary=rule.summary,
        version=rule.version,
        domains=rule.domains,
        group=rule.group,
        extract=partial(extract, rule),
        check=partial(check, rule),
        reworded=partial(reworded, rule),
        details=details(rule),
    )


def details(rule: Rule) -> Mapping[str, Json]:
    """Return what `harness show constraint` prints of a rule."""
    return {
        "measurement": rule.measurement.name,
        "measures": rule.measurement.summary,
        "args": dict(rule.args),
        "relation": rule.relation.name,
        "reads": rule.relation.reads,
        "hint": rule.hint,
        "tight": rule.tight,
        "touches_answer": rule.touches_answer,
        "stratum": rule.stratum,
        "wordings": dict(rule.wordings),
        "example": rendered(rule.wordings[0][1], rule.example, rule.unit),
    }
