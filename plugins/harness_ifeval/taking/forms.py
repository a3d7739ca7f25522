"""Instructions on the form of an answer: lists, marks, case and frames, taken where the answer has them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness import Answered
from harness_ifeval.ifbench import formats, ratios
from harness_ifeval.instruction import Args
from harness_ifeval.taking.base import Offers, Taking, as_it_is, below, wordy
from harness_ifeval.texts import bare_words, sentences

_SECTIONS = ("Section", "SECTION", "Part", "PART", "Step", "STEP")
_HIGHLIGHT = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*\n]{1,400})(?<=\S)\1(?![\w*])")
_BULLET = re.compile(r"^[ \t]*[-*][ \t]+(\S.*)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\[[^\W\d_][^\[\]\n]{2,60}\]")
_SEPARATORS = ("-", "*", "\u2022")
_LONG_RUN = 12
_YES_NO = "yes/no/maybe"
_SEVERAL = 3


def highlights(text: str) -> int:
    """Return the number of emphasised pieces with a word, as a reader counts them: 2*3*4 has none.

    >>> highlights("*one* and **two words**, 2 * 3 * 4, 2*3*4")
    2
    """
    return sum(any(map(str.isalpha, found[2])) for found in _HIGHLIGHT.finditer(text))


def bullets(text: str) -> int:
    """Return the number of bullets with a word; a line of arithmetic is none."""
    return sum(wordy(found[1]) for found in _BULLET.finditer(text))


def placeholders(text: str) -> int:
    """Return the number of placeholders that name something; an interval or an index is none."""
    return len(_PLACEHOLDER.findall(text))


def sections(text: str, word: str) -> int:
    """Return how many lines begin with the word and the next number, from 1 on; 0 if there is a gap."""
    head = re.compile(rf"^[ \t*#_]*{re.escape(word)}\s?(\d{{1,4}})\b", re.MULTILINE)
    numbers = [int(found[1]) for found in head.finditer(text)]
    return len(numbers) if numbers == list(range(1, len(numbers) + 1)) else 0


def sectioned(text: str, _: Answered) -> Offers:
    """Return how many sections are headed by a word and a number."""
    found = {word: sections(text, word) for word in _SECTIONS}
    return [{"section_spliter": word, "num_sections": count} for word, count in found.items() if count > 1]


def bulleted(text: str, _: Answered) -> Offers:
    """Return the number of bullets."""
    return [{"num_bullets": count}] if (count := bullets(text)) > 1 else []


def highlighted(text: str, _: Answered) -> Offers:
    """Return a lower bound on the number of emphasised pieces."""
    return [{"num_highlights": max(1, below(count))}] if (count := highlights(text)) else []


def placeheld(text: str, _: Answered) -> Offers:
    """Return a lower bound on the number of placeholders."""
    return [{"num_placeholders": max(1, below(count))}] if (count := placeholders(text)) else []


def postscript(text: str, _: Answered) -> Offers:
    """Return the marker of the postscript."""
    return [{"postscript_marker": marker} for marker in ("P.P.S", "P.S.") if ends_with_postscript(text, marker)][:1]


def ends_with_postscript(text: str, marker: str) -> bool:
    """Whether a line begins with the marker."""
    return any(line.lstrip(" *_#").upper().startswith(marker) for line in text.split("\n"))


def itemised(text: str, _: Answered) -> Offers:
    """Return the mark that begins the items of a list."""
    return [{"sep": mark} for mark in _SEPARATORS if items(text, mark) > 1]


def items(text: str, mark: str) -> int:
    """Return the number of lines that begin with a mark and go on with a word."""
    lines = (line.strip() for line in text.split("\n"))
    return sum(line.startswith(mark + " ") and wordy(line.removeprefix(mark)) for line in lines)


def repeated_prompt(_text: str, answered: Answered) -> Offers:
    """Return the request, if the answer may begin with it."""
    request = answered.prompt.asked.content.strip()
    return [{"prompt_to_repeat": request}] if len(request.split()) > _SEVERAL else []


def is_structure(text: str, _: Args) -> bool:
    """Whether JSON is an object or a list; a bare number is JSON as well, and nobody would call it so."""
    inner = re.sub(r"\A```\w*", "", text.strip()).strip()
    return inner[:1] in {"{", "["}


def shown(text: str) -> list[str]:
    """Return the lines that are not blank."""
    return [line for line in text.split("\n") if line.strip()]


def has_sub_bullets(text: str, _: Args) -> bool:
    """Whether every line that begins with "*" is followed by one that begins with "-", before the next."""
    marks = "".join(line.lstrip()[0] for line in shown(text) if line.lstrip()[0] in "*-")
    return "*" in marks and re.fullmatch(r"(?:\*-+)+", marks) is not None


def quoted(text: str, _: Args) -> bool:
    """Whether something is quoted."""
    return text.count('"') > 1


FORMS: Mapping[str, Taking] = {
    "detectable_format:number_bullet_lists": Taking(
        measured=bulleted, evident=lambda text, args: bullets(text) == args["num_bullets"], tight=True, group="lists"
    ),
    "detectable_format:number_highlighted_sections": Taking(
        measured=highlighted, evident=lambda text, args: highlights(text) >= args["num_highlights"]
    ),
    "detectable_format:multiple_sections": Taking(
        measured=sectioned,
        evident=lambda text, args: sections(text, args["section_spliter"]) == args["num_sections"],
        tight=True,
    ),
    "detectable_content:number_placeholders": Taking(
        measured=placeheld, evident=lambda text, args: placeholders(text) >= args["num_placeholders"]
    ),
    "detectable_content:postscript": Taking(
        measured=postscript, evident=lambda text, args: ends_with_postscript(text, args["postscript_marker"])
    ),
    "detectable_format:constrained_response": Taking(measured=as_it_is, touches_answer=True),
    "detectable_format:json_format": Taking(measured=as_it_is, evident=is_structure, touches_answer=True),
    "detectable_format:title": Taking(measured=as_it_is),
    "combination:two_responses": Taking(measured=as_it_is, touches_answer=True),
    "combination:repeat_prompt": Taking(measured=repeated_prompt),
    "startend:quotation": Taking(measured=as_it_is, touches_answer=True),
    "change_case:english_capital": Taking(measured=as_it_is, group="case"),
    "change_case:english_lowercase": Taking(measured=as_it_is, group="case"),
    "punctuation:no_comma": Taking(measured=as_it_is, stratum="soft"),
    "count:punctuation": Taking(measured=as_it_is),
    "ratio:sentence_balance": Taking(measured=as_it_is, evident=lambda text, _: ratios.kinds(text)[0] > 0),
    "ratio:sentence_type": Taking(measured=as_it_is, evident=lambda text, _: ratios.kinds(text)[1] > 0),
    "ratio:sentence_words": Taking(measured=as_it_is, group="sentences"),
    "format:emoji": Taking(measured=as_it_is),
    "format:line_indent": Taking(measured=as_it_is, evident=lambda text, _: len(shown(text)) >= _SEVERAL),
    "format:list": Taking(measured=itemised, evident=lambda text, args: items(text, args["sep"]) > 1, group="lists"),
    "format:newline": Taking(measured=as_it_is, evident=lambda text, _: len(shown(text)) >= _SEVERAL),
    "format:no_bullets_bullets": Taking(measured=as_it_is, group="lists"),
    "format:no_whitespace": Taking(
        measured=as_it_is, evident=lambda text, _: len(text) >= _LONG_RUN, touches_answer=True
    ),
    "format:options": Taking(
        measured=lambda text, _: [{"options": _YES_NO}] if formats.one_option(text, options=_YES_NO) else [],
        touches_answer=True,
    ),
    "format:output_template": Taking(measured=as_it_is, touches_answer=True),
    "format:parentheses": Taking(measured=as_it_is),
    "format:quote_unquote": Taking(measured=as_it_is, evident=quoted),
    "format:quotes": Taking(measured=as_it_is, evident=quoted),
    "format:sub-bullets": Taking(measured=as_it_is, evident=has_sub_bullets, group="lists"),
    "format:thesis": Taking(measured=as_it_is),
    "format:title_case": Taking(
        measured=as_it_is,
        evident=lambda text, _: len(sentences(text)) > 0 and len(bare_words(text)) > _SEVERAL and not text.isupper(),
    ),
}
