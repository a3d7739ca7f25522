"""What a prompt asks for already: a constraint that it says or entails would only repeat it.

Decided by rules alone: the same words; the same form ("step by step", "in one code block"); a number of words, lines or
sentences at least as narrow; a text or a program in the prompt that has what the constraint wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness import Doc, Prompt
from harness_sustainscore.bounds import Bound, bounds_of
from harness_sustainscore.clues import words_of

#: Share of the telling words of a constraint that one sentence of the prompt must hold to say it (method 5, gate 5).
CONTAINED = 0.8
#: A text of a row that is shorter is a label, and stands in any prompt by accident.
SHORTEST_TEXT = 12
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")
_EMPTY_WORDS = frozenset({
    "all", "and", "answer", "are", "as", "at", "be", "by", "do", "does", "each", "every", "for", "has", "have", "in",
    "is", "it", "its", "let", "of", "on", "or", "please", "response", "should", "that", "to", "use", "with", "write",
    "you", "your",
})  # fmt: skip

#: Forms by their names, each as a prompt and a constraint would mention it.
TOPICS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "steps": r"\bstep[- ]by[- ]step\b|\bsteps\b|\bshow (?:your|all|the) (?:work|working|reasoning)\b",
        "reasoning": r"\breason(?:ing|s)?\b|\bexplain\b|\bexplanations?\b|\bthink (?:it )?through\b",
        "list": r"\bbullet|\b(?:numbered|ordered|bulleted) (?:list|steps|points)\b|\bas a list\b",
        "code block": r"\bcode (?:block|fence)s?\b|\bfenced\b|```",
        "nothing else": r"\bnothing (?:else|but)\b|\bonly (?:the )?(?:code|program|function|answer|number)\b"
        r"|\bno (?:explanation|prose|other text|text outside)\b|\bwithout (?:any )?(?:explanation|prose|commentary)\b",
        "table": r"\btables?\b",
        "heading": r"\bheadings?\b|\bsection titles?\b",
        "emphasis": r"\bbold\b|\bitalics?\b",
        "markdown": r"\bmarkdown\b",
        "data format": r"\bJSON\b|\bXML\b|\bYAML\b|\bHTML\b",
        "LaTeX": r"\bLaTeX\b|\\boxed|\bboxed\b|\bdollar signs?\b",
        "fraction": r"\bfractions?\b|\bsimplest form\b|\blowest terms\b",
        "decimal": r"\bdecimals?(?: places?)?\b|\brounded?\b|\bnearest (?:tenth|hundredth|integer|whole)\b",
        "integer": r"\bintegers?\b|\bwhole numbers?\b",
        "unit": r"\bunits?\b",
        "language": r"\bin English\b|\bEnglish only\b",
        "docstring": r"\bdocstrings?\b",
        "annotation": r"\btype (?:hints?|annotations?)\b|\bannotat",
        "signature": r"\bsignature\b",
        "comment": r"\bcomments?\b",
        "import": r"\bimports?\b",
        "test": r"\btests?\b|\bassert",
        "quotation": r"\bquot(?:e|es|ation|ing)\b|\bcit(?:e|es|ation|ing)\b",
    }.items()
}


#: Forms of a program that an answer takes over from the one it is asked to complete.
SHOWN: Mapping[str, re.Pattern[str]] = {
    "annotation": re.compile(r"^\s*def \w+\([^)]*:[^)]*\)|^\s*def \w+\(.*\) *->", re.MULTILINE),
    "docstring": re.compile(r"^\s*def .*:\s*\n\s*[rR]?(?:\"\"\"|\'\'\')", re.MULTILINE),
}
_NEGATION = re.compile(r"\b(?:no|not|without|avoid|never|none)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)  # no slots: cached_property needs a dictionary
class Asked:
    """What a prompt says: its own instruction, and all its text."""

    #: System message, task description and cue, without the texts of the document.
    instruction: str
    #: The texts of the document's question.
    question: str
    #: All that is shown.
    text: str

    @cached_property
    def flat(self) -> str:
        """All that is shown, as words."""
        return f" {' '.join(words_of(self.text))} "

    @cached_property
    def sentences(self) -> list[frozenset[str]]:
        """The words of each sentence of the instruction."""
        return [frozenset(map(stem, words_of(one))) for one in _SENTENCE_END.split(self.instruction)]

    @cached_property
    def topics(self) -> frozenset[str]:
        """The forms that the instruction mentions."""
        return topics_of(self.instruction)

    @cached_property
    def shown(self) -> frozenset[str]:
        """The forms that a program in the question has."""
        return frozenset(name for name, pattern in SHOWN.items() if pattern.search(self.question))

    @cached_property
    def bounds(self) -> frozenset[Bound]:
        """The numbers of units that the instruction asks for."""
        return bounds_of(self.instruction)

    def says(self, text: str) -> str:
        """Return how the prompt says a requirement already; empty if it does not."""
        words = words_of(text)
        if f" {' '.join(words)} " in self.flat:
            return "in the same words"
        telling = {stem(word) for word in words if word not in _EMPTY_WORDS}
        if len(telling) > 1 and any(len(telling & sentence) >= CONTAINED * len(telling) for sentence in self.sentences):
            return "in nearly the same words"
        topics = topics_of(text)
        if shared := self.topics & topics:
            return f"asks for the form: {min(shared)}"
        if (shared := self.shown & topics) and not _NEGATION.search(text):
            return f"shows the form: {min(shared)}"
        wanted = bounds_of(text) if self.bounds else ()
        if any(mine.entails(other) for mine in self.bounds for other in wanted):
            return "asks for as much or less"
        return ""


def asked_by(doc: Doc, prompt: Prompt) -> Asked:
    """Return what the prompt of a document says."""
    message = prompt.asked.content
    own = [one.content for one in prompt.messages if one.role == "system"]
    description = message[: prompt.start].split("\n\n", 1)[0].strip()
    body = message[prompt.start :]
    if description.split(maxsplit=1)[:1] != body.split(maxsplit=1)[:1]:  # otherwise it is the first example
        own.append(description)
    for text in sorted((text for text in texts_in(doc.fields) if len(text) >= SHORTEST_TEXT), key=len, reverse=True):
        body = body.replace(text, "\n")
    own += [body, prompt.prefix]
    return Asked(
        instruction="\n".join(part for part in own if part.strip()),
        question="\n".join(doc.question),
        text="\n".join(one.content for one in prompt.messages),
    )


def texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts in a row, however it is nested, without the space around them."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Mapping) and depth < 4:  # noqa: PLR2004  # no row is deeper
        for item in value.values():
            yield from texts_in(item, depth + 1)
    elif isinstance(value, list | tuple) and depth < 4:  # noqa: PLR2004  # likewise
        for item in value:
            yield from texts_in(item, depth + 1)


def topics_of(text: str) -> frozenset[str]:
    """Return the forms that a text mentions.

    >>> sorted(topics_of("Reason step by step. End with the program in one Python code block."))
    ['code block', 'reasoning', 'steps']
    """
    return frozenset(name for name, pattern in TOPICS.items() if pattern.search(text))


def stem(word: str) -> str:
    """Return a word without the ending of a plural.

    >>> stem("tables"), stem("class")
    ('table', 'class')
    """
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word  # noqa: PLR2004  # "is"
