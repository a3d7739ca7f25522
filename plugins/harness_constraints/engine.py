"""From a catalogue entry to a constraint type: extraction measures an answer, checking measures another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
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
#: Values of which one rule remembers the constraints.
_KEPT = 1_000


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
    #: The measurement with its arguments; under it a reading keeps what is measured.
    measured: Callable[[Reading], Any]
    relation: Relation
    terms: Terms
    #: Where items come from.
    pick: Callable[[Reading, Answered], Sequence[str]] | None
    #: A number of its own, by its name.
    seed: int
    #: The fewest words of a source.
    words: int
    #: Whether it is left out where the prompt's own code meets it.
    unless_shown: bool
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


class Latest:
    """What a function makes of a thing, kept for the one asked about last.

    All types ask about one answer before they ask about the next, so nearly always a look at who it is will do.
    """

    __slots__ = ("kept", "make")

    def __init__(self, make: Callable[[Any], tuple[Any, Any]]) -> None:
        self.make = make
        #: The thing and the two values made of it; one tuple, so that no thread sees those of another thing.
        self.kept: tuple[Any, Any, Any] = (None, None, None)

    def of(self, thing: Any) -> tuple[Any, Any, Any]:
        """Return another thing and what is made of it."""
        self.kept = kept = (thing, *self.make(thing))
        return kept


def _source(answered: Answered) -> tuple[Reading | None, int]:
    """Return what constraints are taken from, None if there is nothing, and the number of its document."""
    reading = reading_of(answered.response.text)
    fit = not reading.unfit and answered.response.finish != "error"
    return reading if fit else None, number_of(answered.doc.id)


def _judged(response: Response) -> tuple[Reading, Verdict | None]:
    """Return what is checked, and the verdict if there is nothing that can be."""
    reading = reading_of(response.text)
    if response.finish == "error":
        return reading, NO_ANSWER
    if reading.unfit:
        return reading, TRUNCATED if reading.truncated else EMPTY
    return reading, None


_SOURCE, _JUDGED = Latest(_source), Latest(_judged)


def extractor(rule: Rule) -> Callable[[Answered], tuple[Constraint, ...]]:
    """Return what takes constraints from an answer that meets them; what is the same for all is looked up here."""
    measured, pick, seed, wordings = rule.measured, rule.pick, rule.seed, len(rule.wordings)
    fewest, unless_shown = rule.words, rule.unless_shown
    picks = pick is not None or rule.measurement.gives == "items"
    offers = _Offers(rule)

    def extract(answered: Answered) -> tuple[Constraint, ...]:
        known, reading, number = _SOURCE.kept
        if known is not answered:
            _, reading, number = _SOURCE.of(answered)
        if reading is None:
            return ()
        value = reading[measured]
        if value is None or (fewest and len(reading.words) < fewest):
            return ()
        if unless_shown and shown_in_prompt(rule, answered):
            return ()
        if picks:
            return _picked(rule, value, pick(reading, answered) if pick else (), number ^ seed)
        offered = offers[value]
        return offered[(number ^ seed) % wordings] if offered else ()

    return extract


def shown_in_prompt(rule: Rule, answered: Answered) -> bool:
    """Return whether the code of the prompt meets the rule already, so that an answer may only have copied it."""
    prompt = reading_of(f"{answered.prompt.text.rstrip()}\n    pass\n")
    if prompt.program is None:
        prompt = reading_of(answered.prompt.text)
    value = None if prompt.program is None else prompt[rule.measured]
    return value is not None and bool(rule.relation.derive(value, rule.terms, ()))


class _Offers(dict[Any, tuple[tuple[Constraint, ...], ...]]):
    """The constraints that a measured value alone decides, by wording; empty if it offers none.

    Answers share values, and so constraints.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    def __missing__(self, value: Any) -> tuple[tuple[Constraint, ...], ...]:
        """Make what nobody has asked for yet."""
        if len(self) >= _KEPT:
            self.clear()
        rule = self.rule
        offered = rule.relation.derive(value, rule.terms, ())[: rule.offers]
        wordings = range(len(rule.wordings)) if offered else ()
        made = self[value] = tuple([_confirmed(rule, value, offered, wording) for wording in wordings])
        return made


def _picked(rule: Rule, value: Any, items: Sequence[str], seed: int) -> tuple[Constraint, ...]:
    """Return the constraints on picked items: the first that offer one, in an order that the seed makes."""
    wording = seed % len(rule.wordings)
    ordered = _ordered(rule, items, seed)
    if not rule.relation.picks:
        return _of_value(rule, bool(value), ordered, wording)
    if not isinstance(value, dict):
        return _of_value(rule, value, ordered, wording)
    found: list[Constraint] = []
    for item in ordered:
        found += _of_item(rule, item, value.get(item, 0), wording)
        if len(found) >= rule.offers:
            break
    return tuple(found)


@lru_cache(maxsize=4096)
def _of_value(rule: Rule, value: Any, items: tuple[str, ...], wording: int) -> tuple[Constraint, ...]:
    """Return the constraints that a measured value and items decide together."""
    return _confirmed(rule, value, rule.relation.derive(value, rule.terms, items)[: rule.offers], wording)


@lru_cache(maxsize=16_384)
def _of_item(rule: Rule, item: str, uses: int, wording: int) -> tuple[Constraint, ...]:
    """Return the constraint on one item, if it offers one: that hangs on how often it is used, and on no other."""
    value = {item: uses} if uses else {}
    return _confirmed(rule, value, rule.relation.derive(value, rule.terms, (item,)), wording)


def _confirmed(rule: Rule, value: Any, offered: Sequence[Params], wording: int) -> tuple[Constraint, ...]:
    """Return the constraints with these parameters which the value they were made of meets."""
    holds = rule.relation.holds
    return tuple([_constraint(rule, wording, params) for params in offered if holds(value, params)])


def _ordered(rule: Rule, items: Sequence[str], seed: int) -> tuple[str, ...]:
    """Return the items that a constraint could speak of, the first first: in their own order, or in one by seed."""
    if rule.relation.ordered or len(items) < 2:  # noqa: PLR2004  # nothing to put in order
        return tuple(items)
    return _shuffled(tuple(items), seed)


@lru_cache(maxsize=4096)
def _shuffled(items: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """Return the distinct items in an order that a seed determines; the answers to one document share many."""
    return tuple(sorted(dict.fromkeys(items), key=lambda item: number_of(item) ^ seed))


def checker(rule: Rule) -> Callable[[Constraint, Response], Verdict]:
    """Return what tells whether an answer meets a constraint of a rule."""
    measured, holds, measurement = rule.measured, rule.relation.holds, rule.measurement

    def check(constraint: Constraint, response: Response) -> Verdict:
        verdict: Verdict | None
        known, reading, verdict = _JUDGED.kept
        if known is not response:
            _, reading, verdict = _JUDGED.of(response)
        if verdict is not None:
            return verdict
        value = reading[measured]
        if value is None:
            return Verdict(met=False, note=measurement.why_missing(reading))
        try:
            met = holds(value, constraint.params)
        except KeyError as error:
            return Verdict(met=None, note=f"the constraint has no parameter {error}")
        return MET if met else Verdict(met=False, note=_observed(value))

    return check


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


@lru_cache(maxsize=65_536)
def number_of(key: str) -> int:
    """Return a number of 64 bits that a key determines, on every machine and in every version."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def constraint_type(rule: Rule) -> ConstraintType:
    """Return a rule as what the harness knows: a constraint type."""
    return ConstraintType(
        name=rule.name,
        family=rule.family,
        summary=rule.summary,
        version=rule.version,
        domains=rule.domains,
        group=rule.group,
        extract=extractor(rule),
        check=checker(rule),
        reworded=partial(reworded, rule),
        details=details(rule),
    )


def details(rule: Rule) -> Mapping[str, Json]:
    """Return what `harness show constraint` prints of a rule."""
    return {
        "measurement": rule.measurement.name,
        "measures": rule.measurement.summary,
        "of": rule.measurement.of,
        "args": dict(rule.args),
        "relation": rule.relation.name,
        "reads": rule.relation.reads,
        "bound": rule.terms.described(),
        "hint": rule.hint,
        "tight": rule.tight,
        "touches_answer": rule.touches_answer,
        "stratum": rule.stratum,
        "wordings": dict(rule.wordings),
        "example": rendered(rule.wordings[0][1], rule.example, rule.unit),
    }
