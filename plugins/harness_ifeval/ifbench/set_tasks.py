"""IFBench's group `custom`: whole tasks with one right form each."""

from __future__ import annotations

import csv
import io
import re
import string
import unicodedata
from collections.abc import Mapping
from itertools import pairwise

from harness_ifeval.instruction import Check
from harness_ifeval.lexicon import CAPITALS
from harness_ifeval.texts import bare, sentences

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_LONGEST_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NAPOLEON = range(1769, 1822)
_QUESTION = re.compile(r"\n*Question \d+[.|):;]?\s*")
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w")
_QUESTIONS, _OPTIONS, _COUNTRIES = 4, 5, 52
_CITY = ["ID", "Country", "City", "Year", "Count"]
_PRODUCT = ["ProductID", "Category", "Brand", "Price", "Stock"]
_STUDENT = ["StudentID", "Subject", "Grade", "Semester", "Score"]
_SPECIAL = re.compile(r'".*[^\d\w\s].*"')


def ascii_of(text: str) -> str:
    """Return a text without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def multiples(text: str) -> bool:
    """Whether the numbers of the text are the multiples of 7 from 10 to 50."""
    return re.findall(r"\d+", text.replace(",", ", ")) == [str(number) for number in range(14, 51, 7)]


def growing_questions(text: str) -> bool:
    """Whether four questions of five options follow each other, each longer than the one before it."""
    if not text.startswith("Question"):
        return False
    asked = [part.strip() for part in _QUESTION.split(text) if part.strip()]
    lengths = [question_length(part) for part in asked]
    if len(lengths) != _QUESTIONS or None in lengths:
        return False
    return all(before < after for before, after in pairwise(lengths))  # type: ignore[operator]


def question_length(part: str) -> int | None:
    """Return the characters of a question before its options; None if it has not five options."""
    lines = [line.strip() for line in part.split("\n")]
    options = [at for at, line in enumerate(lines) if _OPTION.match(line)]
    return len(" ".join(lines[: options[0]]).strip()) if len(options) == _OPTIONS else None


def reversed_countries(text: str) -> bool:
    """Whether 52 lines or more, from the one that names Zimbabwe on, stand in reverse alphabetical order."""
    lines = [line for line in (raw.strip(string.punctuation + " ") for raw in text.split("\n")) if line]
    start = next((at for at, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    listed = list(map(ascii_of, lines[start:]))
    return len(listed) >= _COUNTRIES and listed == sorted(listed, reverse=True)


def reversed_words(text: str) -> bool:
    """Whether the words, read backwards, name the bald eagle in one sentence."""
    backwards = " ".join(bare(text.lower()).split()[::-1])
    return "bald eagle" in backwards and sentences(backwards) == (backwards,)


def sentence_alphabet(text: str) -> bool:
    """Whether 26 sentences begin with the letters of the alphabet in order."""
    begins = [sentence.lstrip(string.punctuation + string.whitespace)[:1].lower() for sentence in sentences(text)]
    return begins == list(string.ascii_lowercase)


def sorted_capitals(text: str) -> bool:
    """Whether the capitals north of 45 degrees stand in order, with commas between."""
    return [part.strip() for part in ascii_of(text).split(",") if part.strip()] == list(CAPITALS)


def rows_of(text: str, *, delimiter: str = ",", quotes: bool = False) -> list[list[str]] | None:
    """Return the rows of a CSV text, with its quotes kept if asked; None if it cannot be read."""
    kept = text.replace('"', '"""') if quotes else text
    try:
        return list(csv.reader(io.StringIO(kept), delimiter=delimiter))
    except csv.Error:
        return None


def city_csv(text: str) -> bool:
    """Whether the text is the city table, with seven rows."""
    rows = rows_of(text)
    return rows is not None and len(rows) == 8 and rows[0] == _CITY and all(len(row) == len(_CITY) for row in rows)  # noqa: PLR2004


def header_is(text: str, names: list[str], between: str) -> bool:
    """Whether the first line has the names, quoted or not."""
    columns = between.join(f'(?:{name}|"{name}")' for name in names)
    return re.fullmatch(columns, text.split("\n", 1)[0].strip()) is not None


def product_csv(text: str) -> bool:
    """Whether the text is the product table, with 14 rows and a quoted field with a special character."""
    rows = rows_of(text, quotes=True)
    if rows is None or len(rows) != 15 or not header_is(text, _PRODUCT, r",[ \t]*"):  # noqa: PLR2004  # 14 and the head
        return False
    for row in rows[1:]:
        if len(row) != len(_PRODUCT):
            return False
        if any(map(_SPECIAL.match, row)):
            return True
    return False


def student_csv(text: str) -> bool:
    """Whether the text is the student table, with three rows, tabs between and every field in quotes."""
    rows = rows_of(text, delimiter="\t", quotes=True)
    if rows is None or len(rows) != 4 or not header_is(text, _STUDENT, r"\t *"):  # noqa: PLR2004  # three and the head
        return False
    fields = [field.strip() for row in rows for field in row]
    quoted = all(field[:1] == field[-1:] == '"' for field in fields)
    return quoted and all(len(row) == len(_STUDENT) for row in rows)


def dates(text: str) -> bool:
    """Whether the text is dates of Napoleon's lifetime, with commas between."""
    return all(is_date(part.strip()) for part in text.strip().split(","))


def is_date(text: str) -> bool:
    """Whether a text is a possible date YYYY-MM-DD; day and month 00 pass, as officially."""
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    return year in _NAPOLEON and month < len(_LONGEST_MONTH) and (month == 0 or day <= _LONGEST_MONTH[month])


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "custom:multiples": multiples,
    "custom:mcq_count_length": growing_questions,
    "custom:reverse_newline": reversed_countries,
    "custom:word_reverse": reversed_words,
    "custom:character_reverse": lambda text: "elgae dlab" in text.lower(),
    "custom:sentence_alphabet": sentence_alphabet,
    "custom:european_capitals_sort": sorted_capitals,
    "custom:csv_city": city_csv,
    "custom:csv_special_character": product_csv,
    "custom:csv_quotes": student_csv,
    "custom:date_format_list": dates,
}
