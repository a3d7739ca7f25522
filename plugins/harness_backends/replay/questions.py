"""Finds which recorded question a prompt asks, in a time that does not grow with the number of questions."""

from __future__ import annotations

from collections.abc import Iterable

from harness import RequestFailed

#: Characters of a question that are looked up first.
WIDTH = 32


class Questions:
    """The recorded questions."""

    def __init__(self, questions: Iterable[str]) -> None:
        known = set(questions)
        self._width = min((len(question) for question in known), default=1)
        self._width = min(self._width, WIDTH)
        self._begins: dict[str, list[str]] = {}
        for question in sorted(known, key=len, reverse=True):
            self._begins.setdefault(question[: self._width], []).append(question)

    def asked_in(self, text: str) -> str:
        """Return the one recorded question that a text contains; of two that overlap, the longer.

        Raises:
            RequestFailed: it contains none, or several.
        """
        found: dict[str, None] = {}
        text = plain(text)
        place = 0
        while place <= len(text) - self._width:
            fitting = (q for q in self._begins.get(text[place : place + self._width], ()) if text.startswith(q, place))
            question = next(fitting, None)
            if question is None:
                place += 1
            else:
                found[question] = None
                place += len(question)
        if len(found) == 1:
            return next(iter(found))
        if not found:
            raise RequestFailed(f"replay: no recorded question stands in the prompt {shown(text)}")
        raise RequestFailed(
            f"replay: {len(found)} recorded questions stand in the prompt {shown(text)}: which is asked?"
        )


def plain(text: str) -> str:
    r"""Return a text with every run of white space as one space: copies of a benchmark differ in it.

    >>> plain("If he eats 5,\xa0how  many?\n")
    'If he eats 5, how many?'
    """
    return " ".join(text.split())


def shown(text: str) -> str:
    """Return the beginning and end of a text, in quotes.

    >>> shown("a" * 200)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
    """
    return repr(text if len(text) <= 90 else f"{text[:40]}…{text[-40:]}")  # noqa: PLR2004  # what fits on a line
