"""What a measurement is: a pure function of an answer, what it gives, and which relations suit that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from harness_constraints.reading import Reading

#: What a measurement gives, and the relations that suit it.
Gives = Literal["count", "fact", "text", "items", "list"]
_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "count": ("at_most", "at_least", "between", "equals", "present", "absent"),
    "fact": ("present", "absent"),
    "text": ("starts_with", "ends_with", "equals"),
    "items": ("contains", "lacks", "present", "absent"),
    "list": ("sequence", "present", "absent"),
}
NO_PROGRAM = "no Python program that parses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A named measurement of an answer; total, deterministic, in linear time."""

    #: The function, of a `Reading` or of its `Program`: None where there is nothing to measure.
    measure: Callable[..., Any]
    gives: Gives
    of: Literal["answer", "program"] = "answer"
    #: Said of an answer that has nothing to measure.
    missing: str = ""

    #: The name by which YAML calls it: the function's.
    name: str = field(init=False)

    def __post_init__(self) -> None:
        """Take the name from the function."""
        object.__setattr__(self, "name", self.measure.__name__)

    def bound(self, **args: str | int) -> Callable[[Reading], Any]:
        """Return what measures an answer that is not empty, with these arguments; None if it has no such thing."""
        measure = partial(self.measure, **args) if args else self.measure
        if self.of == "answer":
            return measure

        def of_program(reading: Reading) -> Any:
            return None if reading.program is None else measure(reading.program)

        return of_program

    def why_missing(self, reading: Reading) -> str:
        """Return why there is nothing to measure."""
        return NO_PROGRAM if self.of == "program" and reading.program is None else self.missing

    @property
    def summary(self) -> str:
        """What is measured, in words: the function's docstring."""
        return " ".join((self.measure.__doc__ or "").split(">>>")[0].split())

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations that suit what it gives."""
        return _RELATIONS[self.gives]

    def mistakes(self, args: Mapping[str, str | int]) -> Iterable[str]:
        """Yield what is wrong with arguments given in YAML."""
        defaults: Mapping[str, Any] = self.measure.__kwdefaults__ or {}
        for name, value in args.items():
            if name not in defaults:
                yield f"{self.name} has no argument {name!r}; it has: {', '.join(sorted(defaults)) or 'none'}"
            elif type(value) is not type(defaults[name]):
                yield f"{self.name}: {name} is {value!r}, and should be like {defaults[name]!r}"


def table(*measurements: Measurement) -> Mapping[str, Measurement]:
    """Return measurements by name.

    Raises:
        ValueError: two have the same name.
    """
    named = {measurement.name: measurement for measurement in measurements}
    if len(named) != len(measurements):
        raise ValueError("two measurements of the same name")
    return named
