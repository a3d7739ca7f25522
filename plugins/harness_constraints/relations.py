"""The relations between a measured value and a constraint's parameters: derived from one answer, applied to another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: What is measured: a number, a text, words in order, or how often each item occurs.
Value = int | str | tuple[str, ...] | Mapping[str, int]
#: What is recorded of a constraint; JSON.
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a bound is made of the measured value, and which values offer one."""

    #: Room left beside the measured value, in percent of it.
    slack: int = 0
    #: Room left beside the measured value, in units.
    margin: int = 0
    #: The bound is a multiple of this; 0: of what a person would choose for its size.
    step: int = 1
    #: The bound whatever the value is; None: made of the value.
    fixed: int | None = None
    #: The smallest and the largest value of a source that offers the constraint.
    least: int = 0
    most: int | None = None

    def up(self, value: int) -> int:
        """Return the bound above a value.

        >>> Terms(slack=20, step=0).up(101), Terms(slack=50, step=5).up(7), Terms(margin=1).up(3)
        (130, 15, 4)
        """
        raw = -(-value * (100 + self.slack) // 100) + self.margin
        step = self.step or human_step(raw)
        return -(-raw // step) * step

    def down(self, value: int) -> int:
        """Return the bound below a value.

        >>> Terms(slack=20, step=0).down(101), Terms(margin=1).down(3)
        (80, 2)
        """
        raw = value * (100 - self.slack) // 100 - self.margin
        step = self.step or human_step(raw)
        return raw // step * step

    def described(self) -> str:
        """Return in words how a bound is made of the measured value.

        >>> Terms(slack=20, step=0, least=20).described()
        'from a value of 20: 20 % beside it, rounded to a number that a person would choose'
        >>> Terms(fixed=2).described(), Terms().described()
        ('always 2', 'the value itself')
        """
        if self.fixed is not None:
            return f"always {self.fixed}"
        room = [f"{self.slack} %"] * (self.slack > 0) + [f"{self.margin}"] * (self.margin > 0)
        made = f"{' and '.join(room)} beside it" if room else "the value itself"
        rounded = {0: ", rounded to a number that a person would choose", 1: ""}.get(
            self.step, f", in steps of {self.step}"
        )
        span = [f"from a value of {self.least}"] * (self.least > 0) + [f"up to {self.most}"] * (self.most is not None)
        return f"{' '.join(span)}{': ' if span else ''}{made}{rounded}"

    def offers(self, value: int) -> bool:
        """Return whether a source of this value offers the constraint."""
        return self.least <= value and (self.most is None or value <= self.most)


_HUMAN_SIZES = (10, 50, 200, 1000)
_HUMAN_STEPS = (1, 5, 10, 50, 100)


def human_step(size: int) -> int:
    """Return the step of the round numbers that a person would choose around a size.

    >>> [human_step(n) for n in (7, 40, 120, 700, 3000)]
    [1, 5, 10, 50, 100]
    """
    return _HUMAN_STEPS[bisect_right(_HUMAN_SIZES, size)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One way in which a value can meet parameters."""

    name: str
    #: In words, for `harness show constraint`.
    reads: str
    #: The parameters that a text of a wording can use.
    keys: tuple[str, ...]
    #: The relation that holds exactly where this one does not; empty if the catalogue has none.
    negation: str = ""
    #: Parameters that the value meets, for each candidate item where the relation speaks of items.
    derive: Callable[[Any, Terms, Sequence[str]], Sequence[Params]]
    #: Whether a value meets parameters.
    holds: Callable[[Any, Params], bool]
    #: Whether items are picked from the source.
    picks: bool = False
    #: Whether their order in the source is kept; otherwise any may come first.
    ordered: bool = False


def _bound_above(value: int, terms: Terms, _: Sequence[str]) -> Sequence[Params]:
    bound = terms.up(value) if terms.fixed is None else terms.fixed
    return [{"bound": bound}] if terms.offers(value) and value <= bound else []


def _bound_below(value: int, terms: Terms, _: Sequence[str]) -> Sequence[Params]:
    bound = terms.down(value) if terms.fixed is None else terms.fixed
    return [{"bound": bound}] if terms.offers(value) and 1 <= bound <= value else []


def _range(value: int, terms: Terms, _: Sequence[str]) -> Sequence[Params]:
    low, high = terms.down(value), terms.up(value)
    return [{"low": low, "high": high}] if terms.offers(value) and 1 <= low <= value <= high else []


def _same(value: int | str, terms: Terms, _: Sequence[str]) -> Sequence[Params]:
    wanted = value if terms.fixed is None else terms.fixed
    if isinstance(value, int) and not terms.offers(value):
        return []
    return [{"value": wanted}] if value == wanted else []


def _some(value: Value, _: Terms, __: Sequence[str]) -> Sequence[Params]:
    return [{}] if value else []


def _none(value: Value, _: Terms, __: Sequence[str]) -> Sequence[Params]:
    return [] if value else [{}]


def _holding(value: Mapping[str, int], terms: Terms, candidates: Sequence[str]) -> Sequence[Params]:
    found = []
    for item in candidates:
        uses = value.get(item, 0)
        times = terms.down(uses) if terms.fixed is None else terms.fixed
        if terms.offers(uses) and max(1, terms.least) <= times <= uses:
            found.append({"item": item, "times": times})
    return found


def _lacking(value: Mapping[str, int], _: Terms, candidates: Sequence[str]) -> Sequence[Params]:
    return [{"item": item} for item in candidates if item not in value]


def _beginning(value: str, _: Terms, candidates: Sequence[str]) -> Sequence[Params]:
    return [{"item": item} for item in candidates if item and begins(value, item)]


def _ending(value: str, _: Terms, candidates: Sequence[str]) -> Sequence[Params]:
    return [{"item": item} for item in candidates if item and ends(value, item)]


def begins(value: str, item: str) -> bool:
    """Return whether a text begins with a whole item: no word goes on after it.

    >>> begins("to be", "to"), begins("today", "to"), begins("let's", "let")
    (True, False, False)
    """
    return value.startswith(item) and not (item[-1:].isalnum() and _goes_on(value[len(item) : len(item) + 1]))


def ends(value: str, item: str) -> bool:
    """Return whether a text ends with a whole item: no word stands right before it.

    >>> ends("as it may be", "be"), ends("maybe", "be"), ends("be.", ".")
    (True, False, True)
    """
    before = value[: len(value) - len(item)][-1:]
    return value.endswith(item) and not (item[:1].isalnum() and _goes_on(before))


def _goes_on(character: str) -> bool:
    """Return whether a word goes on with this character."""
    return character.isalnum() or character in {"'", "\u2019", "-", "_"}


def _order(value: tuple[str, ...], _: Terms, candidates: Sequence[str]) -> Sequence[Params]:
    items = list(candidates)
    return [{"items": items}] if len(items) > 1 and is_subsequence(items, value) else []


def is_subsequence(items: Sequence[str], value: Sequence[str]) -> bool:
    """Return whether all items occur in this order, others between them or not.

    >>> is_subsequence(["a", "c"], ["a", "b", "c"]), is_subsequence(["c", "a"], ["a", "b", "c"])
    (True, False)
    """
    rest = iter(value)
    return all(item in rest for item in items)


RELATIONS: Mapping[str, Relation] = {
    relation.name: relation
    for relation in (
        Relation(
            name="at_most",
            reads="is at most {bound}",
            keys=("bound",),
            derive=_bound_above,
            holds=lambda value, params: value <= params["bound"],
        ),
        Relation(
            name="at_least",
            reads="is at least {bound}",
            keys=("bound",),
            derive=_bound_below,
            holds=lambda value, params: value >= params["bound"],
        ),
        Relation(
            name="between",
            reads="is from {low} to {high}, both included",
            keys=("low", "high"),
            derive=_range,
            holds=lambda value, params: params["low"] <= value <= params["high"],
        ),
        Relation(
            name="equals",
            reads="is exactly {value}",
            keys=("value",),
            derive=_same,
            holds=lambda value, params: value == params["value"],
        ),
        Relation(
            name="present",
            reads="is there (true, or more than nothing)",
            keys=(),
            negation="absent",
            derive=_some,
            holds=lambda value, _: bool(value),
        ),
        Relation(
            name="absent",
            reads="is not there (false, or nothing)",
            keys=(),
            negation="present",
            derive=_none,
            holds=lambda value, _: not value,
        ),
        Relation(
            name="contains",
            reads="holds {item} at least {times} times",
            keys=("item", "times"),
            picks=True,
            derive=_holding,
            holds=lambda value, params: value.get(params["item"], 0) >= params["times"],
        ),
        Relation(
            name="lacks",
            reads="does not hold {item}",
            keys=("item",),
            picks=True,
            derive=_lacking,
            holds=lambda value, params: params["item"] not in value,
        ),
        Relation(
            name="starts_with",
            reads="begins with {item}",
            keys=("item",),
            picks=True,
            derive=_beginning,
            holds=lambda value, params: begins(value, params["item"]),
        ),
        Relation(
            name="ends_with",
            reads="ends with {item}",
            keys=("item",),
            picks=True,
            derive=_ending,
            holds=lambda value, params: ends(value, params["item"]),
        ),
        Relation(
            name="sequence",
            reads="has {items} in this order, others between them or not",
            keys=("items",),
            picks=True,
            ordered=True,
            derive=_order,
            holds=lambda value, params: is_subsequence(params["items"], value),
        ),
    )
}
