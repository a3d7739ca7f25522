"""IFBench's group `sentence`, and those of its group `words` that say where a word stands."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from itertools import pairwise

from harness_ifeval.ifeval import uses
from harness_ifeval.instruction import Check
from harness_ifeval.texts import bare, proper_tokens, sentences, trimmed


def keyword_in_sentence(text: str, *, word: str, N: int) -> bool:
    """Whether the N-th sentence uses a word."""
    said = sentences(text)
    return 1 <= N <= len(said) and uses(said[N - 1], word) > 0


def growing_sentences(text: str, *, small_n: int) -> bool:
    """Whether each sentence has exactly so many words more than the one before it."""
    counts = [len(bare(sentence).split()) for sentence in sentences(text)]
    return all(after == before + small_n for before, after in pairwise(counts))


def growing_alliteration(text: str) -> bool:
    """Whether each sentence has more words that share their first letter with a neighbour than the one before it."""
    runs = [alliteration(sentence) for sentence in sentences(text)]
    return all(before < after for before, after in pairwise(runs))


def alliteration(sentence: str) -> int:
    """Return the number of words in runs of one first letter.

    >>> alliteration("Big brown bears eat six seeds.")
    5
    """
    cleaned = (word.lstrip(string.punctuation) for word in sentence.lower().split())
    letters = [word[0] for word in cleaned if word]
    count, inside = 0, False
    for before, after in pairwise(letters):
        same = before == after
        count += 0 if not same else 1 if inside else 2
        inside = same
    return count


def word_at(text: str, *, keyword: str, n: int, m: int) -> bool:
    """Whether the m-th word of the n-th sentence is the keyword."""
    said = sentences(text)
    if not 1 <= n <= len(said):
        return False
    used = proper_tokens(said[n - 1])
    return 1 <= m <= len(used) and used[m - 1].lower() == keyword.strip().lower()


def second_and_second_last(text: str, *, keyword: str) -> bool:
    """Whether the second word and the last but one are the keyword."""
    used = [token.lower() for token in proper_tokens(text)]
    return len(used) > 1 and used[1] == used[-2] == keyword.strip().lower()


def chained(text: str) -> bool:
    """Whether each sentence begins with the last word of the one before it."""
    said = [trimmed(sentence).lower().split() for sentence in sentences(text)]
    return len(said) < 2 or (all(said) and linked(said))  # noqa: PLR2004  # one has no neighbour


def linked(said: Sequence[Sequence[str]]) -> bool:
    """Whether each list begins with the last item of the one before it."""
    return all(before[-1] == after[0] for before, after in pairwise(said))


def framed_paragraphs(text: str) -> bool:
    """Whether each line ends with the word it began with."""
    lines = (trimmed(line.strip().lower()).split() for line in text.split("\n"))
    return all(used[0] == used[-1] for used in lines if used)


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "sentence:keyword": keyword_in_sentence,
    "sentence:increment": growing_sentences,
    "sentence:alliteration_increment": growing_alliteration,
    "words:keywords_specific_position": word_at,
    "words:words_position": second_and_second_last,
    "words:last_first": chained,
    "words:paragraph_last_first": framed_paragraphs,
}
