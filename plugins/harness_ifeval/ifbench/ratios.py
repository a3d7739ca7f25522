"""IFBench's group `ratio`: kinds of sentences and of words in proportion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness_ifeval.instruction import Check
from harness_ifeval.lexicon import STOP_WORDS
from harness_ifeval.texts import bare_words, sentences, tokens, words

_MARGIN = 2
_THREE = 3


def kinds(text: str) -> tuple[int, int, int]:
    """Return the numbers of sentences that end with a full stop, a question mark and an exclamation mark.

    >>> kinds("One. Two? Three! Four.")
    (2, 1, 1)
    """
    ends = [sentence[-1] for sentence in sentences(text)]
    return ends.count("."), ends.count("?"), ends.count("!")


def two_to_one(text: str) -> bool:
    """Whether there are twice as many statements as questions; none of either passes."""
    statements, questions, _ = kinds(text)
    return statements == 2 * questions


def balanced(text: str) -> bool:
    """Whether there are as many statements as questions as exclamations; none of any passes."""
    return len(set(kinds(text))) == 1


def equal_sentences(text: str) -> bool:
    """Whether there are three sentences of one length in characters, no word used twice."""
    said = sentences(text)
    used = bare_words(" ".join(said))
    return len(said) == _THREE and len({len(one) for one in said}) == 1 and len(used) == len(set(used))


def stop_word_share(text: str) -> float | None:
    """Return the percentage of words that are stop words; None if there is no word."""
    used = words(text.lower())
    return 100 * sum(word in STOP_WORDS for word in used) / len(used) if used else None


def few_stop_words(text: str, *, percentage: float) -> bool:
    """Whether at most so many per cent of the words are stop words."""
    share = stop_word_share(text)
    return share is not None and share <= percentage


def overlap(text: str, *, reference_text: str, percentage: float) -> bool:
    """Whether so many per cent of the different trigrams, give or take two, are those of a reference."""
    mine, theirs = set(trigrams(tokens(text))), set(trigrams(tokens(reference_text)))
    return bool(mine) and abs(100 * len(mine & theirs) / len(mine) - percentage) <= _MARGIN


def trigrams(items: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield all runs of three."""
    return zip(items, items[1:], items[2:], strict=False)


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "ratio:overlap": overlap,
    "ratio:sentence_balance": balanced,
    "ratio:sentence_type": two_to_one,
    "ratio:sentence_words": equal_sentences,
    "ratio:stop_words": few_stop_words,
}
