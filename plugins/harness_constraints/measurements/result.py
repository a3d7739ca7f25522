"""How the last number of an answer is written: whole, as a fraction, to so many places, with a unit; never which."""

from __future__ import annotations

import re

from harness_constraints import lexicon
from harness_constraints.measurements.base import Measurement, table
from harness_constraints.reading import Reading

#: A number, or a fraction in LaTeX, is not longer.
_BACK = 100
_NUMBER = re.compile(
    r"\\[dt]?frac\s?\{[^{}\n]{1,40}\}\s?\{[^{}\n]{1,40}\}|(?<![\d.,])\d{1,24}(?:,\d{3}){0,8}(?:\.\d{1,24})?(?:\s?/\s?\d{1,24})?"
)
_NOT_WHOLE = frozenset("./\\")
_UP_TO_LAST = re.compile(r".*[0-9}]", re.DOTALL)
_SIGN_BEFORE = re.compile(r"[$\u20ac\u00a3\u00a5]\s?-?\Z")
_UNIT_AFTER = re.compile(
    r"[}$)\s*_\\]{0,6}(?:(?P<sign>%|\u00b0|\u20ac|\u00a3)|(?:text\{|mathrm\{)?\s?(?P<word>[^\W\d_]+))"
)


def _last_number(prose: str, last: int) -> re.Match[str] | None:
    """Return the last number up to a place; of a plain one, no more is read than what no space parts from it."""
    start = max(0, last - _BACK)
    if "\\" not in (window := prose[start:last]):
        near = window.rfind(" ") + 1
        halved = "/" in window[max(0, near - 2) : near + 1]  # a fraction with a space beside its bar goes on before it
        if not halved and (numbers := list(_NUMBER.finditer(prose, start + near, last + 1))):
            return numbers[-1]
    numbers = list(_NUMBER.finditer(prose, start, last + 1))
    return numbers[-1] if numbers else None


def _result(reading: Reading) -> re.Match[str] | None:
    """Return the last number of the prose, LaTeX included."""
    prose = reading.prose
    end = _UP_TO_LAST.match(prose)
    return _last_number(prose, end.end() - 1) if end else None


def result_is_whole(reading: Reading) -> bool | None:
    """Return whether the last number is written without a decimal point and without a fraction bar."""
    found: re.Match[str] | None = reading[_result]
    return None if found is None else _NOT_WHOLE.isdisjoint(found[0])


def result_is_fraction(reading: Reading) -> bool | None:
    """Return whether the last number is written as a fraction, with a slash or in LaTeX."""
    found: re.Match[str] | None = reading[_result]
    return None if found is None else "/" in found[0] or "\\" in found[0]


def result_places(reading: Reading) -> int | None:
    """Return the number of digits after the decimal point of the last number."""
    found: re.Match[str] | None = reading[_result]
    return None if found is None else len(found[0].partition(".")[2].split("/")[0].strip())


def result_has_unit(reading: Reading) -> bool | None:
    """Return whether the last number has a unit: a sign of money, percent or degree, or a word right after it."""
    found: re.Match[str] | None = reading[_result]
    if found is None:
        return None
    if _SIGN_BEFORE.search(reading.prose, max(0, found.start() - 3), found.start()):
        return True
    after = _UNIT_AFTER.match(reading.prose, found.end())
    return after is not None and (after["word"] is None or after["word"].casefold() not in lexicon.STOP)


RESULT = table(
    Measurement(measure=result_is_whole, gives="fact", missing="no number"),
    Measurement(measure=result_is_fraction, gives="fact", missing="no number"),
    Measurement(measure=result_places, gives="count", missing="no number"),
    Measurement(measure=result_has_unit, gives="fact", missing="no number"),
)
