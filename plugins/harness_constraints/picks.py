"""Where the items of a constraint come from: words of the answer that say nothing of the solution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from harness import Answered
from harness_constraints import lexicon
from harness_constraints.measurements.code import calls, variables
from harness_constraints.measurements.edges import first_word
from harness_constraints.measurements.form import heading_labels
from harness_constraints.normal import normalised
from harness_constraints.reading import Reading
from harness_constraints.words import vocabulary, words

Pick = Callable[[Reading, Answered], Sequence[str]]

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_SHORTEST = 4
_LONGEST = 14
#: A field that is shorter is a label or a number, and stands in any prompt by accident.
_SHORTEST_FIELD = 12
_COMMON = lexicon.STOP | lexicon.NUMBER_WORDS


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts in a row, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth < 4:  # noqa: PLR2004  # no row is deeper
        for item in value.values():
            yield from _texts(item, depth + 1)
    elif isinstance(value, list | tuple) and depth < 4:  # noqa: PLR2004  # likewise
        for item in value:
            yield from _texts(item, depth + 1)


def asked_words(answered: Answered) -> frozenset[str]:
    """Return the words that the prompt shows of this document, in lower case.

    The fields of the row that stand in the prompt as they are; if none does, all of the prompt. So the
    examples of a few-shot prompt forbid nothing.
    """
    prompt = "\n".join([message.content for message in answered.prompt.messages])
    shown = [text for text in _texts(answered.doc.fields) if len(text) >= _SHORTEST_FIELD and text.strip() in prompt]
    return _vocabulary_of("\n".join(shown) or prompt)


def asked_in(reading: Reading, answered: Answered) -> frozenset[str]:
    """Return `asked_words`, found once for an answer to a document."""
    kept = reading.get(asked_in)
    if kept is None or kept[0] is not answered:
        kept = reading[asked_in] = (answered, asked_words(answered))
    words_asked: frozenset[str] = kept[1]
    return words_asked


def gold_words(answered: Answered) -> frozenset[str]:
    """Return the words of the right answers, in lower case."""
    return _vocabulary_of("\n".join(answered.doc.golds))


@lru_cache(maxsize=512)
def _vocabulary_of(text: str) -> frozenset[str]:
    return frozenset(vocabulary(words(normalised(text))))


def content_word(reading: Reading, answered: Answered) -> Sequence[str]:
    """Return content words: no function word, number or name, and in neither the question nor a right answer."""
    plain: frozenset[str] = reading[plain_words]
    found = sorted(plain - asked_in(reading, answered))
    golds = [gold for gold in gold_words(answered) if not gold.isnumeric()]
    if not golds:
        return found
    return [
        word for word in found if not any(word in gold or (len(gold) >= _SHORTEST and gold in word) for gold in golds)
    ]


def plain_words(reading: Reading) -> frozenset[str]:
    """Return the words always in small letters that are neither function words nor numbers."""
    small: set[str] = set()
    others: set[str] = set()
    for word in reading.distinct - _COMMON:
        if not word.islower():
            others.add(word.casefold())
        elif _SHORTEST <= len(word) <= _LONGEST and word.isalpha() and word.isascii():
            small.add(word)
    return frozenset(small - others)


def avoidable_word(reading: Reading, answered: Answered) -> Sequence[str]:
    """Return the words of a fixed list that the question does not use."""
    asked = asked_in(reading, answered)
    return [word for word in lexicon.AVOIDABLE if word not in asked]


def connective(reading: Reading, _: Answered) -> Sequence[str]:
    """Return the connectives that the answer uses."""
    return sorted(lexicon.CONNECTIVES & reading.used)


def plain_heading(reading: Reading, _: Answered) -> Sequence[str]:
    """Return the headings that any solution could have, in order."""
    labels: tuple[str, ...] = reading[heading_labels]
    return [label for label in dict.fromkeys(labels) if label in lexicon.PLAIN_HEADINGS]


def opener(reading: Reading, _: Answered) -> Sequence[str]:
    """Return the first word, if it says nothing of the solution."""
    first: str | None = reading[first_word]
    return [first] if first in lexicon.OPENERS else []


def full_stop(_: Reading, __: Answered) -> Sequence[str]:
    """Return the full stop."""
    return (".",)


def called_builtin(reading: Reading, _: Answered) -> Sequence[str]:
    """Return the built-in functions that the program calls, `print` and `input` left out."""
    return sorted(set(calls(reading.program)) - {"print", "input"}) if reading.program else []


def variable(reading: Reading, answered: Answered) -> Sequence[str]:
    """Return the variables that the program assigns and the prompt does not name, `_` left out."""
    if reading.program is None:
        return []
    shown = set(_IDENTIFIER.findall(answered.prompt.text))
    return sorted(name for name in variables(reading.program) if name.strip("_") and name not in shown)


#: By the name that YAML uses.
PICKS: Mapping[str, Pick] = {
    "content_word": content_word,
    "avoidable_word": avoidable_word,
    "connective": connective,
    "plain_heading": plain_heading,
    "opener": opener,
    "full_stop": full_stop,
    "called_builtin": called_builtin,
    "variable": variable,
}
