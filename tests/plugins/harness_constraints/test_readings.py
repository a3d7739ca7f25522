"""What the parts of an answer are: tables of tricky texts."""

from __future__ import annotations

import pytest

from harness.thinking import final_part
from harness_constraints.fences import split_fences
from harness_constraints.formulas import formula_spans, masked
from harness_constraints.markdown import LIMIT, _scanned, outline
from harness_constraints.normal import is_blank, normalised
from harness_constraints.reading import Reading
from harness_constraints.sentences import sentences
from harness_constraints.words import vocabulary, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain words here", ["plain", "words", "here"]),
        ("3.5 of 1,000 at 12:30 is 1/2", ["3.5", "of", "1,000", "at", "12:30", "is", "1/2"]),
        ("well-known, isn't it? rock\u2019n\u2019roll", ["well-known", "isn't", "it", "rock\u2019n\u2019roll"]),
        ("end.Start", ["end", "Start"]),
        ("a -- b—c", ["a", "b", "c"]),
        ("_emphasis_ and snake_case ____", ["emphasis", "and", "snake_case"]),
        ("$18, 25% and #3", ["18", "25", "and", "3"]),
        ("naïve café", ["naïve", "café"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("水を飲む", ["水", "を", "飲", "む"]),
        ("👍 ok 👩‍🔬", ["ok"]),
        ("= + - *", []),
    ],
)
def test_words_are_what_a_reader_counts(text, expected):
    assert [word for word in words(normalised(text)) if word.strip("\u200c\u200d")] == expected


def test_a_formula_and_a_code_span_are_one_word():
    assert len(Reading(r"So \(x^2 - 3x\) and $$a b c$$ and `f(x, y)` hold.").words) == 7
    assert len(Reading(r"Hence \boxed{\frac{1}{2}} holds").words) <= 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", 3),
        ("It costs 3.50 dollars. Really.", 2),
        ("Dr. Smith met Mr. Jones vs. nobody.", 1),
        ("J. K. Rowling wrote it. George W. Bush did not.", 2),
        ("The answer is B. Then we stop.", 2),
        ("Some numbers, e.g. 3, i.e. few. Done.", 2),
        ("Wait... what? No… really.", 2),
        ('He said "Stop." Then he left.', 2),
        ('"Who?" he asked. Nobody.', 2),
        ("1. First thing\n2. Second thing", 2),
        ("- a bullet\n- a second bullet.", 2),
        ("Line one\nLine two", 2),
        ("a hard-wrapped line that\ngoes on here.", 1),
        ("= 3\n= 4.", 0),
        ("12.5 + 3 = 15.5", 0),
        ("Yes", 1),
        ("東京です。はい。", 2),
        ("", 0),
        ("Half!? Yes.", 2),
        ("The U.S. economy grew. It did.", 2),
    ],
)
def test_sentences_are_what_a_reader_counts(text, expected):
    assert len(sentences(text)) == expected, sentences(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("$2 and $3", []),
        ("9 * $2 = $18", []),
        ("($2+$3)", []),
        ("$x$ and $y + 1$", ["$x$", "$y + 1$"]),
        (r"\(a\) then \[b\]", [r"\(a\)", r"\[b\]"]),
        ("$$a\nb$$", ["$$a\nb$$"]),
        (r"\begin{align}x\end{align}", [r"\begin{align}x\end{align}"]),
        (r"\$5 and \$6", []),
        ("16 - 3 = <<16-3=13>>13", ["<<16-3=13>>"]),
        ("$ 5 $", []),
        (r"\[ never closed", []),
        ("pays $5/hour or $6/hour", []),
    ],
)
def test_formulas_are_told_from_money(text, spans):
    assert [text[start:end] for start, end in formula_spans(text)] == spans


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("- one thing\n- another thing", "bullets", 2),
        ("* one thing\n  * nested thing\n    + deeper thing", "bullets", 3),
        ("10\n- 3x\n= 7", "bullets", 0),
        ("- 3x + 2\n- 4", "bullets", 0),
        (r"\[ 5 \]" + "\n" + r"\(" + "\n- 3x words\n" + r"\)", "bullets", 0),
        ("a - b - c", "bullets", 0),
        ("-no space", "bullets", 0),
        ("1. First thing\n2. Second thing", "numbered", 2),
        ("1) First thing\n2) Second thing", "numbered", 2),
        ("In 1999. Then 3. It", "numbered", 0),
        ("It was 3.5 then", "numbered", 0),
        ("1. First\n\n   - nested point\n\n2. Second", "numbered", 2),
        ("# Title\n\n## Part ##", "headings", ("Title", "Part")),
        ("#hashtag", "headings", ()),
        ("**bold** and __also__", "bold", 2),
        ("2 ** 3 ** 4", "bold", 0),
        ("a**b", "bold", 0),
        ("`**code**`", "bold", 0),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "tables", 1),
        ("P(A|B) = |x|", "tables", 0),
        ("> quoted words", "quotes", 1),
        ("x > y", "quotes", 0),
        ("above\n\n---\n\nbelow", "rules", 1),
        ("  - indented point\n  - second point", "bullets", 2),
        ("- شيء واحد\n- شيء آخر", "bullets", 2),
        ("- 👍 fine\n- 👎 not fine", "bullets", 2),
    ],
)
def test_the_outline_is_markdown(text, field, expected):
    assert getattr(outline(masked(text)), field) == expected


def test_a_long_text_is_scanned_to_the_same_outline():
    text = "# Title\n\n- one **bold** thing\n- another\n\n1. first\n2. second\n\n> said\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert _scanned(text) == outline(text)
    padded = text + "\nmore words" * LIMIT
    assert outline(padded) == outline(text)


def test_fences_keep_code_from_prose():
    prose, blocks = split_fences("Before\n```python\n- x = 1\n```\nAfter\n~~~\n``` inside\n~~~\n  ```js\nopen")
    assert prose == "Before\n\nAfter\n\n"
    assert [(block.language, block.code, block.closed) for block in blocks] == [
        ("python", "- x = 1", True),
        ("", "``` inside", True),
        ("js", "open", False),
    ]


def test_a_longer_fence_holds_a_shorter_one():
    _, blocks = split_fences("````md\n```\nx\n```\n````")
    assert [block.code for block in blocks] == ["```\nx\n```"]


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("no thinking", "no thinking"),
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),
        ("<THINK>a</Think>b", "b"),
        ("<think>a</think><think>b</think>c", "c"),
        ("<think>never closed", None),
        ("<think>a</think>b<think>c", None),
        ("a < b", "a < b"),
    ],
)
def test_only_the_final_part_is_read(text, final):
    assert final_part(text) == final


def test_line_ends_and_invisible_characters_do_not_matter():
    assert normalised("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert normalised("\ufeffwo\u200brd\u200f") == "word"
    assert normalised("cafe\u0301") == "café"


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\ufeff \u200d", "\u3000"])
def test_what_shows_nothing_is_blank(text):
    assert is_blank(normalised(text))


def test_the_parts_of_a_compound_count():
    assert vocabulary(["Well-known", "well", "don\u2019t"]) == {
        "well-known": 1, "well": 2, "known": 1, "don't": 1, "don": 1, "t": 1,
    }  # fmt: skip
