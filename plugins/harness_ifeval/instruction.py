"""A published verifiable instruction: its id, its wording, its arguments and the official verdict on a text."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness import Json
from harness_ifeval.language import LANGUAGES

#: Arguments of an instruction by the names that the published rows use.
Args = Mapping[str, Json]
#: Whether a text that is not blank follows an instruction; None: it cannot be told. Its other parameters are the
#: arguments of the instruction, by their published names.
Check = Callable[..., bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction, as IFEval (arXiv 2311.07911) or IFBench (arXiv 2507.02833) define it."""

    #: "group:name", as the rows name it.
    id: str
    #: What a prompt says, with its arguments in braces.
    wording: str
    #: Whose it is: "ifeval" or "ifbench".
    family: str
    holds: Check
    #: The arguments without which it has no meaning.
    args: tuple[str, ...]

    def follows(self, text: str, given: Args) -> bool | None:
        """Return the official verdict on a text; None if it cannot be judged, or an argument is missing.

        A blank text follows nothing. Arguments that the instruction does not take are ignored: the rows of the
        hub have a column for each.
        """
        if not text.strip():
            return False
        args = {name: given.get(name) for name in self.args}
        if None in args.values():
            return None
        return self.holds(text, **args)

    def text(self, args: Args) -> str:
        """Return the instruction as a prompt says it."""
        return self.wording.format_map({name: shown(name, args.get(name)) for name in self.args})


def instruction(name: str, family: str, wording: str, holds: Check) -> Instruction:
    """Return an instruction; its arguments are those that its check takes besides the text."""
    args = tuple(inspect.signature(holds).parameters)[1:]
    return Instruction(id=name, family=family, wording=wording, holds=holds, args=args)


def shown(name: str, value: Json) -> str:
    """Return an argument as a prompt shows it.

    >>> shown("keywords", ["a", "b"]), shown("language", "fi"), shown("N", 3), shown("N", None)
    ('"a", "b"', 'Finnish', '3', '?')
    """
    if value is None:
        return "?"
    if name == "language":
        return LANGUAGES.get(str(value), str(value))
    return ", ".join(f'"{item}"' for item in value) if isinstance(value, list | tuple) else str(value)


def plain_args(given: Args) -> dict[str, Json]:
    """Return arguments without those that are None, whole floats as integers: files differ in both.

    >>> plain_args({"N": 2.0, "word": None, "percentage": 2.5})
    {'N': 2, 'percentage': 2.5}
    """
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in given.items()
        if value is not None
    }


def compared(value: int, relation: str, bound: int) -> bool | None:
    """Return whether a count has the relation to a bound; None for a relation that is not published.

    "less than" is strict, "at least" is not.

    >>> compared(3, "less than", 3), compared(3, "at least", 3), compared(3, "about", 3)
    (False, True, None)
    """
    if relation == "less than":
        return value < bound
    if relation == "at least":
        return value >= bound
    return None
