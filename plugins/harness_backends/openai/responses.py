"""OpenAI's /responses: what is sent for a request, and what an answer means. No connection, only values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness import Json, Request, RequestFailed, Response
from harness.data import Finish
from harness_backends.http.answers import NOT_SENT, finished
from harness_backends.http.faults import Malformed
from harness_backends.openai.options import OpenAIOptions
from harness_backends.openai.wire import messages, usage

#: Whose log-probabilities are wanted.
LOGPROBS = "message.output_text.logprobs"
#: The least limit on tokens that this endpoint takes.
LEAST_TOKENS = 16


def body(model: str, request: Request, options: OpenAIOptions) -> dict[str, Json]:
    """Return the body that asks for a continuation, or for the likeliest first tokens of one; nothing is retained."""
    sampling = request.sampling
    whole: dict[str, Json] = {"model": model, "input": messages(request.prompt)}
    whole |= {"store": False, "stream": False}  # some servers stream unless told not to
    if request.kind == "alternatives":
        whole |= {"max_output_tokens": LEAST_TOKENS, "temperature": 1.0}
        whole |= {"top_logprobs": options.top_logprobs, "include": [LOGPROBS]}
    else:
        whole |= {"max_output_tokens": max(sampling.max_tokens, LEAST_TOKENS), "temperature": sampling.temperature}
        whole |= {} if sampling.top_p is None else {"top_p": sampling.top_p}
        whole |= {name: value for name, value in sampling.extra.items() if name not in NOT_SENT}
    whole |= options.extra_body
    return {name: value for name, value in whole.items() if name not in options.omit}


def answer(reply: Json, request: Request) -> Response:
    """Return what an answer means; a summary of reasoning stands before it between <think> and </think>.

    Raises:
        Malformed: it breaks the protocol.
        RequestFailed: it says that there is no answer.
    """
    status = reply.get("status") if isinstance(reply, dict) else None
    if not isinstance(status, str) or status not in {"completed", "incomplete"}:
        raise Malformed(f"the response has the status {status!r}")
    told = reply.get("incomplete_details")
    reason = told.get("reason") if isinstance(told, dict) else None
    if reason == "content_filter":
        raise RequestFailed("the server withheld the answer (content_filter)")
    finish: Finish = "stop" if status == "completed" else "length"
    texts = [text for kind, text in parts(reply) if kind in {"output_text", "refusal"}]
    thoughts = [text for kind, text in parts(reply) if kind in {"summary_text", "reasoning_text"}]
    if not texts and finish == "stop":
        raise RequestFailed("the server gave no content (status 'completed')")
    return finished("\n\n".join(thoughts), "".join(texts), finish, request.sampling.stop, usage(reply))


def parts(reply: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and text of every part of every item of an answer.

    Raises:
        Malformed: it has no items.
    """
    items = reply.get("output")
    if not isinstance(items, list):
        raise Malformed("the response has no output")
    for item in items:
        for name in ("summary", "content"):
            inside = item.get(name) if isinstance(item, dict) else None
            for part in inside if isinstance(inside, list) else ():
                if not isinstance(part, dict):
                    raise Malformed("a part of the response is no object")
                text = part.get("refusal" if part.get("type") == "refusal" else "text", "")
                if not isinstance(text, str):
                    raise Malformed(f"a text of the response is a {type(text).__name__}")
                yield str(part.get("type")), text


def alternatives(reply: Json, _request: Request) -> Response:
    """Return the likeliest first tokens of an answer.

    Raises:
        Malformed: it tells of none.
    """
    try:
        said = next(item for item in reply["output"] if item["type"] == "message")
        tops = said["content"][0]["logprobs"][0]["top_logprobs"]
        found = {str(one["token"]): float(one["logprob"]) for one in tops}
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, StopIteration):
        raise Malformed("the response has no top_logprobs of its first token") from None
    if not found:
        raise Malformed("the response has no top_logprobs of its first token")
    return Response(alternatives=found, usage=usage(reply))
