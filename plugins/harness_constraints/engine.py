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
#: Stands for a value that was not measured yet: None is one that was.
UNMEASURED: Any = object()
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
    key: str
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

    def value(self, reading: Reading) -> Any:
        """Return what is measured, or None if the reading has no such thing; measured once a reading."""
        value = reading.values.get(self.key, UNMEASURED)
        if value is UNMEASURED:
            value = reading.values[self.key] = self.measurement.value(reading, **self.args)
        return value


def extract(rule: Rule, answered: Answered) -> tuple[Constraint, ...]:
    """Return constraints that the answer meets; every one is checked on it before it is handed out."""
    response = answered.response
    reading = reading_of(response.text)
    if reading.unfit or response.finish == "error":
        return ()
    value = reading.values.get(rule.key, UNMEASURED)
    if value is UNMEASURED:
        value = rule.value(reading)
    if value is None or (rule.words and len(reading.words) < rule.words):
        return ()
    if rule.unless_shown and shown_in_prompt(rule, answered):
        return ()
    seed = number_of(answered.doc.id) ^ rule.seed
    wording = seed % len(rule.wordings)
    if rule.pick is None and rule.measurement.gives != "items":
        return _made_of(rule, value, wording)
    candidates = rule.pick(reading, answered) if rule.pick else ()
    offered = rule.relation.derive(value, rule.terms, _ordered(rule, candidates, seed))
    return _confirmed(rule, value, offered[: rule.offers], wording)


@lru_cache(maxsize=65_536)
def _made_of(rule: Rule, value: Any, wording: int) -> tuple[Constraint, ...]:
    """Return the constraints that a measured value alone decides; answers share values, and so constraints."""
    return _confirmed(rule, value, rule.relation.derive(value, rule.terms, ())[: rule.offers], wording)


def _confirmed(rule: Rule, value: Any, offered: Sequence[Params], wording: int) -> tuple[Constraint, ...]:
    """Return the constraints with these parameters which the value they were made of meets."""
    holds = rule.relation.holds
    return tuple([_constraint(rule, wording, params) for params in offered if holds(value, params)])


def shown_in_prompt(rule: Rule, answered: Answered) -> bool:
    """Return whether the code of the prompt meets the rule already, so that an answer may only have copied it."""
    prompt = reading_of(f"{answered.prompt.text.rstrip()}\n    pass\n")
    program = prompt.program or reading_of(answered.prompt.text).program
    if program is None:
        return False
    value = rule.measurement.measure(program, **rule.args)
    return value is not None and bool(rule.relation.derive(value, rule.terms, ()))


def _ordered(rule: Rule, items: Sequence[str], seed: int) -> Sequence[str]:
    """Return the items that a constraint could speak of, the first first: in their own order, or in one by seed."""
    if rule.relation.ordered or len(items) < 2:  # noqa: PLR2004  # nothing to put in order
        return items
    return _shuffled(tuple(items), seed)


@lru_cache(maxsize=4096)
def _shuffled(items: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """Return the distinct items in an order that a seed determines; the answers to one document share many."""
    return tuple(sorted(dict.fromkeys(items), key=lambda item: number_of(item) ^ seed))


def check(rule: Rule, constraint: Constraint, response: Response) -> Verdict:
    """Return whether another answer meets a constraint of this rule."""
    if response.finish == "error":
        return NO_ANSWER
    reading = reading_of(response.text)
    if reading.unfit:
        return TRUNCATED if reading.truncated else EMPTY
    value = reading.values.get(rule.key, UNMEASURED)
    if value is UNMEASURED:
        value = rule.value(reading)
    if value is None:
        return Verdict(met=False, note=rule.measurement.why_missing(reading))
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
