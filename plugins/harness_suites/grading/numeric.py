r"""Numbers in running text, compared exactly: a tolerance would take 120,006 for 120,000.

>>> stated("She earns 9 * $2 = $18. The answer is $18.")
Fraction(18, 1)
>>> marked("16 - 7 = 9 eggs\n#### 1,080", MARKS) == 1080
True
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

#: An integer, a decimal, with thousands separators or without; a fraction; the sign belongs to it. The look ahead
#: passes over most of a text at once.
NUMBER = re.compile(
    r"(?<![\w.])(?=[-−–+$€£¥\d/]|\.\d|\s/)(?P<sign>[-−–+])?(?:[$€£¥]\s?)?(?P<minus>[-−–])?"  # noqa: RUF001  # signs as models write them
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?P<point>\.\d+)?(?:\s?/\s?(?P<below>[1-9]\d*)(?![\d.,]*\d))?"
)

#: Digits of the longest number; Python reads none of more than 4,300.
LONGEST = 400
#: Numbers that are remembered: a text says the same few again and again.
REMEMBERED = 4_096

#: After these the answer follows, in the order of how clearly they say so. After a colon only where the number
#: follows at once: "Final Answer: How many are left? 3 + 4 = 7" is a heading.
MARKS = (
    r"####",
    r"\\boxed\s*\{",
    r"(?i:the (?:final |correct )?answer (?:is|will be|would be|=)|final answer is)",
    r"(?im:^[^\w\n]*(?:final )?(?:answer|a)[^\w\n]{0,9}?[:=](?=[^\w\n]{0,9}\d))",
)


def value_of(match: re.Match[str]) -> Fraction | None:
    """Return the number that a match of `NUMBER` stands for; None for a bare sign, and for endless digits."""
    return _value(*match.groups(""))


def numbers(text: str) -> list[Fraction]:
    """Return the numbers in a text, in their order.

    >>> [str(number) for number in numbers("-1,080.50 and $3/4; v2, 5-3")]
    ['-2161/2', '3/4', '5', '3']
    """
    return [value for parts in NUMBER.findall(text) if (value := _value(*parts)) is not None]


def marked(text: str, marks: Sequence[str]) -> Fraction | None:
    """Return the first number after the last place where one of the marks stands; the first mark found counts.

    >>> marked("A: 17 dollars and 20 cents", MARKS) == 17
    True
    >>> marked("It is 17.", MARKS) is None
    True
    """
    for mark in marks:
        places = list(re.finditer(mark, text))
        if places:
            tail = text[places[-1].end() :].split("\n\n", maxsplit=1)[0]
            found = numbers(tail)
            return found[0] if found else None
    return None


def stated(text: str) -> Fraction | None:
    """Return the number that a text ends with as its answer: the marked one, else the last of all.

    >>> stated("So 3 + 4 = 7 eggs are left.") == 7
    True
    """
    answer = marked(text, MARKS)
    if answer is not None:
        return answer
    every = numbers(text)
    return every[-1] if every else None


def equal(value: Fraction | None, gold: str) -> bool:
    """Whether a number is the right one, exactly.

    >>> equal(Fraction(51), "51.0"), equal(Fraction(120_006), "120,000"), equal(None, "1")
    (True, False, False)
    """
    right = numbers(gold)
    return value is not None and bool(right) and value == right[-1]


def _value(sign: str, minus: str, whole: str, point: str, below: str) -> Fraction | None:
    """Return the number that the groups of `NUMBER` stand for; None for a bare sign, and for endless digits."""
    if not (whole or point) or len(whole) + len(point) + len(below) > LONGEST:
        return None
    return _fraction(whole, point, below, (sign or minus or "+") != "+")


@lru_cache(maxsize=REMEMBERED)
def _fraction(whole: str, point: str, below: str, negative: bool) -> Fraction:  # noqa: FBT001  # a cached call is by place
    """Return a number from its digits."""
    digits = whole.replace(",", "") or "0"
    value = Fraction(f"{digits}{point}") if point else Fraction(int(digits))
    if below:
        value /= int(below)
    return -value if negative else value
