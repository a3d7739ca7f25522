"""The numbers that a text names, however it writes them: digits, words, fractions, decimals, LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
#: Words that are a number below a hundred.
SMALL = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * (n + 2) for n, word in enumerate(_TENS)}
#: Words that multiply what stands before them.
LARGE = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
#: Words that are a number of their own.
ALONE = {"dozen": Fraction(12), "half": Fraction(1, 2), "halves": Fraction(1, 2)}
#: Denominators, by their words; "two thirds".
PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "twelfth": 12, "hundredth": 100,
}  # fmt: skip
_LATEX_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{\s*(-?\d+)\s*\}|(\d))\s*(?:\{\s*(-?\d+)\s*\}|(\d))")
#: A decimal without its zero.
_POINT = re.compile(r"(?<![\w.])\.(?=\d)")
#: A number in digits, with thousands separators, decimals, and what it is divided by. No digit before or after it.
_DIGITS = re.compile(r"(?<![\d.,])(?<!\d[,.])(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?(?:\s*/\s*(\d+))?(?!\d)", re.ASCII)
_WORD = re.compile(r"[a-z]+")
#: Longer ones are no numbers that a text would repeat.
_MOST_DIGITS = 40


def numbers_in(text: str) -> frozenset[Fraction]:
    r"""Return the numbers named in a text, without their signs; a fraction counts with its parts.

    >>> sorted(map(str, numbers_in("Use 1,200 words, twenty-one lines and \\frac{3}{4} of a page.")))
    ['1200', '21', '3', '3/4', '4']
    >>> sorted(map(str, numbers_in("one hundred and five, 3.50, 2½ or two thirds of a dozen")))
    ['1/2', '105', '12', '2', '2/3', '7/2']
    """
    text = _POINT.sub("0.", text)
    text = _LATEX_FRACTION.sub(_plain_fraction, text.replace("{,}", ",").replace("\\!", "").replace("−", "-"))  # noqa: RUF001
    return frozenset((*_in_digits(text), *_in_signs(text), *_in_words(text)))


def _plain_fraction(match: re.Match[str]) -> str:
    return f" {match[1] or match[2]}/{match[3] or match[4]} ".replace("-", "")


def _in_digits(text: str) -> Iterator[Fraction]:
    """Yield numbers in digits; digits of any script are read as 0 to 9."""
    if not text.isascii():
        text = "".join(str(unicodedata.digit(one)) if one.isdecimal() else one for one in text)
    for match in _DIGITS.finditer(text):
        whole = match[1].replace(",", "")
        if len(whole) > _MOST_DIGITS:
            continue
        value = Fraction(whole + (match[2] or ""))
        yield value
        if match[3] and len(match[3]) <= _MOST_DIGITS and int(match[3]):
            yield Fraction(int(match[3]))
            yield value / int(match[3])


def _in_signs(text: str) -> Iterator[Fraction]:
    """Yield numbers that are one character: ½, ², Ⅻ."""
    for one in text if not text.isascii() else "":
        if not one.isdecimal() and (value := unicodedata.numeric(one, None)) is not None:
            yield Fraction(value).limit_denominator(1000)


def _in_words(text: str) -> Iterator[Fraction]:
    """Yield numbers in words: "one hundred and twenty-one", "three quarters", "a dozen"."""
    words = _WORD.findall(text.lower())
    at = 0
    while at < len(words):
        value, end = _number_at(words, at)
        if value is None:
            if words[at] in ALONE:
                yield ALONE[words[at]]
            at += 1
            continue
        part = PARTS.get(words[end].removesuffix("s")) or PARTS.get(words[end]) if end < len(words) else None
        if part:
            yield Fraction(value, part)
            end += 1
        else:
            yield Fraction(value)
        at = end


def _number_at(words: list[str], at: int) -> tuple[int | None, int]:
    """Return the number in words that begins at a place, and where it ends; None where none does."""
    total, current, seen, last = 0, 0, False, 0
    while at < len(words):
        word = words[at]
        if word in SMALL:
            small = SMALL[word]
            fits = not seen or last in LARGE.values() or (last >= 20 and last % 10 == 0 and 0 < small < 10)  # noqa: PLR2004
            if not fits:
                break
            current, seen, last = current + small, True, small
        elif word in LARGE:  # "a hundred" is one
            current, seen, last = current if seen else 1, True, LARGE[word]
            if last == LARGE["hundred"]:
                current *= last
            else:
                total, current = total + current * last, 0
        elif not (word == "and" and seen and last in LARGE.values() and at + 1 < len(words) and words[at + 1] in SMALL):
            break
        at += 1
    return (total + current if seen else None), at
