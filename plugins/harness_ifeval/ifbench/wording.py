"""IFBench's group `words`: what every word of a response must be like."""

from __future__ import annotations

import itertools
import re
import string
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from harness_ifeval.instruction import Check
from harness_ifeval.lexicon import is_verb
from harness_ifeval.syllables import syllables
from harness_ifeval.texts import bare, bare_words, tokens

_CLUSTER = re.compile("[bcdfghjklmnpqrstvwxyz]{2}")
_PRIMES = frozenset((2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97))
_LONG, _PALINDROMES, _VOWELS = 5, 10, 3


def alphabetical(text: str) -> bool:
    """Whether each word begins with the letter after that of the word before it, "a" after "z"."""
    letters = [word[0] for word in bare(text).lower().split()]
    if not letters or letters[0] not in string.ascii_lowercase:
        return False
    start = string.ascii_lowercase.index(letters[0])
    wanted = itertools.islice(itertools.cycle(string.ascii_lowercase), start, start + len(letters))
    return all(letter == want for letter, want in zip(letters, wanted, strict=True))


def clustered(text: str) -> bool:
    """Whether every word has two consonants side by side."""
    return all(_CLUSTER.search(word) for word in text.lower().split())


def few_vowels(text: str) -> bool:
    """Whether there is one line, with three kinds of vowels at the most."""
    line = text.strip().lower()
    return "\n" not in line and len(set(line) & set("aeiou")) <= _VOWELS


def no_shared_letter(text: str) -> bool:
    """Whether no word begins with the letter of the word before it."""
    used = bare_words(text)
    return all(before[0] != after[0] for before, after in pairwise(used))


def alternating_syllables(text: str) -> bool:
    """Whether words with an odd and an even number of syllables take turns."""
    odd = [syllables(word) % 2 for word in bare_words(text)]
    return all(before != after for before, after in pairwise(odd))


def palindromes(text: str) -> int:
    """Return the number of words of five letters or more that read the same backwards."""
    return sum(len(word) >= _LONG and word == word[::-1] for word in bare_words(text))


def prime_lengths(text: str) -> bool:
    """Whether every word has a prime number of characters, up to 97."""
    return all(len(word) in _PRIMES for word in bare(text).split())


def most_repeated(text: str) -> int:
    """Return how often the commonest word is used; 0 if there is none."""
    return max(Counter(bare_words(text)).values(), default=0)


def starts_with_verb(text: str) -> bool | None:
    """Whether the first token is a verb; None if it is in no list of ours."""
    found = tokens(text)
    return is_verb(found[0]) if found else False


#: Official verdict by id.
CHECKS: Mapping[str, Check] = {
    "words:alphabet": alphabetical,
    "words:consonants": clustered,
    "words:vowel": few_vowels,
    "words:no_consecutive": no_shared_letter,
    "words:odd_even_syllables": alternating_syllables,
    "words:palindrome": lambda text: palindromes(text) >= _PALINDROMES,
    "words:prime_lengths": prime_lengths,
    "words:repeats": lambda text, small_n: most_repeated(text) <= small_n,
    "words:start_verb": starts_with_verb,
}
