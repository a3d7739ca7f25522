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
_SIGN_BEFORE = re.compile(r"[$\u20ac\u00a3\u00a5]\s?-?\Z")
_UNIT_AFTER = re.compile(
    r"[}$)\s*_\\]{0,6}(?:(?P<sign>%|\u00b0|\u20ac|\u00a3)|(?:text\{|mathrm\{)?\s?(?P<word>[^\W\d_]+))"
)


def _last_number(prose: str, last: int) -> re.Match[str] | None:
    """Return the last number up to a place; of a plain one, no more is read than what no space parts from it."""
    start = max(0, last - _BACK)
    if prose.find("\\", start, last) < 0 and prose.find("/", start, last) < 0:
        near = max(start, prose.rfind(" ", start, last) + 1)
        if numbers := list(_NUMBER.finditer(prose, near, last + 1)):
            return numbers[-1]
    numbers = list(_NUMBER.finditer(prose, start, last + 1))
    return numbers[-1] if numbers else None


def _result(reading: Reading) -> re.Match[str] | None:
    """Return the last number of the prose, LaTeX included."""
    prose = reading.prose
    last = max(map(prose.rfind, "0123456789}"))
    return _last_number(prose, last) if last >= 0 else None


def result_is_whole(reading: Reading) -> bool | None:
    """Return whether the last number is written without a decimal point and without a fraction bar."""
    found: re.Match[str] | None = reading[_result]
    return None if found is None else not any(mark in found[0] for mark in "./\\")


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
