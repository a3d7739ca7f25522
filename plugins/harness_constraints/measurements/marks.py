"""Which marks, signs and formats of numbers an answer writes."""

from __future__ import annotations

import re

from harness_constraints.measurements.base import Measurement, table
from harness_constraints.reading import Reading

_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23f3\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001faff\ufe0f]"
)
_NOT_EMOJI = frozenset("\u2713\u2714\u2717\u2718\u2605\u2606\u27f9\u27f6\u27a2\u2776")
_ROUND = re.compile(r"\((?=[^()\n]{0,300}[^\W\d_]{2})")
_COLON = re.compile(r":(?=\s|$)", re.MULTILINE)
_POINT = re.compile(r"\.\d")
_GROUP = re.compile(r",\d{3}")
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_FRACTION = re.compile(r"/\d+(?![\d/])(?<=\d)")
_OVER = re.compile(r"(?<![\d/.])\d+\Z")
_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215e]")
_STAR_TIMES = re.compile(r"\*(?:(?<=[\w)%]\*)(?=[\w($-])|(?<=[\w)%] \*)(?= [\w($-]))")
_X_TIMES = re.compile(r"\u00d7|x(?:(?<=\dx)|(?<=\d\sx))(?<!\b0x)(?=\s?[\d($])")
_DOLLARS = re.compile(r"\$(?=\s?\.?\d)")
_MONEY = re.compile(r"[$\u20ac\u00a3\u00a5](?=\s?\.?\d)")
_BOXED = re.compile(r"\\boxed\b")
_DIGITS = 24
#: The digits of a year, which no one writes with a comma.
_YEAR = 4


def semicolons(reading: Reading) -> int:
    """Return the number of semicolons outside formulas and code."""
    return reading.plain.count(";") + reading.plain.count("\uff1b")


def exclamation_marks(reading: Reading) -> int:
    """Return the number of exclamation marks outside formulas and code; a factorial outside a formula counts."""
    return reading.plain.count("!") + reading.plain.count("\uff01")


def question_marks(reading: Reading) -> int:
    """Return the number of question marks outside formulas and code."""
    return reading.plain.count("?") + reading.plain.count("\uff1f")


def dashes(reading: Reading) -> int:
    """Return the number of long dashes (em and en); a hyphen and a minus sign are none."""
    return reading.plain.count("\u2013") + reading.plain.count("\u2014")


def ellipses(reading: Reading) -> int:
    """Return the number of ellipses: three dots or the one character."""
    return reading.plain.count("...") + reading.plain.count("\u2026")


def double_quotes(reading: Reading) -> int:
    """Return the number of double quotation marks outside formulas and code, straight, curly or angled."""
    plain = reading.plain
    return plain.count('"') if plain.isascii() else sum(map(plain.count, '"\u201c\u201d\u00ab\u00bb'))


def parentheses(reading: Reading) -> int:
    """Return the number of round brackets around words; those of arithmetic, as in (3 + 4), are not counted."""
    return len(_ROUND.findall(reading.plain)) if "(" in reading.plain else 0


def square_brackets(reading: Reading) -> int:
    """Return the number of square brackets outside formulas and code."""
    return reading.plain.count("[") + reading.plain.count("]")


def colons(reading: Reading) -> int:
    """Return the number of colons before a space or the end of a line; those of times and ratios are not counted."""
    return len(_COLON.findall(reading.plain)) if ":" in reading.plain else 0


def commas(reading: Reading) -> int:
    """Return the number of commas before a space or the end of a line; those inside numbers are not counted."""
    return reading.plain.count(", ") + reading.plain.count(",\n")


def ampersands(reading: Reading) -> int:
    """Return the number of ampersands outside formulas and code."""
    return reading.plain.count("&")


def emoji(reading: Reading) -> int:
    """Return the number of emoji; check marks, stars and arrows of plain text are none."""
    if reading.prose.isascii():
        return 0
    return sum(sign not in _NOT_EMOJI for sign in _EMOJI.findall(reading.prose))


def _decimal_parts(reading: Reading) -> list[str]:
    """Return the digits after the point of each number that has exactly one, as no version number has."""
    if _POINT.search(reading.prose) is None:
        return []
    return [number.partition(".")[2] for number in reading.numbers if number.count(".") == 1]


def thousands_separators(reading: Reading) -> int:
    """Return the number of numbers with a comma before each group of three digits, as in 1,250."""
    if _GROUP.search(reading.prose) is None:
        return 0
    parts = [number.partition(".")[0] for number in reading.numbers if "," in number]
    return sum(_THOUSANDS.fullmatch(part) is not None for part in parts)


def unseparated_numbers(reading: Reading) -> int:
    """Return the number of numbers of five digits or more without thousands separators."""
    prose = reading.prose
    if prose.isascii() and b"00000" not in prose.encode().translate(_DIGITS_ALIKE):
        return 0
    parts = [number.partition(".")[0] for number in reading.numbers if "," not in number]
    return sum(len(part) > _YEAR for part in parts)


def decimals(reading: Reading) -> int:
    """Return the number of numbers with a decimal point, as in 3.5; a version number as 1.2.3 is none."""
    return len(reading[_decimal_parts])


def decimal_places(reading: Reading) -> int:
    """Return the largest number of digits after a decimal point."""
    return max(map(len, reading[_decimal_parts]), default=0)


def fractions(reading: Reading) -> int:
    """Return the number of fractions with a slash, as in 3/4."""
    prose = reading.prose
    vulgar = 0 if prose.isascii() else len(_VULGAR.findall(prose))
    if "/" not in prose:
        return vulgar
    slashes = [slash.start() for slash in _FRACTION.finditer(prose)]
    return vulgar + sum([_OVER.search(prose, max(0, at - _DIGITS), at) is not None for at in slashes])


def percent_signs(reading: Reading) -> int:
    """Return the number of percent signs."""
    return reading.prose.count("%")


def money_signs(reading: Reading) -> int:
    """Return the number of currency signs before a number, as in $18."""
    return len((_DOLLARS if reading.plain.isascii() else _MONEY).findall(reading.plain))


def star_products(reading: Reading) -> int:
    """Return the number of products with an asterisk, as in 3 * 4, outside formulas and code."""
    return len(_STAR_TIMES.findall(reading.plain)) if "*" in reading.plain else 0


def cross_products(reading: Reading) -> int:
    """Return the number of products with a cross or the letter x, as in 3 x 4, outside formulas and code."""
    plain = reading.plain
    return len(_X_TIMES.findall(plain)) if "x" in plain or "\u00d7" in plain else 0


def formulas(reading: Reading) -> int:
    """Return the number of LaTeX formulas and commands."""
    prose = reading.prose
    annotations = sum([prose[start] == "<" for start, _ in reading.formulas])
    return reading.text.count("\x1a") - annotations


def boxes(reading: Reading) -> int:
    """Return the number of boxed results in LaTeX."""
    return len(_BOXED.findall(reading.prose)) if "\\" in reading.prose else 0


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
