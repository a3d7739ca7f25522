"""Texts of a row by their paths: the question, steps to the answer, titles of used passages, as suites declare them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

#: A step of a path: a field, and the flag that its members must bear.
STEP = re.compile(r"(?P<field>[^\[\]]+)(?:\[(?P<flag>[^\[\]]+)\])?")


def named_in(row: Mapping[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    """Return the texts to which paths lead, each once; a path that a row lacks leads to none.

    >>> parts = [{"text": "x", "used": True}, {"text": "y", "used": False}]
    >>> row = {"facts": {"title": ["A", "B", "A"]}, "parts": parts}
    >>> named_in(row, ("facts.title", "parts[used].text", "absent.title"))
    ('A', 'B', 'x')
    """
    found = (text for path in paths for text in texts(reached([row], path.split("."))))
    return tuple(dict.fromkeys(found))


def reached(values: Iterable[Any], steps: list[str]) -> Iterable[Any]:
    """Return the values behind all steps of a path; lists are gone through member by member."""
    for step in steps:
        match = STEP.fullmatch(step)
        if match is None:
            return []
        values = [value[match["field"]] for value in members(values) if match["field"] in value]
        if match["flag"]:
            values = [value for value in members(values) if value.get(match["flag"])]
    return values


def members(values: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the objects among values, those inside lists too."""
    for value in values:
        if isinstance(value, Mapping):
            yield value
        elif isinstance(value, list | tuple):
            yield from members(value)


def texts(values: Iterable[Any]) -> Iterator[str]:
    """Yield the texts among values, those inside lists too; empty ones are left out."""
    for value in values:
        if isinstance(value, str):
            if value.strip():
                yield value
        elif isinstance(value, list | tuple):
            yield from texts(value)


def last_at(row: Mapping[str, Any], path: str) -> str:
    """Return the last value to which a path leads, as text; empty where there is none.

    >>> last_at({"steps": [{"id": 7}, {"id": 9}]}, "steps.id"), last_at({"topic": "sum"}, "topic"), last_at({}, "topic")
    ('9', 'sum', '')
    """
    values: list[Any] = list(reached([row], path.split("."))) if path else []
    while values and isinstance(values[-1], list | tuple):
        values = [*values[:-1], *values[-1]]
    return str(values[-1]) if values and values[-1] is not None else ""
