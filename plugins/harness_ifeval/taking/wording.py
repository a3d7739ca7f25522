"""Instructions on words: which ones stand in an answer and where, and what all of them are like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from harness import Answered
from harness_constraints.picks import avoidable_word
from harness_constraints.reading import reading_of
from harness_ifeval.ifbench import counts
from harness_ifeval.ifeval import uses
from harness_ifeval.instruction import Args
from harness_ifeval.language import LANGUAGES, language_of
from harness_ifeval.taking.base import Offers, Taking, as_it_is, below, drawn, plain_words
from harness_ifeval.texts import bare_words, proper_tokens, sentences

#: Ends that say nothing of the solution.
CLOSINGS = (
    "Is there anything else I can help with?",
    "Any other questions?",
    "I hope this helps!",
    "I hope this helps.",
    "Hope this helps!",
    "Let me know if you have any questions.",
    "Let me know if you have any questions!",
    "Let me know if you have any other questions.",
    "Let me know if you need further clarification.",
)
#: A rule that every word keeps shows something of so many words.
_SEVERAL = 5


def keywords(_text: str, answered: Answered) -> Offers:
    """Return one and two content words of the answer."""
    found = drawn(plain_words(answered), answered)
    return [{"keywords": [word]} for word in found] + ([{"keywords": sorted(found[:2])}] if len(found) > 1 else [])


def repeated_keyword(text: str, answered: Answered) -> Offers:
    """Return content words that the answer uses several times."""
    times = {word: uses(text, word) for word in drawn(plain_words(answered), answered, most=16)}
    return [
        {"keyword": word, "frequency": max(2, below(count)), "relation": "at least"}
        for word, count in times.items()
        if count > 1
    ]


def avoided(text: str, answered: Answered) -> Offers:
    """Return common words that the answer does without."""
    used = set(bare_words(text))
    found = [word for word in avoidable_word(reading_of(answered.response.text), answered) if word not in used]
    chosen = drawn(found, answered)
    return [{"forbidden_words": [word]} for word in chosen] + (
        [{"forbidden_words": sorted(chosen[:2])}] if len(chosen) > 1 else []
    )


def five_keywords(text: str, answered: Answered) -> Offers:
    """Return five content words that occur once, twice, three, five and seven times."""
    used, plain = Counter(bare_words(text)), plain_words(answered)
    found: list[str] = []
    for times in counts.TIMES:
        words = drawn((word for word in plain if used[word] == times), answered)
        found += next(([word] for word in words if uses(text, word) == times), [])
    if len(found) < len(counts.TIMES):
        return []
    return [{f"keyword{number}": word for number, word in enumerate(found, start=1)}]


def keyword_places(_text: str, answered: Answered, said: Sequence[str]) -> list[tuple[str, int]]:
    """Return content words with the number of a sentence that uses them."""
    return [
        (word, number)
        for word in drawn(plain_words(answered), answered)
        for number, sentence in enumerate(said, start=1)
        if uses(sentence, word)
    ]


def keyword_in_sentence(text: str, answered: Answered) -> Offers:
    """Return content words with the number of their sentence."""
    places = keyword_places(text, answered, sentences(text))
    return [{"word": word, "N": number} for word, number in places]


def keyword_at(text: str, answered: Answered) -> Offers:
    """Return content words with the number of their sentence and their place in it."""
    said = sentences(text)
    found: list[Args] = []
    for word, number in keyword_places(text, answered, said):
        tokens = [token.lower() for token in proper_tokens(said[number - 1])]
        if word in tokens:
            found.append({"keyword": word, "n": number, "m": tokens.index(word) + 1})
    return found


def framed(text: str, answered: Answered) -> Offers:
    """Return the second word, if it is the last but one as well."""
    used = [token.lower() for token in proper_tokens(text)]
    same = len(used) > _SEVERAL and used[1] == used[-2]
    return [{"keyword": used[1]}] if same and used[1] in plain_words(answered) else []


def language(text: str, _: Answered) -> Offers:
    """Return the language of the answer, if it is one of the published ones."""
    found = language_of(text)
    return [{"language": found}] if found in LANGUAGES else []


def closing(text: str, _: Answered) -> Offers:
    """Return the phrase at the end, if it is one that any answer could end with."""
    return [{"end_phrase": phrase} for phrase in CLOSINGS if text.strip().endswith(phrase)][:1]


def several_words(text: str, _: Args) -> bool:
    """Whether there are several words."""
    return len(bare_words(text)) >= _SEVERAL


def several_sentences(text: str, _: Args) -> bool:
    """Whether there are two sentences or more."""
    return len(sentences(text)) > 1


def spelled(text: str, _: Args) -> bool:
    """Whether there are several words of letters."""
    return len(re.findall(r"[^\W\d_]{2,}", text)) >= _SEVERAL


def several_lines(text: str, _: Args) -> bool:
    """Whether two paragraphs or more have two words or more."""
    return sum(len(line.split()) > 1 for line in text.split("\n")) > 1


WORDING: Mapping[str, Taking] = {
    "keywords:existence": Taking(
        measured=keywords,
        evident=lambda text, args: all(uses(text, word) for word in args["keywords"]),
        group="keyword",
    ),
    "keywords:frequency": Taking(
        measured=repeated_keyword,
        evident=lambda text, args: uses(text, args["keyword"]) >= args["frequency"],
        group="keyword",
    ),
    "keywords:forbidden_words": Taking(measured=avoided, group="keyword_avoid", stratum="soft"),
    "count:keywords_multiple": Taking(measured=five_keywords, tight=True, group="keyword"),
    "sentence:keyword": Taking(measured=keyword_in_sentence, tight=True, group="keyword"),
    "words:keywords_specific_position": Taking(measured=keyword_at, tight=True, group="keyword"),
    "words:words_position": Taking(measured=framed, tight=True, group="keyword"),
    "language:response_language": Taking(measured=language, group="language", stratum="strict"),
    "startend:end_checker": Taking(measured=closing),
    "words:alphabet": Taking(measured=as_it_is, evident=several_words),
    "words:consonants": Taking(measured=as_it_is, evident=several_words),
    "words:vowel": Taking(measured=as_it_is, evident=spelled),
    "words:no_consecutive": Taking(measured=as_it_is, evident=several_words),
    "words:odd_even_syllables": Taking(measured=as_it_is, evident=spelled),
    "words:palindrome": Taking(measured=as_it_is),
    "words:prime_lengths": Taking(measured=as_it_is, evident=several_words),
    "words:start_verb": Taking(measured=as_it_is, evident=lambda text, _: len(text.split()) > 1, stratum="soft"),
    "words:last_first": Taking(measured=as_it_is, evident=several_sentences),
    "words:paragraph_last_first": Taking(measured=as_it_is, evident=several_lines),
}
