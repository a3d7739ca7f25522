"""The number of syllables of an English word, from its spelling: exact for most words, and the same every time."""

from __future__ import annotations

import re
from functools import lru_cache

_GROUPS = re.compile(r"[aeiouy]+")
#: Endings after which the e before them is silent, as in "careful".
_SUFFIX = re.compile(r"(?<=[^aeiou]e)(?:ly|ful(?:ly)?|ments?|less|ness|d|s)$")
#: An e that is not spoken at the end of what is left, unless it is the only vowel or follows a consonant with l.
_SILENT = re.compile(r"[aeiouy][^aeiou]*e$")
_SPOKEN = re.compile(r"[^aeiouy]le$")
#: Spoken in "wanted", "wishes", "places".
_SPOKEN_SUFFIX = re.compile(r"[td]ed$|(?:[szxcg]|ch|sh)es$")
#: Vowels side by side in two syllables, as in "idea", "piano", "quiet", "fluent", "going".
_APART = re.compile(
    r"(?<![cstgx])i(?:a|o|en)(?!u?s?ly)|(?<=[cst])i(?:et|en(?:ce|ti))|iet|ious?(?<=[cstg]i)|(?:idea|area|crea|real|theat)|"
    r"eo(?=[mlnrg])|(?<![qg])u(?:a|en|ou|i(?=ng|t[iy]))|[aeou]i(?=ng$)|y(?=ing$)|ooper|oordi|ism|iu"
)
_TOGETHER = re.compile(r"people|(?<=[cst])ious|tial|cial|sion|tion|gion")


@lru_cache(maxsize=65_536)
def syllables(word: str) -> int:
    """Return the number of syllables; 0 where there is no letter.

    >>> [syllables(word) for word in ("cat", "table", "walked", "wanted", "nation", "creating", "idea", "careful", "1")]
    [1, 2, 1, 2, 2, 3, 3, 2, 0]
    """
    small = re.sub(r"[^a-z]", "", word.lower())
    if not small:
        return 0
    stem = small if _SPOKEN_SUFFIX.search(small) else _SUFFIX.sub("", small)
    rest = small[len(stem) :]
    count = len(_GROUPS.findall(stem)) + len(_GROUPS.findall(rest))
    if _SILENT.search(stem) and not _SPOKEN.search(stem):
        count -= 1
    return max(count + len(_APART.findall(_TOGETHER.sub("0", small))), 1)
