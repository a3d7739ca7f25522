"""Nothing came back, or it never came to an end: classes 0 and 1."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence

from harness import Evidence
from harness.thinking import final_start
from harness_sustainscore.failures.case import LONGEST, WORD, Failure, Finding, vocabulary, words

GRAM = 4
#: Fewer words than this are too few to speak of a loop.
FEWEST_WORDS = 40
REPEATED = 0.5
#: Bytes from which a rate of compression means something, and the rate below which a text says one thing over and over.
FEWEST_BYTES, DENSEST = 400, 0.15
#: Characters of the end that are shown of an answer that was cut.
SHOWN = 60


def infrastructure(failure: Failure) -> Iterator[Finding]:
    """Yield a finding where there is no answer: the request failed, or it came back empty."""
    if failure.finish == "error":
        yield Finding(kind="infrastructure", detail=failure.note or "request failed")
    elif not failure.text.strip():
        yield Finding(kind="infrastructure", detail="empty answer")


def truncation(failure: Failure) -> Iterator[Finding]:
    """Yield what kept an answer from ending: the limit of tokens, thinking that was never closed, a loop."""
    size = len(failure.text)
    if failure.finish == "length":
        span = Evidence(start=max(0, size - SHOWN), end=size, label="cut here")
        yield Finding(kind="truncation", detail="limit of tokens", spans=(span,))
    if final_start(failure.text) is None:
        yield Finding(kind="truncation", detail="thinking never closed")
    start = loop_start(failure.text)
    if start is not None:
        yield Finding(kind="truncation", detail="loop", spans=(Evidence(start=start, end=size, label="loop"),))


def loop_start(text: str) -> int | None:
    """Return where a text begins to repeat itself; None unless most of it does.

    >>> loop_start("so it is " + "seven and then " * 30)
    24
    """
    short = len(text) <= LONGEST  # an endless one is not remembered
    names = words(text) if short else words.__wrapped__(text)
    if len(names) >= FEWEST_WORDS and repeats(names, vocabulary(text) if short else frozenset(names)):
        return first_repeat(text)
    data = text.encode("utf-8", "replace")
    if len(data) >= FEWEST_BYTES and len(zlib.compress(data)) < DENSEST * len(data):
        return 0
    return None


def repeats(names: Sequence[str], different: Collection[str]) -> bool:
    """Whether most runs of words were there before. Every word but the last few begins a run: many words, many runs."""
    count = len(names) - GRAM + 1
    if 1 - (len(different) - GRAM + 1) / count <= REPEATED:
        return False
    return 1 - len(set(grams_of(names))) / count > REPEATED


def grams_of(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Return the runs of words, each as long as a gram."""
    return zip(*(names[at:] for at in range(GRAM)), strict=False)


def first_repeat(text: str) -> int:
    """Return where the first run of words stands that was there before; 0 if none was."""
    places = list(WORD.finditer(text))
    seen: set[tuple[str, ...]] = set()
    for place, gram in zip(places, grams_of([place[0].lower() for place in places]), strict=False):
        if gram in seen:
            return place.start()
        seen.add(gram)
    return 0
