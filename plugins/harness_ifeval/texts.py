"""The units that the published instructions count: words, bare words, sentences and tokens.

The official checkers cut sentences and tokens with the Punkt model (Kiss and Strunk 2006) and the Penn Treebank's
conventions; both need downloads, so their rules are written out here, in time linear in the text.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import cache, lru_cache

from harness_ifeval.lexicon import ABBREVIATIONS, STARTERS

_WORD = re.compile(r"\w+")
_BARE = str.maketrans("", "", string.punctuation)
#: Marks that may end a sentence, where something follows that can begin another.
_STOP = re.compile(r"(?<![.!?])[.!?]++(?=\s|[)\"'\u201d\u2019;}\]*:@({\[])")
#: Closing marks that stay with the sentence before them.
_CLOSING = re.compile(r"\s*[\"')\]}\u201d\u2019]{1,8}(?=\s|$)")
_INITIAL = re.compile(r"[^\W\d_]")
_LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_OPENING = "\"'`({[\u201c\u2018"
_NUMBER = re.compile(r"-?[\d.,]*\d")


def words(text: str) -> list[str]:
    r"""Return the runs of word characters, the vowel signs of other scripts among them.

    >>> words("It's well-known."), words("हिन्दी में")
    (['It', 's', 'well', 'known'], ['हिन्दी', 'में'])
    """
    return (_WORD if text.isascii() else _spelled()).findall(text)


@cache
def _spelled() -> re.Pattern[str]:
    r"""Return what finds a word in any script: `\w` of Python leaves out the combining marks that Unicode counts in."""
    marks = "".join(chr(code) for code in range(0x300, 0x1_1C00) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(rf"[\w{re.escape(marks)}\u200c\u200d]+")


def bare(text: str) -> str:
    """Return a text without ASCII punctuation; what stood on both sides is joined.

    >>> bare("It's 1,000 (well-known).")
    'Its 1000 wellknown'
    """
    return text.translate(_BARE)


def bare_words(text: str) -> list[str]:
    """Return the words between white space, in small letters and without punctuation."""
    return bare(text.lower()).split()


def trimmed(word: str) -> str:
    """Return a word without punctuation around it.

    >>> trimmed('"(well-known),"')
    'well-known'
    """
    return word.strip(string.punctuation + " ")


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text. A line end ends none; the number of a list item is one.

    >>> sentences('Mr. J. Doe has 3.5 (approx. 4) in the U.S. now. "Has he?" Yes!')
    ('Mr. J. Doe has 3.5 (approx. 4) in the U.S. now.', '"Has he?"', 'Yes!')
    >>> sentences("1. One.")
    ('1.', 'One.')
    """
    found, start = [], 0
    for stop in _STOP.finditer(text):
        if _ends(text, start, stop):
            closing = _CLOSING.match(text, stop.end())
            end = closing.end() if closing else stop.end()
            found.append(text[start:end].strip())
            start = end
    found.append(text[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Return whether a mark ends the sentence that began at `start`."""
    if stop[0].strip("."):
        return True
    next_ = text[stop.end() : stop.end() + 32].lstrip().lstrip(_OPENING)
    if len(stop[0]) > 1:
        return next_[:1].isupper()
    begin = max(start, stop.start() - 32)
    before = text[begin : stop.start()].rsplit(None, 1)
    return _full_stop_ends((before[-1] if before else "").lstrip(_OPENING + "*_#>"), next_)


def _full_stop_ends(last: str, next_: str) -> bool:
    """Return whether a full stop ends a sentence, by the word before it and what comes next."""
    if _INITIAL.fullmatch(last):
        return not next_[:1].isalpha()
    if _NUMBER.fullmatch(last):
        return not next_[:1].islower()
    if last.lower() not in ABBREVIATIONS and not _LETTERS.fullmatch(last):
        return True
    word = _WORD.match(next_)
    if word is None or next_[word.end() : word.end() + 1] == ".":
        return False  # another initial, as in "Mr. A. Doe"
    return word[0][0].isupper() and word[0].lower() in STARTERS


_PADDED = re.compile(r"\.{2,}|[;@#$%&*`?!\]\[(){}<>]|--+|[:,](?!\d)")
_LAST_STOP = re.compile(r"(?<![.\s])\.(?=[\])}>\"'\u00bb\u201d\u2019 ]{0,16}$)")
_OPEN_QUOTE = re.compile(r"(?:^|(?<=[ (\[{<]))\"")
_CLITIC = re.compile(r"(?<=[^' ])('(?:s|m|d|ll|re|ve)|n't)(?![^\s])|(?<=[^'\s])'(?=\s)", re.IGNORECASE)
_JOINED = re.compile(r"\b(can)(not)\b|\b(gim|lem)(me)\b|\b(gon|wan)(na)\b|\b(got)(ta)\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of a text by the Penn Treebank's conventions.

    >>> tokens("They can't pay $3.50, (NASA) isn't well-known.")
    ('They', 'ca', "n't", 'pay', '$', '3.50', ',', '(', 'NASA', ')', 'is', "n't", 'well-known', '.')
    """
    return tuple(token for sentence in sentences(text) for token in _pieces(sentence))


def _pieces(sentence: str) -> list[str]:
    text = _OPEN_QUOTE.sub(" `` ", sentence).replace('"', " '' ")
    text = _PADDED.sub(r" \g<0> ", text)
    text = _LAST_STOP.sub(" . ", text.rstrip())
    text = _CLITIC.sub(r" \g<0> ", text)
    text = _JOINED.sub(lambda found: " ".join(part for part in found.groups() if part), text)
    return text.split()


def proper_tokens(text: str) -> list[str]:
    """Return the tokens that have a letter or a digit."""
    return [token for token in tokens(text) if any(map(str.isalnum, token))]
