"""What tells a document's answer, or a part of it: no constraint says any of it.

Right answers and their aliases, however they are written; answers and passages on the way to them; numbers and names of
worked solutions; identifiers of reference programs. What the question itself says is no secret, but for the answer.
A false alarm costs a constraint, a leak costs the run.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from harness import Doc, Prompt
from harness_sustainscore.numerals import numbers_in

#: A right answer with more words is a worked solution or a program.
LONGEST_ANSWER = 20
#: The shortest word of a name that tells it: "Nixon" of "Richard Nixon".
SHORTEST_WORD = 4
#: The shortest identifier that tells anything.
SHORTEST_NAME = 3
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_ARTICLES = frozenset({"a", "an", "the"})
#: Words of any requirement, which tell nothing even where an answer or a program uses them.
COMMON = frozenset({
    "answer", "answers", "argument", "arguments", "call", "calls", "character", "characters", "check", "class",
    "code", "comment", "comments", "count", "each", "every", "exactly", "example", "first", "form", "format",
    "from", "function", "functions", "have", "input", "item", "items", "key", "last", "least", "less", "letter",
    "letters", "line", "lines", "list", "lists", "long", "longer", "mark", "marks", "more", "most", "name", "names",
    "number", "numbers", "only", "output", "paragraph", "paragraphs", "part", "parts", "point", "points", "print",
    "program", "question", "reason", "reasoning", "response", "result", "results", "return", "returns", "section",
    "sections", "sentence", "sentences", "should", "single", "some", "space", "spaces", "step", "steps", "string",
    "strings", "table", "text", "than", "that", "their", "them", "then", "there", "they", "this", "title", "type",
    "types", "value", "values", "variable", "variables", "very", "when", "which", "with", "without", "word",
    "words", "write", "your",
})  # fmt: skip
_LATEX_WORD = re.compile(r"\\(?:left|right|displaystyle|text|mathrm|mathbf|mbox|operatorname|,|;|!|quad)(?![A-Za-z])")
_LATEX_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w))")
_LATEX_ROOT = re.compile(r"\\sqrt\s*(?:\{([^{}]*)\}|(\w))")
#: How formulas are written in plain text.
_SIGNS = {"\\pi": "pi", "π": "pi", "\\cdot": "*", "\\times": "*", "×": "*", "·": "*", "−": "-", "√": "sqrt"}  # noqa: RUF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What a constraint on one document must not say."""

    #: Words, in the form of `words_of`, joined by spaces.
    phrases: frozenset[str] = frozenset()
    #: Single letters that are an answer ("B").
    letters: frozenset[str] = frozenset()
    #: Formulas, in the form of `squeezed`.
    formulas: frozenset[str] = frozenset()
    numbers: frozenset[Fraction] = frozenset()
    #: Names of a reference program.
    identifiers: frozenset[str] = frozenset()

    def told_by(self, text: str) -> str:
        """Return what a text tells; empty if nothing."""
        said = f" {' '.join(words_of(text))} "
        for phrase in sorted(self.phrases):
            if f" {phrase} " in said:
                return phrase
        for letter in sorted(self.letters):
            if re.search(rf"[\"'(\[`]{letter}[\"')\].`]", text):
                return letter
        if self.numbers and (numbers := self.numbers & numbers_in(text)):
            return str(min(numbers))
        tight = squeezed(text) if self.formulas else ""
        for formula in sorted(self.formulas):
            if formula in tight:
                return formula
        return min(self.identifiers & frozenset(_NAME.findall(text)), default="")


def clues_of(doc: Doc, prompt: Prompt) -> Clues:
    """Return what tells the answer of a document."""
    question = "\n".join(doc.question) or prompt.asked.content[prompt.start : prompt.slot]
    golds = () if doc.program else doc.golds  # where an answer is a program, so is the right one
    short = [gold for gold in golds if "\n" not in gold.strip() and len(gold.split()) <= LONGEST_ANSWER]
    long = [gold for gold in golds if gold not in short]
    programs = [*doc.program, *(gold for gold in long if is_program(gold))]
    worked = [*doc.worked, *(gold for gold in long if not is_program(gold))]
    flat = f" {' '.join(words_of(question))} "
    asked = frozenset(flat.split())
    way_there = (*doc.hops, *names_in(worked))
    return Clues(
        phrases=frozenset((*phrases_of(short, asked), *way(way_there, flat, asked))),
        letters=frozenset(gold.strip("() .") for gold in short if re.fullmatch(r"\(?[A-Z]\)?\.?", gold.strip())),
        formulas=frozenset(
            tight for gold in short if re.search(r"[\\^_=+*/(){}\[\]]", gold) and len(tight := squeezed(gold)) > 1
        ),
        numbers=numbers_of(short) | (numbers_of((*worked, *doc.hops)) - numbers_in(question)),
        identifiers=identifiers_of(programs) - identifiers_of((question, prompt.asked.content)),
    )


def words_of(text: str) -> list[str]:
    """Return the words of a text: small letters, without accents and articles.

    >>> words_of("The Beatles, São Paulo!")
    ['beatles', 'sao', 'paulo']
    """
    flat = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in flat if not unicodedata.combining(one)) if not flat.isascii() else flat
    return [word for word in _WORD.findall(bare) if word not in _ARTICLES]


def phrases_of(answers: Iterable[str], asked: frozenset[str]) -> Iterable[str]:
    """Yield answers as phrases, and the telling words of those of several words."""
    for answer in answers:
        words = words_of(_LATEX_WORD.sub(" ", answer))
        phrase = " ".join(words)
        if len(phrase) > 1 and not phrase.replace(" ", "").isdigit():  # numbers are compared as such
            yield phrase
        if len(words) > 1:
            yield from telling(words, asked)


def way(texts: Iterable[str], question: str, asked: frozenset[str]) -> Iterable[str]:
    """Yield names on the way to the answer as phrases, but for what the question says."""
    for text in texts:
        words = words_of(text)
        phrase = " ".join(words)
        if f" {phrase} " in question:
            continue
        if len(words) > 1 or len(phrase) >= SHORTEST_WORD:
            yield phrase
        yield from telling(words, asked)


def telling(words: Iterable[str], asked: frozenset[str]) -> Iterable[str]:
    """Yield the words that stand for what they are part of."""
    for word in words:
        if len(word) >= SHORTEST_WORD and not word.isdigit() and word not in COMMON and word not in asked:
            yield word


def names_in(texts: Iterable[str]) -> Iterable[str]:
    """Yield the names in worked solutions: words with a capital that do not begin a sentence."""
    for text in texts:
        yield from re.findall(r"(?<=[a-z,;:] )[A-Z][a-z]{3,}", text)


def numbers_of(texts: Iterable[str]) -> frozenset[Fraction]:
    """Return all numbers in texts."""
    return frozenset(number for text in texts for number in numbers_in(text))


def squeezed(text: str) -> str:
    r"""Return a formula without layout, so that one way of writing it is found in another.

    >>> squeezed(r"\left( 3, \frac{\pi}{2} \right)"), squeezed("(3, π/2)"), squeezed("x^2 + 1")
    ('(3,pi/2)', '(3,pi/2)', 'x^2+1')
    """
    text = _LATEX_WORD.sub("", text.replace("$", ""))
    text = _LATEX_ROOT.sub(lambda found: f"sqrt({found[1] or found[2]})", text)
    text = _LATEX_FRACTION.sub(lambda found: f"{found[1] or found[2]}/{found[3] or found[4]}", text)
    for sign, plain in _SIGNS.items():
        text = text.replace(sign, plain)
    return re.sub(r"[\s{}]", "", text).casefold()


def is_program(text: str) -> bool:
    """Whether a text is code rather than a worked solution."""
    return re.search(r"^\s*(?:def|class|import|from|return|for|while|if)\b.*", text, re.MULTILINE) is not None


def identifiers_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the names that programs use, but for short ones, keywords and the words of any requirement."""
    names = {name for text in texts for name in _NAME.findall(text)}
    return frozenset(
        name for name in names if len(name) >= SHORTEST_NAME and not keyword.iskeyword(name) and name not in COMMON
    )
