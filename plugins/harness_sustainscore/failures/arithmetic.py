"""The equations in a text, read and checked with exact fractions: a parser that runs nothing.

    "She has 16 - 3 - 4 = 9 eggs, and makes 9 * $2 = $18."   ->   16 - 3 - 4 = 9 (true), 9 * 2 = 18 (true)

Units between a number and an operator, currency signs, thousands separators, percentages and the signs of LaTeX are
read over; what has a letter in it is algebra and left alone.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from harness.syntax import parsed_expression
from harness_sustainscore.failures.case import REMEMBERED

#: Characters of the longest side of an equation.
LONGEST = 100
#: Characters of the widest piece around an equals sign that is remembered.
WIDEST = 3 * LONGEST
#: Equations that are read of one text.
MOST = 500
#: Sums, and numbers, of which the values are remembered: one is looked at several times, and said several times.
MOST_SUMS = 4_096
MOST_POWER, MOST_BASE = 10, 1000
#: What a side of an equation is written with.
SIDE = "0123456789.,+-*/()%^ \t"
FORWARD = re.compile(f"[{re.escape(SIDE)}]*")
FIRST = re.compile(r"-?[\d.(][\d.,()+\-*/%^ \t]*")
#: Signs that stand for others. ASCII has the dollar alone.
SIGNS = str.maketrans({"×": "*", "÷": "/", "·": "*", "−": "-", "–": "-", "$": " ", "€": " ", "£": " ", "≈": "="})  # noqa: RUF001
#: "9 eggs * 2": the unit of a number that is computed with.
UNIT_AFTER = re.compile(
    r"[ \t](?<=\d[ \t])[ \t]*(?!of\b|and\b|or\b|to\b)[A-Za-z]{2,}(?:[ /][A-Za-z]{2,})?(?=[ \t]*[-+*/=])"
)
#: What is replaced by as many characters, so that places stay what they were: first what LaTeX writes.
LATEX = (
    (re.compile(r"\\(?:times|cdot)(?![a-z])"), "*"),
    (re.compile(r"\\div(?![a-z])"), "/"),
    (re.compile(r"\\[,;!:() \[\]]"), ""),
    (re.compile(r"\\%"), "%"),
)
#: Before each, what a text must hold to hold it: a pattern that begins with a letter or a set is sooner found.
BLANKED = (
    (re.compile(r"\*\*"), re.compile(r"(?<!\d)\*\*|\*\*(?!\s*\d)"), ""),
    (re.compile(r"[xX](?<=[\d)\s].)\s*[\d( ]"), re.compile(r"(?<=[\d)])\s*[xX]\s*(?=[\d( ])"), "*"),
    (re.compile(r"of\s+[\d( ]"), re.compile(r"(?<=[\d%])\s+of\s+(?=[\d( ])"), "*"),
    (re.compile(r"[-+*/=](?:(?<=[A-Za-z].)|(?<=[A-Za-z \t][ \t].))"), UNIT_AFTER, ""),
)
#: The sign or the number of an item of a list; after a new line it is sooner found.
ITEM, ITEM_NEXT = (re.compile(start + r"[ \t]*(?:[-*•]|\d+[.)])[ \t]+") for start in (r"(?m)^", r"\n"))
#: Letters and signs before and after a side that make it algebra, or a part of something else.
OPENS, CLOSES, FOLLOWS = frozenset("_]:\\"), frozenset(")]}\\"), frozenset("\\{_")
#: A sum without brackets, whose numbers are short enough to be the same as floats.
PLAIN_NUMBER = r"(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?"
FLAT = re.compile(rf"{PLAIN_NUMBER}(?:\s*[-+*/]\s*{PLAIN_NUMBER})+")
TERM = re.compile(r"([-+*/])\s*([\d.]+)")
NO_NUMBER = re.compile(r"\d\s+[\d.]|(?<![\d.])0\d")
DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
#: An equals sign, with the side after it, which holds no other.
EQUALS = re.compile(rf"=(?<![<>=!:]=)(?![=>])[ \t]*[{re.escape(SIDE)}]{{0,{LONGEST}}}")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
OPERATOR = re.compile(r"\d[\s)%]*(?:[-+/^]|\*{1,2})\s*[(\d.]")
#: "100 + 6%" adds six per cent of what stands before it, and is no plain sum.
ADDED_SHARE = re.compile(r"(?<!%)[\d)]\s*[-+]\s*\d+(?:\.\d+)?\s*%(?!\s*[*(\d])")
PLAIN = re.compile(r"[1-9]\d*(?:\.\d+)?")
UNIT = re.compile(r"[A-Za-z]{2,}")
#: Units that are mostly added to a larger one: "5 - 25 cents = $4.75".
SMALL_UNITS = frozenset({"cent", "second", "minute", "hour", "day", "inch", "ounce", "gram", "percent"})
STATED = re.compile(r"-?\s*\d[\d,]*(?:\.(?P<decimals>\d+))?")
#: A value, exactly: whole ones as whole numbers, which are sooner compared, and equal the same fraction.
Number = int | Fraction


class Equation(NamedTuple):
    """Two sides that a text sets equal, and whether they are, as far as the digits written tell.

    A tuple, which is soonest made: a large run has millions.
    """

    start: int
    end: int
    text: str
    #: What is computed, read over, and its value.
    computed: str
    left: Number
    true: bool

    @property
    def operands(self) -> frozenset[Number]:
        """The numbers it computes with."""
        return frozenset(numbers_in(self.computed))


@lru_cache(maxsize=REMEMBERED)
def equations(text: str) -> tuple[Equation, ...]:
    """Return the equations of a text that are sums of plain numbers, in order.

    >>> [(one.text, one.true) for one in equations("3 + 4 = 7, 10/3 = 3.33, 2 x 3 = 5, x + 2 = 9, 20% of $50 = $10")]
    [('3 + 4 = 7', True), ('10/3 = 3.33', True), ('2 x 3 = 5', False), ('20% of $50 = $10', True)]
    """
    return tuple(islice(found(text), MOST)) if "=" in text or "≈" in text else ()


def equation_count(text: str) -> int:
    """Return how many equations a text has."""
    return len(equations(text))


def most_equations(text: str) -> int:
    """Return how many equations a text has at the most: as many as signs."""
    return text.count("=") + text.count("≈")


def found(text: str) -> Iterator[Equation]:
    """Yield the equations of a text, each read of the piece that holds both sides and what stands next to them."""
    plain = read_over(text)
    for sign in EQUALS.finditer(plain):
        start, end = piece_start(plain, sign.start()), sign.end() + 1
        read = equation if end - start <= WIDEST else equation.__wrapped__
        one = read(plain[start:end], text[start:end], sign.start() - start)
        if one is not None:
            yield Equation(one.start + start, one.end + start, *one[2:])


def piece_start(plain: str, sign: int) -> int:
    """Return where the side before an equals sign begins, with the character that stands next to it."""
    least = max(0, sign - LONGEST)
    return max(0, least + len(plain[least:sign].rstrip(SIDE)) - 1)


@lru_cache(maxsize=MOST_SUMS)
def equation(plain: str, text: str, sign: int) -> Equation | None:
    """Return the equation around an equals sign; None where it is none. The draws of one item share most of theirs.

    Args:
        plain: the piece around the sign, read over.
        text: the same as it was written.
        sign: where the sign stands in it.
    """
    left, right = left_side(plain, sign), right_side(plain, sign + 1)
    if left is None or right is None:
        return None
    computed, written = plain[left[0] : left[1]], plain[right[0] : right[1]]
    if not OPERATOR.search(computed) and not OPERATOR.search(written):
        return None
    value, stated = value_of(computed), value_of(written)
    if value is None or stated is None or ("%" in computed and ADDED_SHARE.search(plain, left[0], left[1])):
        return None
    if mixes_units(text[left[0] : left[1]]):
        return None
    return Equation(
        start=left[0],
        end=right[1],
        text=text[left[0] : right[1]],
        computed=computed,
        left=value,
        true=agree(value, stated, computed, written) or agrees_first(value, computed, written),
    )


def mixes_units(side: str) -> bool:
    """Whether a sum adds what is counted in different units.

    >>> mixes_units("1 hour + 30 minutes"), mixes_units("3 eggs + 4 eggs"), mixes_units("9 eggs * $2")
    (True, False, False)
    """
    if "+" not in side and "-" not in side:
        return False
    named = UNIT.findall(side)
    if not named:
        return False
    units = {unit.lower().rstrip("s") for unit in named} - {"of", "time", "cdot"}
    return len(units) > 1 or bool(units & SMALL_UNITS)


def agrees_first(left: Number, computed: str, written: str) -> bool:
    """Whether a left side is equal to the first number of the right one, in chains like "60 - 12 = 48 - 5 = 43"."""
    return any(agree(left, first, computed, written) for first in islice(numbers_in(written), 1))


def read_over(text: str) -> str:
    """Return a text of the same length in which signs are plain and units blank."""
    plain = text.replace("$", " ") if text.isascii() else text.translate(SIGNS)
    if "\\" in plain:
        for pattern, sign in LATEX:
            plain = replaced(plain, pattern, sign)
    for needed, pattern, sign in BLANKED:
        if needed.search(plain):
            plain = replaced(plain, pattern, sign)
    return replaced(plain, ITEM, "") if ITEM_NEXT.search(f"\n{plain}") else plain


def replaced(plain: str, pattern: re.Pattern[str], sign: str) -> str:
    """Return a text with a sign, and blanks around it, in place of each match."""
    return pattern.sub(lambda match: sign.center(len(match[0])), plain)


def left_side(plain: str, end: int) -> tuple[int, int] | None:
    """Return where the expression before an equals sign stands; None where it is none, or algebra."""
    least = max(0, end - LONGEST)
    start = least + len(plain[least:end].rstrip(SIDE))
    before = plain[start - 1] if start else ""
    if start < end and plain[start] not in " \t" and (before.isalnum() or before in OPENS):
        gap = plain.find(" ", start, end)  # 3:30 or f(2)
        start = end if gap < 0 else gap
        before = " "
    for _ in range(4):  # what is no part of it stands before a space: "Step 2) 3 + 4 = 7"
        while start < end and plain[start] in " \t,.)":
            start += 1
        if start >= end or not plain[start:end].strip():
            return None
        if plain[start] in "+-*/%^":
            return None if before.isalnum() or before in CLOSES else trimmed(plain, start + 1, end)
        if value_of(plain[start:end].strip()) is not None:  # stripped, as it is asked for again
            return trimmed(plain, start, end)
        gap = plain.find(" ", start, end)
        if gap < 0:
            return None
        start = gap
    return None


def right_side(plain: str, start: int) -> tuple[int, int] | None:
    """Return where the expression after an equals sign stands; None where it is none, or algebra."""
    while start < len(plain) and plain[start] in " \t":
        start += 1
    run = FORWARD.match(plain, start, start + LONGEST)
    end = run.end() if run else start
    after = plain[end] if end < len(plain) else ""
    tail = plain[start:end].rstrip()
    if after.isalpha() or after in FOLLOWS:
        if end > start and plain[end - 1] not in " \t.,":
            return None  # 5x
        if tail.endswith(("+", "-", "*", "/", "^", "(")):
            return None  # 5 - x
    first = FIRST.match(plain, start, end)
    if first is None:
        return None
    end = start + len(first[0].rstrip(" \t.,+-*/^("))
    while end > start and value_of(plain[start:end]) is None:
        cut = plain.rfind(" ", start, end)
        if cut <= start:
            number = STATED.match(plain, start)
            return (start, number.end()) if number else None
        end = start + len(plain[start:cut].rstrip(" \t.,+-*/^("))
    return (start, end) if end > start else None


def trimmed(plain: str, start: int, end: int) -> tuple[int, int] | None:
    """Return a span without spaces at its ends; None if nothing is left."""
    piece = plain[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None


@lru_cache(maxsize=MOST_SUMS)
def value_of(expression: str) -> Number | None:
    """Return the value of a sum of plain numbers; None if it is no such thing.

    >>> value_of("(1,200 + 3) * 2"), value_of("50%"), value_of("2^3"), value_of("9^9^9"), value_of("1/0")
    (2406, Fraction(1, 2), 8, None, None)
    """
    text = THOUSANDS.sub("", expression) if "," in expression else expression
    text = (PERCENT.sub(r"(\1/100)", text) if "%" in text else text).replace("^", "**").strip()
    if PLAIN.fullmatch(text):
        return number_of(text)
    if not text or len(text) > 2 * LONGEST:
        return None
    if FLAT.fullmatch(text):
        return flat_value(text)
    if NO_NUMBER.search(text):
        return None
    try:
        return whole(evaluated(parsed_expression(text)))
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def number_of(digits: str) -> Number:
    """Return the value of digits with a point or without."""
    return Fraction(digits) if "." in digits else int(digits)


def whole(value: Number) -> Number:
    """Return a value, as a whole number where it is one."""
    return value.numerator if value.denominator == 1 else value


def flat_value(text: str) -> Number | None:
    """Return the value of a sum without brackets; None where it divides by zero.

    >>> flat_value("16 - 3 * 4 / 8 + 0.5"), flat_value("1 / 0")
    (15, None)
    """
    total: Number = 0
    product: Number = 0
    for sign, digits in TERM.findall(f"+{text}"):
        number = number_of(digits)
        if sign == "*":
            product *= number
        elif sign == "/":
            if not number:
                return None
            product = Fraction(product) / number
        else:
            total, product = total + product, number if sign == "+" else -number
    return whole(total + product)


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return a power, if it is small.

    Raises:
        ValueError: it is not.
    """
    if exponent.denominator != 1 or abs(exponent) > MOST_POWER or abs(base) > MOST_BASE:
        raise ValueError(f"{base} ** {exponent}")
    return Fraction(base ** int(exponent))


OPERATIONS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: power,
}


def evaluated(node: ast.expr) -> Fraction:
    """Return the value of a parsed sum.

    Raises:
        ValueError: anything else than numbers, the four operations, a small power and brackets.
    """
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = evaluated(node.operand)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        operation = OPERATIONS.get(type(node.op))
        if operation is not None:
            return operation(evaluated(node.left), evaluated(node.right))
    raise ValueError(ast.dump(node))


def agree(left: Number, right: Number, computed: str, stated: str) -> bool:
    """Whether two sides are equal as far as the stated digits tell; 40% may stand for 40 or for 0.4.

    >>> from fractions import Fraction as F
    >>> agree(F(10, 3), F("3.33"), "10/3", "3.33"), agree(F(7, 2), 3, "7/2", "3"), agree(9, 8, "4+5", "8")
    (True, False, False)
    """
    if left == right:
        return True
    sides: list[tuple[Number, Number]] = [(left, right)]
    if "%" in stated or "%" in computed:
        sides += [(left, right * 100), (left * 100, right)]
    if not ("/" in computed or "." in computed or "%" in computed):
        return any(one == other for one, other in sides)
    number = STATED.match(stated.strip())
    digits = len(number["decimals"] or "") if number else 0
    unit = Fraction(1, 10**digits)
    offs: list[Number] = [one - other if one > other else other - one for one, other in sides]
    return any(off == 0 or off < unit / 2 or (digits and off <= unit) for off in offs)


def numbers_in(expression: str) -> Iterator[Number]:
    """Yield the numbers of an expression."""
    for number in DIGITS.findall(expression):
        yield plain_value(number)


@lru_cache(maxsize=MOST_SUMS)
def plain_value(digits: str) -> Number:
    """Return the value of a number that is written with thousands separators or without."""
    return number_of(digits.replace(",", ""))
