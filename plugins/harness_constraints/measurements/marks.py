"""Which marks, signs and numbers an answer writes: punctuation and the format of its numbers."""

from __future__ import annotations

import re

from harness_constraints.measurements.base import Measurement, has_prose, table
from harness_constraints.normal import SUBSTITUTE
from harness_constraints.reading import Reading

_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff\ufe0f]")
_NOT_EMOJI = frozenset("\u2713\u2714\u2717\u2718\u2605\u2606\u27f9\u27f6\u27a2\u2776")
_ROUND = re.compile(r"\((?=[^()\n]{0,300}[^\W\d_]{2})")
_COLON = re.compile(r":(?=\s|$)", re.MULTILINE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_FRACTION = re.compile(r"(?<![\d/.])\d+/\d+(?![\d/])|[\u00bc-\u00be\u2150-\u215e]")
_STAR_TIMES = re.compile(r"[\w)%]( ?)\*\1(?=[\w($-])")
_X_TIMES = re.compile(r"\d\s?[x\u00d7]\s?(?=[\d($])")
_MONEY = re.compile(r"[$\u20ac\u00a3\u00a5](?=\s?\d)")
_BOXED = re.compile(r"\\boxed\b")


def _count(reading: Reading, marks: str) -> int | None:
    return sum(map(reading.plain.count, marks)) if has_prose(reading) else None


def _found(reading: Reading, pattern: re.Pattern[str], text: str) -> int | None:
    return len(pattern.findall(text)) if has_prose(reading) else None


def semicolons(reading: Reading) -> int | None:
    """Return the number of semicolons outside formulas and code."""
    return _count(reading, ";\uff1b")


def exclamation_marks(reading: Reading) -> int | None:
    """Return the number of exclamation marks outside formulas and code; a factorial outside a formula counts."""
    return _count(reading, "!\uff01")


def question_marks(reading: Reading) -> int | None:
    """Return the number of question marks outside formulas and code."""
    return _count(reading, "?\uff1f")


def dashes(reading: Reading) -> int | None:
    """Return the number of long dashes (em and en); a hyphen and a minus sign are none."""
    return _count(reading, "\u2013\u2014")


def ellipses(reading: Reading) -> int | None:
    """Return the number of ellipses: three dots or the one character."""
    return reading.plain.count("...") + reading.plain.count("\u2026") if has_prose(reading) else None


def double_quotes(reading: Reading) -> int | None:
    """Return the number of double quotation marks outside formulas and code, straight, curly or angled."""
    return _count(reading, '"\u201c\u201d\u00ab\u00bb')


def parentheses(reading: Reading) -> int | None:
    """Return the number of round brackets around words; those of arithmetic, as in (3 + 4), are not counted."""
    return _found(reading, _ROUND, reading.plain)


def square_brackets(reading: Reading) -> int | None:
    """Return the number of square brackets outside formulas and code."""
    return _count(reading, "[]")


def colons(reading: Reading) -> int | None:
    """Return the number of colons before a space or the end of a line; those of times and ratios are not counted."""
    return _found(reading, _COLON, reading.plain)


def commas(reading: Reading) -> int | None:
    """Return the number of commas before a space or the end of a line; those inside numbers are not counted."""
    return reading.plain.count(", ") + reading.plain.count(",\n") if has_prose(reading) else None


def ampersands(reading: Reading) -> int | None:
    """Return the number of ampersands outside formulas and code."""
    return _count(reading, "&")


def emoji(reading: Reading) -> int | None:
    """Return the number of emoji; check marks, stars and arrows of plain text are none."""
    if not has_prose(reading):
        return None
    if reading.prose.isascii():
        return 0
    return sum(sign not in _NOT_EMOJI for sign in _EMOJI.findall(reading.prose))


def _whole_parts(reading: Reading) -> list[str]:
    return [number.split(".", 1)[0] for number in reading.numbers]


def _decimal_parts(reading: Reading) -> list[str]:
    """Return the digits after the point of each number that has exactly one, as no version number has."""
    return [number.split(".", 1)[1] for number in reading.numbers if number.count(".") == 1]


def thousands_separators(reading: Reading) -> int | None:
    """Return the number of numbers with a comma before each group of three digits, as in 1,250."""
    return sum(_THOUSANDS.fullmatch(part) is not None for part in _whole_parts(reading)) if has_prose(reading) else None


def unseparated_numbers(reading: Reading) -> int | None:
    """Return the number of numbers of five digits or more without thousands separators."""
    return sum(len(part) > 4 and "," not in part for part in _whole_parts(reading)) if has_prose(reading) else None  # noqa: PLR2004


def decimals(reading: Reading) -> int | None:
    """Return the number of numbers with a decimal point, as in 3.5; a version number as 1.2.3 is none."""
    return len(_decimal_parts(reading)) if has_prose(reading) else None


def decimal_places(reading: Reading) -> int | None:
    """Return the largest number of digits after a decimal point."""
    return max(map(len, _decimal_parts(reading)), default=0) if has_prose(reading) else None


def fractions(reading: Reading) -> int | None:
    """Return the number of fractions with a slash, as in 3/4."""
    if not has_prose(reading):
        return None
    return len(_FRACTION.findall(reading.prose)) if "/" in reading.prose or not reading.prose.isascii() else 0


def percent_signs(reading: Reading) -> int | None:
    """Return the number of percent signs."""
    return reading.prose.count("%") if has_prose(reading) else None


def money_signs(reading: Reading) -> int | None:
    """Return the number of currency signs before a number, as in $18."""
    return _found(reading, _MONEY, reading.plain)


def star_products(reading: Reading) -> int | None:
    """Return the number of products with an asterisk, as in 3 * 4, outside formulas and code."""
    return _found(reading, _STAR_TIMES, reading.plain) if "*" in reading.plain else _count(reading, "*")


def cross_products(reading: Reading) -> int | None:
    """Return the number of products with a cross or the letter x, as in 3 x 4, outside formulas and code."""
    return _found(reading, _X_TIMES, reading.plain)


def formulas(reading: Reading) -> int | None:
    """Return the number of LaTeX formulas and commands."""
    return reading.text.count(SUBSTITUTE) - reading.prose.count("<<") if has_prose(reading) else None


def boxes(reading: Reading) -> int | None:
    """Return the number of boxed results in LaTeX."""
    return _found(reading, _BOXED, reading.prose)


MARKS = table(
    *(
        Measurement(measure=measure, gives="count")
        for measure in (
            semicolons,
            exclamation_marks,
            question_marks,
            dashes,
            ellipses,
            double_quotes,
            parentheses,
            square_brackets,
            colons,
            commas,
            ampersands,
            emoji,
            thousands_separators,
            unseparated_numbers,
            decimals,
            decimal_places,
            fractions,
            percent_signs,
            money_signs,
            star_products,
            cross_products,
            formulas,
            boxes,
        )
    )
)
