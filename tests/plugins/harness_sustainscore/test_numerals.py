"""Numbers are found however they are written, and nothing else is taken for one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_sustainscore.numerals import SMALL, numbers_in

UNITS = {value: word for word, value in SMALL.items()}


def spelled(n):
    """A number below a million in English words."""
    if n >= 1000:
        rest = n % 1000
        return f"{spelled(n // 1000)} thousand" + (f" {'and ' if rest < 100 else ''}{spelled(rest)}" if rest else "")
    if n >= 100:
        return f"{UNITS[n // 100]} hundred" + (f" and {spelled(n % 100)}" if n % 100 else "")
    return UNITS[n] if n in UNITS else f"{UNITS[n - n % 10]}-{UNITS[n % 10]}"


@given(st.integers(0, 999_999))
def test_a_number_in_words_is_the_number_in_digits(n):
    assert numbers_in(f"use {spelled(n)} of them") == {Fraction(n)}
    assert numbers_in(f"use {n:,} of them") == {Fraction(n)}


@given(st.integers(0, 9999), st.integers(0, 99))
def test_decimals_are_whole(n, cents):
    assert numbers_in(f"({n}.{cents:02})") == {Fraction(f"{n}.{cents:02}")}


@given(st.integers(1, 9), st.integers(2, 9))
def test_fractions_of_every_kind(a, b):
    for text in (f"\\frac{{{a}}}{{{b}}}", f"\\dfrac{a}{b}", f"{a}/{b}", f"{a} / {b}"):
        assert Fraction(a, b) in numbers_in(text), text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("three quarters", [Fraction(3, 4)]),
        ("two fifths and one half", [Fraction(2, 5), Fraction(1, 2)]),
        ("half of it", [Fraction(1, 2)]),
        ("a dozen", [12]),
        ("one, two, three", [1, 2, 3]),
        ("twenty one", [21]),
        ("twenty, thirty", [20, 30]),
        ("¾", [Fraction(3, 4)]),
        ("٣٤", [34]),
        ("12,345,678", [12345678]),
        ("1{,}234", [1234]),
        ("$-17$", [17]),
        ("50\\%", [50]),
        ("10^{5}", [10, 5]),
        ("someone phoned often; weight, tone, height", []),
        ("x1 and h2o", [1, 2]),
        ("1.2.3", [Fraction(6, 5)]),
        ("a hundred and two; a million", [102, 1_000_000]),
        ("", []),
        ("9" * 1000, []),
        ("5/0", [5]),
    ],
)
def test_what_counts_as_a_number(text, numbers):
    assert numbers_in(text) == frozenset(map(Fraction, numbers))


@given(st.text(max_size=300))
def test_no_text_is_too_strange(text):
    assert all(isinstance(number, Fraction) and number >= 0 for number in numbers_in(text) if number.denominator)
