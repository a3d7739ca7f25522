"""The official verdicts on a response: strict as it stands, loose if one of eight readings of it follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harness import Json, TaskError
from harness_ifeval.instruction import Args, Instruction, instruction, plain_args


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Whether each instruction of a prompt was followed; None where that cannot be judged."""

    strict: tuple[bool | None, ...]
    loose: tuple[bool | None, ...]


@cache
def instructions() -> Mapping[str, Instruction]:
    """Return the 83 published instructions by id."""
    from harness_ifeval import ifeval
    from harness_ifeval.ifbench import counts, formats, positions, ratios, repeats, set_tasks, wording
    from harness_ifeval.wordings import WORDINGS

    ifbench = (counts, formats, positions, ratios, repeats, set_tasks, wording)
    families = {"ifeval": (ifeval,), "ifbench": ifbench}
    checks = [(family, module.CHECKS) for family, modules in families.items() for module in modules]
    return {
        name: instruction(name, family, WORDINGS[name], holds)
        for family, found in checks
        for name, holds in found.items()
    }


def asked(row: Mapping[str, Json]) -> list[tuple[Instruction, Args]]:
    """Return the instructions of a row with their arguments.

    Raises:
        TaskError: the row has none, or one that is not published.
    """
    names, given = row.get("instruction_id_list"), row.get("kwargs")
    if not isinstance(names, Sequence) or not isinstance(given, Sequence) or len(names) != len(given) or not names:
        raise TaskError(
            "a row needs instruction_id_list and kwargs, one for the other, as google/IFEval has them; it has "
            f"{', '.join(map(str, row)) or 'nothing'}"
        )
    known = instructions()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise TaskError(f"instruction {unknown[0]!r} is none of the {len(known)} of IFEval and IFBench")
    return [(known[name], plain_args(args or {})) for name, args in zip(names, given, strict=True)]


def verdicts(row: Mapping[str, Json], response: str) -> Verdicts:
    """Return the official verdicts on a response to the prompt of a row."""
    wanted = asked(row)
    readings = loose_readings(response)
    return Verdicts(
        strict=tuple(one.follows(response, args) for one, args in wanted),
        loose=tuple(either(one, args, readings) for one, args in wanted),
    )


def either(wanted: Instruction, args: Args, readings: Sequence[str]) -> bool | None:
    """Return whether one of the readings follows; None if none is known to and one cannot be judged."""
    found: set[bool | None] = set()
    for reading in readings:
        verdict = wanted.follows(reading, args)
        if verdict:
            return True
        found.add(verdict)
    return None if None in found else False


def loose_readings(response: str) -> tuple[str, ...]:
    r"""Return a response as it is, without its first line, last line or both, and each of these without stars.

    >>> loose_readings("Sure:\n*a*\nBye")
    ('Sure:\n*a*\nBye', '*a*\nBye', 'Sure:\n*a*', '*a*', 'Sure:\na\nBye', 'a\nBye', 'Sure:\na', 'a')
    """
    lines = response.split("\n")
    cut = ("\n".join(kept).strip() for kept in (lines[1:], lines[:-1], lines[1:-1]))
    plain = (response, *cut)
    return (*plain, *(reading.replace("*", "") for reading in plain))


def together(found: Sequence[bool | None]) -> bool | None:
    """Return whether all were followed; None if none is known not to be and one cannot be judged."""
    if False in found:
        return False
    return None if None in found else True
