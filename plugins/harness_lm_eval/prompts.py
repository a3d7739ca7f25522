"""lm-eval's contexts and keyword arguments as prompts and samplings of ours: the same text, with the place for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness import Message, Prompt, Sampling
from harness_lm_eval.slot import slot

#: lm-eval's limit where a task sets none.
MAX_TOKENS = 256

#: The names by which task files limit the length.
LIMITS = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")


def prompt_of(context: str | Sequence[Mapping[str, str]], question: str | None, prefix: str) -> Prompt:
    """Return a context as a prompt.

    Args:
        context: One plain text, or the messages of a conversation.
        question: The text of the document in it; None where it cannot be told.
        prefix: The beginning of the answer that the context ends with, delimiter included; may be empty.
    """
    if isinstance(context, str):
        start, place = placed(context, question, prefix)
        return Prompt(messages=(Message(role="user", content=context),), start=start, slot=place)
    messages = tuple(Message(role=message["role"], content=message["content"]) for message in context)  # type: ignore[arg-type]
    begun = ""
    if messages and messages[-1].role == "assistant":
        begun, messages = messages[-1].content, messages[:-1]
    asked = next((message.content for message in reversed(messages) if message.role == "user"), None)
    start, place = placed(asked or "", question, "")
    return Prompt(messages=messages, chat=True, prefix=begun, start=start, slot=place)


def placed(text: str, question: str | None, tail: str) -> tuple[int, int | None]:
    r"""Return the start and the slot of a question in a text that ends with it and a tail; 0 and None otherwise.

    >>> text = "Q: 2+2?\nA: 4\n\nQ: 1+1?\nA:"
    >>> start, end = placed(text, "Q: 1+1?\nA:", "")
    >>> text[:end], text[start:end]
    ('Q: 2+2?\nA: 4\n\nQ: 1+1?', 'Q: 1+1?')
    """
    if question is None or not text.endswith(question + tail):
        return 0, None
    start = len(text) - len(tail) - len(question)
    return start, start + slot(question)


def sampling_of(settings: Mapping[str, Any]) -> Sampling:
    r"""Return lm-eval's generation settings as a sampling; what has no field of its own is kept by its name.

    Without `do_sample` a temperature above 0 samples and none at all does not, as in lm-eval's models.

    >>> sampling_of({"until": "\n", "do_sample": False, "temperature": 0.7, "max_gen_toks": 8})
    Sampling(max_tokens=8, temperature=0.0, top_p=None, top_k=None, stop=('\n',), extra={})
    """
    rest = dict(settings)
    until = rest.pop("until", None) or ()
    limits = [rest.pop(name) for name in LIMITS if name in rest]
    drawn = rest.pop("do_sample", None)
    given = rest.pop("temperature", None)
    temperature = (1.0 if drawn else 0.0) if given is None else float(given)
    return Sampling(
        max_tokens=int(limits[0]) if limits and limits[0] is not None else MAX_TOKENS,
        temperature=0.0 if drawn is False else temperature,
        top_p=rest.pop("top_p", None),
        top_k=rest.pop("top_k", None),
        stop=(until,) if isinstance(until, str) else tuple(until),
        extra=rest,
    )
