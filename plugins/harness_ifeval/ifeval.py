"""The 25 instructions of IFEval (Zhou et al. 2023, arXiv 2311.07911), by the official semantics.

Their traps are kept, since they are the measure: a keyword is found inside a longer word, any line that starts with
"-" is a bullet, 2*3*4 has a highlight. A constraint taken from an answer asks more: see `taking`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from harness_ifeval.instruction import Check, compared
from harness_ifeval.language import language_of
from harness_ifeval.texts import sentences, tokens, words

OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_HIGHLIGHT = re.compile(r"\*[^\n*]*\*")
_BOLD = re.compile(r"\*\*[^\n*]*\*\*")
_POSTSCRIPTS = {"P.P.S": re.compile(r"p\.\s?p\.\s?s"), "P.S.": re.compile(r"p\.\s?s\.")}
_DIVIDER = re.compile(r"\s?\*\*\*\s?")
_FENCE = re.compile(r"\A```(?:json|Json|JSON)?")


def keywords_exist(text: str, *, keywords: Sequence[str]) -> bool:
    """Whether each keyword occurs somewhere, whatever its case and what stands around it."""
    small = text.lower()
    return all(keyword.lower() in small for keyword in keywords)


def keyword_frequency(text: str, *, keyword: str, frequency: int, relation: str) -> bool | None:
    """Whether a keyword occurs so often; inside other words as well."""
    return compared(text.lower().count(keyword.strip().lower()), relation, frequency)


def no_forbidden_words(text: str, *, forbidden_words: Sequence[str]) -> bool:
    """Whether none of the words occurs as a word of its own."""
    return not any(uses(text, word) for word in forbidden_words)


def uses(text: str, word: str) -> int:
    r"""Return how often a word occurs as a word of its own, whatever its case.

    >>> uses("A cat, a category: CAT.", "cat"), uses("f(x) = x", "f(x)")
    (2, 1)
    """
    return len(_whole(word).findall(text))


@lru_cache(maxsize=4096)
def _whole(word: str) -> re.Pattern[str]:
    """Return what finds a word of its own."""
    begin = r"\b" if word[:1].isalnum() else ""
    end = r"\b" if word[-1:].isalnum() else ""
    return re.compile(begin + re.escape(word) + end, re.IGNORECASE)


def letter_frequency(text: str, *, letter: str, let_frequency: int, let_relation: str) -> bool | None:
    """Whether a character occurs so often, whatever its case."""
    return compared(text.lower().count(letter.strip().lower()), let_relation, let_frequency)


def response_language(text: str, *, language: str) -> bool | None:
    """Whether the text is found to be in a language; None if it has no letters to tell it by."""
    return language_of(text) == language if any(map(str.isalpha, text)) else None


def number_sentences(text: str, *, num_sentences: int, relation: str) -> bool | None:
    """Whether there are so many sentences."""
    return compared(len(sentences(text)), relation, num_sentences)


def number_words(text: str, *, num_words: int, relation: str) -> bool | None:
    """Whether there are so many runs of word characters; the parts of a hyphenated word count each."""
    return compared(len(words(text)), relation, num_words)


def number_paragraphs(text: str, *, num_paragraphs: int) -> bool:
    """Whether "***" divides the text into so many paragraphs, none of them blank but a first or last."""
    parts = [part.strip() for part in _DIVIDER.split(text)]
    if not all(parts[1:-1]):
        return False
    return sum(map(bool, parts)) == num_paragraphs


def nth_paragraph_first_word(text: str, *, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    """Whether blank lines divide the text into so many paragraphs, the n-th of which starts with a word."""
    parts = text.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    if not 1 <= nth_paragraph <= count:
        return False
    return count == num_paragraphs and opening_word(parts[nth_paragraph - 1]) == first_word.lower()


def opening_word(paragraph: str) -> str:
    """Return the first word of a paragraph in small letters, cut at the first mark.

    >>> opening_word("'Well,' he said"), opening_word(" ")
    ('well', '')
    """
    first = (paragraph.split(None, 1) or [""])[0].lstrip("'").lstrip('"')
    return re.split(r"[.,?!'\"]", first, maxsplit=1)[0].lower()


def number_placeholders(text: str, *, num_placeholders: int) -> bool:
    """Whether there are at least so many pieces in square brackets, each on one line."""
    return placeholders(text) >= num_placeholders


def placeholders(text: str) -> int:
    """Return the number of pieces in square brackets.

    >>> placeholders("[a] [[b] c] [d")
    2
    """
    count = 0
    for line in text.split("\n"):
        begin = line.find("[")
        while begin >= 0:
            end = line.find("]", begin + 1)
            if end < 0:
                break
            count += 1
            begin = line.find("[", end + 1)
    return count


def postscript(text: str, *, postscript_marker: str) -> bool:
    """Whether the marker occurs, "P.S." and "P.P.S" with or without spaces."""
    marker = postscript_marker.strip()
    known = _POSTSCRIPTS.get(marker)
    return marker.lower() in text.lower() if known is None else known.search(text.lower()) is not None


def number_bullets(text: str, *, num_bullets: int) -> bool:
    """Whether exactly so many lines start with "-" or a single "*"."""
    return bullets(text) == num_bullets


def bullets(text: str) -> int:
    r"""Return the number of lines that start with "-" or with one "*" and something after it.

    >>> bullets("- a\n  * b\n** c\n---\n*")
    3
    """
    lines = [line.lstrip() for line in text.split("\n")]
    dashes = sum(line.startswith("-") for line in lines)
    stars, at = 0, 0
    while at < len(lines):
        line = lines[at]
        alone = line == "*" and at + 1 < len(lines)  # a star alone takes the next line with it
        stars += alone or (len(line) > 1 and line[0] == "*" != line[1])
        at += 2 if alone else 1
    return dashes + stars


def constrained_response(text: str) -> bool:
    """Whether one of the three published answers occurs."""
    return any(option in text for option in OPTIONS)


def number_highlights(text: str, *, num_highlights: int) -> bool:
    """Whether at least so many pieces stand between stars or pairs of stars; a product does as well."""
    return highlights(text) >= num_highlights


def highlights(text: str) -> int:
    """Return the number of pieces between stars that are not blank.

    >>> highlights("*one* and **two**, 2 * 3 * 4, **")
    3
    """
    single = sum(bool(piece.strip("*").strip()) for piece in _HIGHLIGHT.findall(text))
    return single + sum(bool(piece[2:-2].strip()) for piece in _BOLD.findall(text))


def multiple_sections(text: str, *, section_spliter: str, num_sections: int) -> bool:
    """Whether at least so many sections are headed by the word and a number."""
    return sections(text, section_spliter.strip()) >= num_sections


def sections(text: str, word: str) -> int:
    """Return how often the word stands before a number.

    >>> sections("SECTION 1 a SECTION2 b Section 3", "SECTION")
    2
    """
    return len(re.findall(re.escape(word) + r"\s?\d+", text))


def json_format(text: str) -> bool:
    """Whether the text is JSON, with or without a fence."""
    inner = _FENCE.sub("", text.strip()).removesuffix("```").strip()
    try:
        json.loads(inner)
    except (ValueError, RecursionError):
        return False
    return True


def title(text: str) -> bool:
    """Whether some line has a title in double angular brackets."""
    for line in text.split("\n"):
        begin, end = line.find("<<"), line.rfind(">>")
        if 0 <= begin < end - 2 and line[begin : end + 2].lstrip("<").rstrip(">").strip():
            return True
    return False


def repeat_prompt(text: str, *, prompt_to_repeat: str) -> bool:
    """Whether the text begins with the request, whatever its case."""
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())


def two_responses(text: str) -> bool:
    """Whether six stars part two different responses."""
    parts = [part.strip() for part in text.split("******")]
    given = [part for part in parts if part]
    return all(parts[1:-1]) and len(given) == 2 and given[0] != given[1]  # noqa: PLR2004  # two responses


def end_checker(text: str, *, end_phrase: str) -> bool:
    """Whether the text ends with the phrase, whatever its case; quotes after it do not matter, a full stop does."""
    return text.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def quotation(text: str) -> bool:
    """Whether the whole text stands in double quotes."""
    whole = text.strip()
    return len(whole) > 1 and whole[0] == whole[-1] == '"'


def english_capital(text: str) -> bool:
    """Whether every letter is a capital, and the text is found to be English."""
    return text.isupper() and language_of(text) == "en"


def english_lowercase(text: str) -> bool:
    """Whether no letter is a capital, and the text is found to be English."""
    return text.islower() and language_of(text) == "en"


def capital_words(text: str) -> int:
    """Return the number of tokens in capitals; "I" and "A" are such."""
    return sum(map(str.isupper, tokens(text)))


def capital_word_frequency(text: str, *, capital_frequency: int, capital_relation: str) -> bool | None:
    """Whether there are so many tokens in capitals."""
    return compared(capital_words(text), capital_relation, capital_frequency)


def no_comma(text: str) -> bool:
    """Whether there is no comma."""
    return "," not in text


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "keywords:existence": keywords_exist,
    "keywords:frequency": keyword_frequency,
    "keywords:forbidden_words": no_forbidden_words,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_words,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": number_bullets,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:number_highlighted_sections": number_highlights,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:json_format": json_format,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeat_prompt,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "punctuation:no_comma": no_comma,
}
