"""From a prompt and its response to tokens: which are the constraint's, which the prompt's content, which neither.

Only what somebody wrote counts as content. The template's own text, role headers, special tokens and the first tokens,
on which attention rests when it has nothing to look for (sinks), are left out of every share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from harness import HarnessError
from harness.thinking import final_start
from harness_attention.prompts import Sent

#: Tokens at the beginning that are sinks whatever they say (Xiao et al. 2023, arXiv 2309.17453).
SINKS = 4
#: Words of the copies by which an echo is known; a shorter constraint is looked for as a whole.
ECHO = 4
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
#: Stands in for a message while its place in the rendered text is looked for.
STAND_IN = "\ue000\ue001\ue002"


class Unplaced(HarnessError):
    """A trial whose tokens cannot be told apart; it is left out, and counted by the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Tokens of a prompt and its response, and what each of them is."""

    tokens: tuple[int, ...]
    #: Position of the response's first token.
    start: int
    #: Positions of the tokens of the constraints, or of the placebo.
    span: tuple[int, ...]
    #: Positions of the content: all that messages say, the span included, without sinks.
    content: tuple[int, ...]
    #: As many tokens as the span has, in a row, of the content outside the added text: a span that asks for nothing.
    control: tuple[int, ...]
    #: By token of the response: its text, whether it stands in a copy of the span, whether it comes after thinking.
    words: tuple[str, ...]
    echo: tuple[bool, ...]
    final: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompted:
    """Tokens of a prompt, and what each of them is; the last three as positions, in order."""

    rendered: str
    tokens: tuple[int, ...]
    span: tuple[int, ...]
    content: tuple[int, ...]
    #: The content outside the added text.
    plain: tuple[int, ...]


def prompted(text: Any, sent: Sent) -> Prompted:
    """Return the tokens of a prompt.

    Raises:
        Unplaced: the span is not made of whole tokens, or the chat template changes what holds it.
    """
    rendered = text.rendered(sent.prompt)
    contents = contents_of(text, sent, rendered)
    prompt = text.placed(rendered)
    at, message = contents[sent.message][0], sent.prompt.messages[sent.message].content
    span: list[int] = []
    for one in sent.prompt.spans:
        part = covering(prompt.characters, at + one.start, at + one.end)
        check_span(text, [prompt.tokens[i] for i in part], message[one.start : one.end])
        span += part
    special = set(text.tokenizer.all_special_ids)
    content = {
        i
        for start, end in contents.values()
        for i in covering(prompt.characters, start, end)
        if i >= SINKS and prompt.tokens[i] not in special
    }
    span = sorted(set(span) & content)
    if not span:
        raise Unplaced("the span has no token of its own")
    added = covering(prompt.characters, at + sent.start, at + sent.end)
    return Prompted(
        rendered=rendered,
        tokens=tuple(prompt.tokens),
        span=tuple(span),
        content=tuple(sorted(content)),
        plain=tuple(sorted(content - set(added))),
    )


def placed(text: Any, sent: Sent, response: str, random: Random) -> Placed:
    """Return the tokens of a trial.

    Args:
        text: of the model, see `harness_backends`.
        sent: the prompt.
        response: the whole answer, thinking included.
        random: chooses the control span.

    Raises:
        Unplaced: the tokens do not give back the text, or the span is not made of whole tokens.
    """
    prompt = prompted(text, sent)
    answer = answer_tokens(text, prompt, response)
    message = sent.prompt.messages[sent.message].content
    return Placed(
        tokens=(*prompt.tokens, *answer.tokens),
        start=len(prompt.tokens),
        span=prompt.span,
        content=prompt.content,
        control=control_span(prompt.plain, len(prompt.span), random),
        words=tuple(words_of(answer.characters, response)),
        echo=echoes([message[one.start : one.end] for one in sent.prompt.spans], response, answer.characters),
        final=finals(answer.characters, response),
    )


def contents_of(text: Any, sent: Sent, rendered: str) -> dict[int, tuple[int, int]]:
    """Return the characters of each message in the rendered prompt, by its number.

    A template may cut white space off a message, and may say the same words itself: so each message is looked for by
    rendering the conversation with a stand-in for it.

    Raises:
        Unplaced: the template changes a message that text was added to; other such messages are left out.
    """
    prompt = sent.prompt
    found: dict[int, tuple[int, int]] = {}
    end = 0
    for number, message in enumerate(prompt.messages):
        body = message.content
        if prompt.chat:
            others = list(prompt.messages)
            others[number] = replace(message, content=STAND_IN)
            start = text.rendered(replace(prompt, messages=tuple(others))).find(STAND_IN)
            kept = body.strip() if not rendered.startswith(body, start) else body
            shift = body.find(kept) if kept else 0
            if start >= 0 and kept and rendered.startswith(kept, start):
                found[number] = (start - shift, start + len(kept))
        else:
            found[number] = (end, end + len(body))
            end += len(body)
    if sent.message not in found:
        raise Unplaced("the chat template changes the message that holds the constraint")
    return found


def answer_tokens(text: Any, prompt: Prompted, response: str) -> Any:
    """Return the tokens of the response as it goes on the prompt, with their characters counted from its beginning.

    Raises:
        Unplaced: there are none, or prompt and response together read otherwise.
    """
    whole = text.placed(prompt.rendered + response)
    count, before = len(prompt.tokens), len(prompt.rendered)
    if tuple(whole.tokens[:count]) == prompt.tokens:
        characters = [(start - before, end - before) for start, end in whole.characters[count:]]
        answer = type(whole)(tokens=whole.tokens[count:], characters=characters)
    else:
        answer = text.placed(response, bare=True)  # a token would stand in both
    if not answer.tokens:
        raise Unplaced("the answer is empty")
    if squeezed(decoded(text, answer.tokens)) != squeezed(response):
        raise Unplaced("the tokens of the answer do not give back its text")
    return answer


def covering(characters: Sequence[tuple[int, int]], start: int, end: int) -> list[int]:
    """Return the tokens that stand for any of the characters.

    >>> covering([(0, 0), (0, 3), (3, 7), (7, 8)], 4, 7)
    [2]
    """
    return [i for i, (first, last) in enumerate(characters) if first < end and last > start and last > first]


def check_span(text: Any, tokens: Sequence[int], said: str) -> None:
    """Assert that the tokens of a span say what it says, white space around it aside.

    Raises:
        Unplaced: they say something else: a token reaches beyond the span, or the tokenizer changes the text.
    """
    if decoded(text, tokens).strip() != said.strip():
        raise Unplaced("the span is not made of whole tokens")


def decoded(text: Any, tokens: Sequence[int]) -> str:
    """Return what tokens say, unembellished."""
    return str(text.tokenizer.decode(list(tokens), clean_up_tokenization_spaces=False))


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def words_of(characters: Sequence[tuple[int, int]], text: str) -> list[str]:
    """Return the text of each token, with what no token stands for before it; together they are the text.

    >>> words_of([(0, 2), (3, 5), (3, 5)], "so be")
    ['so', ' be', '']
    """
    words, done = [], 0
    for _, end in characters:
        words.append(text[done : max(done, end)])
        done = max(done, end)
    return words


def control_span(places: Sequence[int], size: int, random: Random) -> tuple[int, ...]:
    """Return so many places in a row, seeded; all of them where there are no more."""
    if len(places) <= size:
        return tuple(places)
    first = random.randrange(len(places) - size + 1)
    return tuple(places[first : first + size])


def echoes(said: Sequence[str], response: str, characters: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    """Return which tokens of a response stand in a copy of four or more words of a constraint in a row.

    Copying heads look at what they copy whatever it means, so that such tokens are left out.

    Args:
        said: the constraints.
        response: the answer.
        characters: of the answer that each token stands for.

    >>> echoes(["Use at most nine words."], "I use at most nine.", [(0, 1), (1, 5), (5, 13), (13, 18), (18, 19)])
    (False, True, True, True, False)
    """
    heard = [(found.group().casefold(), found.start(), found.end()) for found in WORD.finditer(response)]
    marked: list[tuple[int, int]] = []
    for one in said:
        words = [word.casefold() for word in WORD.findall(one)]
        size = min(ECHO, len(words))
        grams = {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
        runs = (heard[i : i + size] for i in range(len(heard) - size + 1))
        marked += [(run[0][1], run[-1][2]) for run in runs if tuple(word for word, _, _ in run) in grams]
    return tuple(any(start < last and end > first for first, last in marked) for start, end in characters)


def finals(characters: Iterable[tuple[int, int]], response: str) -> tuple[bool, ...]:
    """Return which tokens of a response come after its thinking; none where it never ended."""
    start = final_start(response)
    return tuple(start is not None and end > start for _, end in characters)
