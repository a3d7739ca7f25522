"""The texts on which constraint types are tried: answers of many kinds, and what breaks careless readers."""

from __future__ import annotations

from collections.abc import Iterator

#: Texts that no checker may stumble over.
HARD_TEXTS = (
    "",
    " ",
    "\x00\x07\x1b[31m",
    "a\r\nb\rc\u2028d",
    "\u202eright to left\u202c \u200b\ufeff",
    "e\u0301 \U0001f600\U0001f1e9\U0001f1ea \ud800",
    "```\nunclosed",
    "<think>never closed",
    "</think> closed </think> twice",
    "$x - 3x ** 2$ | a | - b",
    "1.\n2)\n* * *\n- \n#\n######## x",
    "<< 3 >> << \\( \\[ $$ \\begin{align}",
    "\u6c34\u3092\u98f2\u3080\u3002 \u0939\u093f\u0928\u094d\u0926\u0940 \u05e9\u05dc\u05d5\u05dd",
    "def f(:\n\treturn\n  x",
    "word " * 5000,
)
#: What no reader calls an answer.
NOTHING = ("", " \n\t")
#: A chat's answer with most of what a constraint may speak of.
CHAT = """Sure! Let's think step by step, because it's fun:

# Given

## Solution

1. First, **add** 3 + 4 = 7; then stop?
2. Let x be *that*: x = 7 \u2014 or $7.50 (about 1,250 x 3 = 3,750)\u2026

- one thing & another
- \U0001f600 "quoted" [1]

> Step 1: see https://example.org or <b>that</b>

| a | b |
|---|---|
| 1 | 2 |

---

Step 2: maybe WRONG, I cannot say. According to the context, passage 2 says 5% of 3/4 is `half`; we check it.
```python
x = 1
```
Therefore, \\boxed{7} and 12345. Let me know if you have any other questions!"""
EVERYTHING = (
    """```python
import os, re

class Thing:
    '''So.'''

    def longName(self, a, n: int = 3) -> int:
        global z  # a comment
        for i in range(3):
            while a:
                try:
                    a = i if i else (b := 2)
                    if a:
                        if i:
                            break
                except ValueError:
                    raise
        assert a
        print(f"{a}", sorted([key for key in "ab"], key=lambda value: value))
        a += 1
        if n < 1:
            return 1
        elif n < 2:
            return 2
        def inner():
            yield 1
        return self.longName(a, n - 1)
"""
    + "".join(f"        line_{n} = {'1 + ' * 30}1\n" for n in range(60))
    + "```\nThis is the code."
)
#: Answers of many kinds: what one of them has, another lacks.
BANK = (
    "18",
    "The answer is 18.",
    "She sells 9 eggs. So she makes 9 * 2 = 18 dollars every day.",
    CHAT,
    "it is so. you see \u0434\u0430! extraordinarilylongwordindeed " + "and on and on " * 40,
    "first line\n\nsecond line\n\nthird line\n\nfourth line: 2.125 km",
    "Because the first one is older, the answer is no. It was born in 1912 and the other in 1950, as the text says.",
    "FINAL ANSWER: 3/4",
    "About 3.14159265 of that, pneumonoultramicroscopicsilicovolcanoconiosisandevenlongerthanthatwordis.",
    "def total(prices):\n    return sum(prices)\n",
    "    return [x for x in numbers if x > 0]\n",
    EVERYTHING,
    "```\nx = 1\n```\nand\n```\ny = 2\n```",
    "x = 1\n" * 80,
)


def adversarial_texts(size: int = 1_000_000) -> Iterator[tuple[str, str]]:
    """Yield texts of a size, with a name each, on which a careless expression or parser takes minutes."""
    pieces = {
        "words": "word ", "one word": "a", "a a a": "a ", "spaces": " ", "lines": "\n", "spaced lines": " \n",
        "digits": "1", "bullets": "- a b\n", "stars": "*", "star words": "*a ", "bold": "**a", "under": "_",
        "underscored": "_a", "square": "[", "links": "[a](", "round": "(", "closed": "()", "formulas": "\\[",
        "inline formulas": "\\(", "dollars": "$a", "begins": "\\begin{align}", "macros": "\\a{", "stops": ".",
        "stops apart": ". ", "capitals": "A. ", "quotes": ".\"')", "hyphens": "a-", "numbers": "1,1.",
        "fractions": "1/", "equations": "1=1+", "chain": "=a", "fences": "```\n", "tildes": "~~~", "ticks": "`",
        "tick words": "`a", "marks": "a\u0315\u0300", "thinking": "<think>", "tags": "<a ", "doubled": "<<",
        "pipes": "|-", "table": "|a|\n|-|\n", "chinese": "\u6c34", "emoji": "\U0001f469\u200d\U0001f52c",
        "statements": "x = 1\n", "definitions": "def f():\n    return 1\n", "nested": "(" * 90 + ")" * 90 + "\n",
        "deep": "[" * 3, "colons": "a:", "apostrophes": "'", "currency": "$1,", "steps": "Step 1\n",
        "sentences": "It is so. ", "shouts": "AB ", "hashes": "# a\n", "quoted": "> ", "nested quotes": ">>>>> - a\n",
        "answers": "answer ", "lets": "let a ", "i": "I ", "surrogate": "\ud800", "nul": "\x00", "carriage": "\r",
        "invisible": "\u200b",
    }  # fmt: skip
    for name, piece in pieces.items():
        yield name, (piece * (size // len(piece) + 1))[:size]
    yield "nested list", "".join(" " * (n % 60) + "- ab\n" for n in range(size // 34))[:size]
    yield "indents", "".join("    " * (n % 90) + "if x:\n" for n in range(size // 186))[:size]
    yield "fenced", ("```python\n" + "x = 1\n" * (size // 6))[: size - 4] + "\n```"
    yield "comments", ("```python\n" + "# x\n" * (size // 4))[: size - 4] + "\n```"
    yield "one giant line", ("So 1 + 1 = 2, and *that* is `it` (or not): " * (size // 40))[:size]
