"""IFBench's group `format`: the shape of a response, from its bullets to its brackets."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from itertools import pairwise

from harness_ifeval.emoji import is_emoji
from harness_ifeval.instruction import Check
from harness_ifeval.texts import bare, sentences, tokens, trimmed

_PAIRS = {")": "(", "]": "[", "}": "{"}
_DEEP = 5
_NESTED = 3
_LETTERED = re.compile(r"\W*[aA]\W*[bB]\W*[cC]\W*")
_NO_QUOTES = string.digits + string.punctuation.replace('"', "")
_PARTS = ("My Answer:", "My Conclusion:", "Future Outlook:")


def emoji_ends(text: str) -> bool:
    """Whether every sentence ends with an emoji, or the next one begins with it."""
    said = [bare(sentence).strip() for sentence in sentences(text)]
    for at, sentence in enumerate(said):
        if not sentence:
            return False
        follows = said[at + 1][:1] if at + 1 < len(said) else ""
        if not any(map(is_emoji, (*sentence[-2:], *follows))):
            return False
    return True


def stairs(text: str) -> bool:
    """Whether each line is indented more than the one before it."""
    lines = text.split("\n")
    for line in [line for line in lines if not line.strip()]:
        lines.remove(line)
    indents = [len(line) - len(line.lstrip(" ")) for line in lines]
    return all(low < high for low, high in pairwise(indents))


def word_a_line(text: str) -> bool:
    """Whether no line has two words."""
    plain = bare(text).strip()
    return sum(bool(line) for line in plain.split("\n")) == len(plain.split())


def sentences_then_bullets(text: str) -> bool:
    """Whether two sentences or more are followed by two lines or more that start with "*", and by nothing else."""
    said = listed = 0
    open_ = True
    for line in map(str.strip, text.split("\n")):
        if line.startswith("*"):
            open_ = False
            if said < 2:  # noqa: PLR2004  # two sentences
                return False
            listed += 1
        elif open_:
            more = len(sentences(line))
            said += more
            open_ = more > 0  # after a blank line only bullets may come
        else:
            return False
    return listed >= 2  # noqa: PLR2004  # two bullets


def listed(text: str, *, sep: str) -> bool:
    """Whether the mark occurs twice or more, wherever."""
    return text.count(sep) > 1


def one_option(text: str, *, options: str) -> bool:
    """Whether the response is one of the options, and nothing else; lettered ones to the letter."""
    separator = "/" if "/" in options else "or" if "or" in options else ","
    known = [option.strip() for option in options.split(separator)]
    if _LETTERED.match(options):
        return text in known
    return trimmed(text).lower() in {trimmed(option).lower() for option in known}


def nested_brackets(text: str) -> bool:
    """Whether brackets that match are nested five deep."""
    open_: list[str] = []
    deepest = 0
    for mark in text:
        if mark in "([{":
            open_.append(mark)
            deepest = max(deepest, len(open_))
        elif mark in _PAIRS:
            if open_ and open_[-1] == _PAIRS[mark]:
                open_.pop()
                if deepest >= _DEEP:
                    return True
            else:
                open_, deepest = [], 0
    return False


def nested_quotes(text: str) -> bool:
    """Whether double and single quotes are nested three deep, in turn."""
    open_: list[str] = []
    deepest = 0
    for mark in text:
        if open_ and mark == open_[-1]:
            open_.pop()
            if deepest - len(open_) >= _NESTED:
                return True
        elif mark in "\"'":
            open_.append(mark)
            deepest = max(deepest, len(open_))
    return False


def quotes_explained(text: str) -> bool:
    """Whether no quote follows another, and none ends the text."""
    flat = "".join(text.replace("'\"'", "").split())
    return '""' not in flat and not flat.strip(_NO_QUOTES).endswith('"')


def thesis(text: str) -> bool:
    """Whether something in HTML italics is followed by something else; sections are not looked for."""
    begin = first(text, "<i>", "<em>")
    rest = text[begin:] if begin >= 0 else ""
    end = first(rest, "</i>", "</em>")
    return end >= 0 and rest[3:end].strip() != "" and rest[end + 4 :].strip() != ""


def first(text: str, mark: str, other: str) -> int:
    """Return where a mark stands first; where the other does, if it does not occur; else -1."""
    at = text.find(mark)
    return at if at >= 0 else text.find(other)


def sub_bullets(text: str) -> bool:
    """Whether each "*" is followed by a "-" before the next one; a text without "*" passes."""
    return all("-" in bullet for bullet in text.split("*")[1:])


def title_case(text: str) -> bool:
    """Whether no token of letters begins small; one in mixed case is let through."""
    for token in tokens(text):
        if not token[0].isalpha() or not token[0].islower():
            continue
        if len(token) == 1 or token[1:].isupper() or token[1:].islower():
            return False
    return True


def template(text: str) -> bool:
    """Whether the three labels of the template occur."""
    return all(part in text for part in _PARTS)


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "format:emoji": emoji_ends,
    "format:line_indent": stairs,
    "format:list": listed,
    "format:newline": word_a_line,
    "format:no_bullets_bullets": sentences_then_bullets,
    "format:no_whitespace": lambda text: not any(map(str.isspace, text)),
    "format:options": one_option,
    "format:output_template": template,
    "format:parentheses": nested_brackets,
    "format:quote_unquote": quotes_explained,
    "format:quotes": nested_quotes,
    "format:sub-bullets": sub_bullets,
    "format:thesis": thesis,
    "format:title_case": title_case,
}
