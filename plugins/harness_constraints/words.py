"""Words as a reader counts them: hyphens and apostrophes kept, numbers whole, a formula one word."""

from __future__ import annotations

import re
from collections import Counter

from harness_constraints import lexicon

_INNER = "['\u2019\u2010\u2011-]"
#: Nearly every word ends where its letters do, which is looked for first.
_ANY_WORD = rf"\w++(?:(?!{_INNER}|[.,:/])|(?:{_INNER}\w++|(?<=\d)[.,:/]\d++)*+)|\x1a"
_WORD = re.compile(_ANY_WORD)
#: The same in ASCII text, and quicker. An underscore is a part of what it finds.
ASCII_WORD = re.compile(_ANY_WORD, re.ASCII)
#: Characters for which `\w` is not enough: scripts with combining vowel signs, scripts without spaces.
_WIDE = re.compile("[\u0300-\u036f\u0590-\u1fff\u200c\u200d\u3040-\u30ff\u3400-\u9fff\ua8e0-\uabff\uf900-\ufaff]")
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0966-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84\u102b-\u103e"
    "\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d"
)
_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W{_SPACELESS}]"
_WIDE_WORD = re.compile(
    rf"\x1a|[{_SPACELESS}]|{_LETTER}(?:{_LETTER}|[{_MARKS}])*(?:{_INNER}{_LETTER}(?:{_LETTER}|[{_MARKS}])*|(?<=\d)[.,:/]\d+)*"
)
_PARTS = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a masked text. Scripts without spaces count by character.

    >>> words("It's a well-known 3.5% of 1,000, i.e. 35.")
    ["It's", 'a', 'well-known', '3.5', 'of', '1,000', 'i', 'e', '35']
    >>> len(words("水を飲む")), words("हिन्दी में")
    (4, ['हिन्दी', 'में'])
    """
    how = ASCII_WORD if text.isascii() else _WORD if _WIDE.search(text) is None else _WIDE_WORD
    found: list[str] = how.findall(text)
    if "_" in text:
        return [word for word in (raw.strip("_") for raw in found) if word]
    return found


def vocabulary(tokens: list[str]) -> Counter[str]:
    """Return how often each word is used, whatever its case; the parts of a compound count as well.

    An abbreviation in capitals is not the word that it looks like: "US" is no "us".

    >>> sorted(vocabulary(["Well-known", "well", "US"]).items())
    [('US', 1), ('known', 1), ('well', 2), ('well-known', 1)]
    """
    uses = Counter(map(str.casefold, tokens))
    for word in [word for word in uses if not word.isalnum()]:
        times = uses[word]
        parts = _PARTS.findall(word)
        if "\u2019" in word:
            del uses[word]
            uses[word.replace("\u2019", "'")] += times
        if len(parts) > 1:
            for part in parts:
                uses[part] += times
    for word in lexicon.LOOK_ALIKES.intersection(tokens):
        times = tokens.count(word)
        uses[word] += times
        uses -= Counter({word.casefold(): times})
    return uses
