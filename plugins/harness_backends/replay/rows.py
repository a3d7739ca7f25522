"""What one recorded row holds: which prompts, which answers. A pure function, so that a row can be read again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness import Json, Kind, Prompt
from harness_backends.replay.options import ReplayOptions

ANSWERS = ("text", "response", "responses", "completions", "completion", "samples")


class Unreadable(Exception):
    """A row that is no recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One recorded answer to one request."""

    kind: Kind
    #: What it is found by: a prompt or a question.
    asked: str
    continuation: str = ""
    #: The draw it belongs to, where the row says so: a name, or a number of the arm.
    draw: str | int | None = None
    text: str = ""
    finish: Literal["stop", "length"] = "stop"
    logprob: float | None = None
    greedy: bool | None = None


def entries(row: Json, options: ReplayOptions, question: str | None) -> list[Entry]:
    """Return the recorded answers of a row, in order.

    Args:
        row: as it was read.
        options: which fields to read.
        question: what the row is found by; None: by its prompts.

    Raises:
        Unreadable: it has no prompt or no answer.
    """
    if not isinstance(row, dict):
        raise Unreadable("the row is no object")
    if isinstance(row.get("arguments"), dict) and "resps" in row and not options.response_field:
        return list(logged(row, question))
    return list(plain(row, options, question))


def plain(row: Mapping[str, Any], options: ReplayOptions, question: str | None) -> Iterator[Entry]:
    """Yield the answers of a row of ours, or of a foreign one by the names of its fields."""
    if question is None:
        prompt = at(row, options.prompt_field) if options.prompt_field else row.get("prompt", row.get("messages"))
        if prompt is None:
            raise Unreadable(f"no prompt among the fields {', '.join(row)}: set prompt_field, or by=question")
        question = prompt_key(prompt)
    if "logprob" in row:
        kind: Kind = "loglikelihood" if "continuation" in row else "rolling"
        greedy = row.get("greedy")
        yield Entry(
            kind=kind,
            asked=question,
            continuation=row.get("continuation", ""),
            logprob=float(row["logprob"]),
            greedy=greedy,
        )
        return
    names = (options.response_field,) if options.response_field else ANSWERS
    found = [value for name in names if (value := at(row, name)) is not None]
    if not found and not any(name in row for name in names):
        raise Unreadable(f"no answer among the fields {', '.join(row)}: set response_field")
    draw = row.get("draw")
    for text in texts(found[0] if found else None):
        finish: Literal["stop", "length"] = "length" if row.get("finish") == "length" else "stop"
        yield Entry(kind="generate", asked=question, draw=draw, text=text, finish=finish)


def logged(row: Mapping[str, Any], question: str | None) -> Iterator[Entry]:
    """Yield the answers of one row of lm-eval's sample log, whose values are text whatever they were."""
    arguments = [row["arguments"][f"gen_args_{number}"] for number in range(len(row["arguments"]))]
    for argument, answers in zip(arguments, row["resps"], strict=True):
        asked = prompt_key(argument["arg_0"]) if question is None else question
        second = argument.get("arg_1")
        for value in answers:
            if isinstance(second, dict):
                yield Entry(kind="generate", asked=asked, text=str(value))
            elif second is None:
                yield Entry(kind="rolling", asked=asked, logprob=float(value))
            else:
                greedy = str(value[1]) == "True"
                yield Entry(
                    kind="loglikelihood", asked=asked, continuation=second, logprob=float(value[0]), greedy=greedy
                )


def texts(value: Json) -> list[str]:
    """Return one text or several; what was not answered is left out.

    Raises:
        Unreadable: it is no text.
    """
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | None) for one in several):
        raise Unreadable(f"the answer is a {type(value).__name__}, not a text or a list of texts")
    return [one for one in several if one is not None]


def at(row: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path of fields, None if nothing.

    >>> at({"doc": {"question": "Why?"}}, "doc.question")
    'Why?'
    """
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def question_of(row: Mapping[str, Any], options: ReplayOptions) -> str | None:
    """Return the question of a row; in lm-eval's logs it stands in the document."""
    value = at(row, options.question_field)
    if value is None and isinstance(row.get("doc"), dict):
        value = at(row["doc"], options.question_field)
    return (value.strip() or None) if isinstance(value, str) else None


def prompt_key(recorded: Json) -> str:
    """Return what a recorded prompt is found by.

    Raises:
        Unreadable: it is neither a text nor messages.
    """
    if isinstance(recorded, str):
        turns = chat_in(recorded)
        return recorded if turns is None else turns_key(turns)
    if isinstance(recorded, list) and all(isinstance(turn, dict) and "content" in turn for turn in recorded):
        return turns_key([(str(turn.get("role", "user")), str(turn["content"])) for turn in recorded])
    raise Unreadable("the prompt is neither a text nor a list of messages")


def chat_in(text: str) -> list[tuple[str, str]] | None:
    """Return the messages that lm-eval logs as one JSON text; None if it is a text."""
    if not text.startswith('[{"'):
        return None
    try:
        return [(turn["role"], turn["content"]) for turn in json.loads(text)]
    except (ValueError, KeyError, TypeError):
        return None


def asked_key(prompt: Prompt) -> str:
    """Return what the prompt of a request is found by."""
    if not prompt.chat:
        return prompt.text
    turns = [(message.role, message.content) for message in prompt.messages]
    return turns_key([*turns, ("assistant", prompt.prefix)] if prompt.prefix else turns)


def turns_key(turns: Sequence[tuple[str, str]]) -> str:
    """Return a conversation as one text; a single user message is that text."""
    if len(turns) == 1 and turns[0][0] == "user":
        return turns[0][1]
    return json.dumps([list(turn) for turn in turns], ensure_ascii=False)
