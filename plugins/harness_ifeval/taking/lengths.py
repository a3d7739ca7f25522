"""Instructions on counts: words, sentences, paragraphs, numbers, names; with slack where the wording leaves room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from harness import Answered
from harness_constraints.lexicon import OPENERS
from harness_ifeval import ifeval
from harness_ifeval.ifbench import counts, positions, ratios
from harness_ifeval.ifbench.wording import most_repeated
from harness_ifeval.lexicon import CONJUNCTIONS
from harness_ifeval.taking.base import Offers, Taking, above, below, drawn, within
from harness_ifeval.texts import bare, bare_words, sentences, trimmed, words

#: Texts with fewer words say little by their length.
_FEWEST_WORDS = 20
_JAPANESE_CYCLES = range(2, 31)


def word_bounds(text: str, _: Answered) -> Offers:
    """Return bounds on the number of words."""
    return within(len(words(text)), _FEWEST_WORDS, "num_words", "relation")


def word_range(text: str, _: Answered) -> Offers:
    """Return a range around the number of words."""
    count = len(words(text))
    return [{"min_words": below(count), "max_words": above(count)}] if count >= _FEWEST_WORDS else []


def sentence_bounds(text: str, _: Answered) -> Offers:
    """Return bounds on the number of sentences."""
    return within(len(sentences(text)), 3, "num_sentences", "relation")


def divided(text: str, _: Answered) -> Offers:
    """Return the number of paragraphs that "***" divides."""
    parts = text.split("***")
    return [{"num_paragraphs": sum(bool(part.strip()) for part in parts)}] if len(parts) > 1 else []


def opened_paragraphs(text: str, answered: Answered) -> Offers:
    """Return the number of paragraphs with a first word that says nothing of the solution."""
    parts = text.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    openers = {number: ifeval.opening_word(part) for number, part in enumerate(parts, start=1)}
    found = [str(number) for number, word in openers.items() if word in OPENERS]
    return [
        {"num_paragraphs": count, "nth_paragraph": int(number), "first_word": openers[int(number)]}
        for number in drawn(found if count > 1 else (), answered)
    ]


def letter_bounds(text: str, answered: Answered) -> Offers:
    """Return bounds on how often some letters occur."""
    small = text.lower()
    return [
        {"letter": letter, **bound}
        for letter in drawn("bcdfghjklmpqvwxyz", answered)
        for bound in within(small.count(letter), 5, "let_frequency", "let_relation")
    ]


def capital_bounds(text: str, _: Answered) -> Offers:
    """Return bounds on the number of words in capitals; only the upper one where there are few."""
    count = ifeval.capital_words(text)
    return within(count, 0, "capital_frequency", "capital_relation")[: 2 if count > 2 else 1]  # noqa: PLR2004


def at_least(count: int, least: int, name: str) -> Offers:
    """Return a lower bound with slack on a count; none below `least`."""
    return [{name: below(count)}] if count >= least else []


def conjunctions(text: str) -> int:
    """Return the number of different coordinating conjunctions, as a reader counts them."""
    return len({trimmed(word).lower() for word in text.split()} & CONJUNCTIONS)


def repeats(text: str, _: Answered) -> Offers:
    """Return how often the commonest word is used, with slack."""
    return [{"small_n": above(most_repeated(text))}] if len(bare_words(text)) >= _FEWEST_WORDS else []


def stop_words(text: str, _: Answered) -> Offers:
    """Return a bound on the share of stop words; none where only all of them would be a bound."""
    share = ratios.stop_word_share(text)
    if share is None or len(words(text)) < _FEWEST_WORDS:
        return []
    bound = (int(share * 1.1) // 5 + 1) * 5
    return [{"percentage": bound}] if bound < 100 else []  # noqa: PLR2004  # any text has 100 %


def growth(text: str, _: Answered) -> Offers:
    """Return by how many words each sentence is longer than the one before it."""
    sizes = [len(bare(sentence).split()) for sentence in sentences(text)]
    steps = {after - before for before, after in pairwise(sizes)}
    return [{"small_n": steps.pop()}] if len(sizes) > 2 and len(steps) == 1 else []  # noqa: PLR2004  # three show it


def japanese(text: str, _: Answered) -> Offers:
    """Return every how many words one is Japanese."""
    if re.search("[\u3040-\u30ff]", text) is None:
        return []
    count = len(text.split())
    found = (n for n in _JAPANESE_CYCLES if 2 * n <= count and counts.words_japanese(text, N=n))
    return [{"N": n} for n in found][:1]


def growing(text: str, _: Answered) -> Offers:
    """Return no arguments, where the first of several sentences has alliteration."""
    said = sentences(text)
    return [{}] if len(said) > 1 and positions.alliteration(said[0]) > 0 else []


LENGTHS: Mapping[str, Taking] = {
    "length_constraints:number_words": Taking(measured=word_bounds, group="word_count"),
    "count:word_count_range": Taking(measured=word_range, group="word_count"),
    "length_constraints:number_sentences": Taking(measured=sentence_bounds, group="sentences"),
    "length_constraints:number_paragraphs": Taking(measured=divided, tight=True, group="paragraphs"),
    "length_constraints:nth_paragraph_first_word": Taking(measured=opened_paragraphs, tight=True, group="paragraphs"),
    "keywords:letter_frequency": Taking(measured=letter_bounds),
    "change_case:capital_word_frequency": Taking(measured=capital_bounds, group="case"),
    "count:unique_word_count": Taking(
        measured=lambda text, _: at_least(counts.unique_words(text), _FEWEST_WORDS, "N"),
        group="word_count",
        stratum="soft",
    ),
    "count:conjunctions": Taking(
        measured=lambda text, _: at_least(conjunctions(text), 2, "small_n"),
        evident=lambda text, args: conjunctions(text) >= args["small_n"],
        stratum="soft",
    ),
    "count:person_names": Taking(measured=lambda text, _: at_least(counts.person_names(text), 2, "N"), hint=1),
    "count:numbers": Taking(measured=lambda text, _: [{"N": n}] if (n := counts.numbers(text)) else [], tight=True),
    "count:pronouns": Taking(measured=lambda text, _: at_least(counts.pronouns(text), 4, "N")),
    "count:words_japanese": Taking(measured=japanese),
    "ratio:stop_words": Taking(measured=stop_words, stratum="soft"),
    "words:repeats": Taking(measured=repeats),
    "sentence:increment": Taking(
        measured=growth, evident=lambda text, _: len(sentences(text)) > 1, tight=True, group="sentences"
    ),
    "sentence:alliteration_increment": Taking(
        measured=growing, evident=lambda text, _: len(sentences(text)) > 1, group="sentences"
    ),
}
