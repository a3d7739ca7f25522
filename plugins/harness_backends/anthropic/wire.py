"""The protocol: what is sent for a request, and what an answer means. No connection, only values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness import Json, Prompt, Request, RequestFailed, Response, Usage
from harness.data import Finish
from harness_backends.anthropic.options import AnthropicOptions
from harness_backends.http.answers import NOT_SENT, counted, finished
from harness_backends.http.faults import Malformed

#: Reasons for which an answer ends before its end.
LENGTH = frozenset({"max_tokens", "model_context_window_exceeded"})
#: Reasons for which it is whole.
DONE = frozenset({"end_turn", "stop_sequence", None})


def body(model: str, request: Request, options: AnthropicOptions) -> dict[str, Json]:
    """Return the body that asks for a continuation.

    Stop strings of blanks alone are refused by the protocol, and cut here; it knows no seed, so that draws differ by
    chance alone. Where it thinks, it takes neither temperature nor top_k, and no beginning of the answer.
    """
    sampling = request.sampling
    thinks = options.thinking > 0
    system, turns = messages(request.prompt, prefixed=not thinks)
    fields: dict[str, Json] = {
        "system": system or None,
        "messages": turns,
        "max_tokens": sampling.max_tokens + options.thinking,
        "temperature": None if thinks else sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": None if thinks else sampling.top_k,
        "stop_sequences": [stop for stop in sampling.stop if stop.strip()] or None,
        "thinking": {"type": "enabled", "budget_tokens": options.thinking} if thinks else None,
    }
    whole = {"model": model, **{name: value for name, value in fields.items() if value is not None}}
    whole |= {name: value for name, value in sampling.extra.items() if name not in NOT_SENT}
    whole |= options.extra_body
    return {name: value for name, value in whole.items() if name not in options.omit}


def messages(prompt: Prompt, *, prefixed: bool = True) -> tuple[str, list[dict[str, str]]]:
    """Return a prompt as system text and turns; a plain text becomes one user message.

    The beginning of the answer is its last turn, without blanks at its end, which the protocol refuses.
    """
    if not prompt.chat:
        return "", [{"role": "user", "content": prompt.text}]
    system = "\n\n".join(one.content for one in prompt.messages if one.role == "system")
    turns = [{"role": one.role, "content": one.content} for one in prompt.messages if one.role != "system"]
    prefix = prompt.prefix.rstrip() if prefixed else ""
    return system, [*turns, {"role": "assistant", "content": prefix}] if prefix else turns


def answer(reply: Json, request: Request) -> Response:
    """Return what an answer means; its thinking stands before it between <think> and </think>.

    Raises:
        Malformed: it breaks the protocol.
        RequestFailed: it says that there is no answer.
    """
    blocks = reply.get("content") if isinstance(reply, dict) else None
    if not isinstance(blocks, list):
        raise Malformed("the answer has no content")
    reason = reply.get("stop_reason")
    if reason is not None and not isinstance(reason, str):
        raise Malformed(f"the stop_reason of the answer is a {type(reason).__name__}")
    if reason == "refusal":
        raise RequestFailed("the server withheld the answer (stop_reason 'refusal')")
    if reason not in LENGTH | DONE:
        raise RequestFailed(f"the server gave no whole answer (stop_reason {reason!r})")
    finish: Finish = "length" if reason in LENGTH else "stop"
    texts = [text_of(block, "text") for block in blocks if kind_of(block) == "text"]
    thoughts = [text_of(block, "thinking") for block in blocks if kind_of(block) == "thinking"]
    return finished("\n\n".join(thoughts), "".join(texts), finish, request.sampling.stop, usage(reply))


def kind_of(block: Json) -> str:
    """Return the kind of a part of an answer.

    Raises:
        Malformed: it has none.
    """
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        raise Malformed("a block of the answer has no type")
    return str(block["type"])


def text_of(block: Mapping[str, Any], name: str) -> str:
    """Return the text of a part of an answer.

    Raises:
        Malformed: it has none.
    """
    text = block.get(name)
    if not isinstance(text, str):
        raise Malformed(f"the {name} of the answer is a {type(text).__name__}")
    return text


def usage(reply: Mapping[str, Any]) -> Usage:
    """Return the tokens an answer counts: of the prompt all, whether or not they were read from a cache.

    >>> usage({"usage": {"input_tokens": 5, "cache_read_input_tokens": 100, "output_tokens": 7}})
    Usage(prompt_tokens=105, completion_tokens=7, cached_tokens=100)
    """
    told = reply.get("usage")
    plain = counted(told, "input_tokens")
    cached = counted(told, "cache_read_input_tokens")
    written = counted(told, "cache_creation_input_tokens")
    return Usage(
        prompt_tokens=None if plain is None else plain + (cached or 0) + (written or 0),
        completion_tokens=counted(told, "output_tokens"),
        cached_tokens=cached,
    )
