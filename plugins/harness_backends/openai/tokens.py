"""The likeliest first tokens of an answer, and embeddings: what is sent for them, and what an answer means."""

from __future__ import annotations

import array
import sys

from harness import Json, Request, RequestFailed, Response
from harness_backends.http.faults import Malformed
from harness_backends.openai.options import OpenAIOptions
from harness_backends.openai.wire import first_choice, messages, plain_text, usage


def alternatives_body(model: str, request: Request, options: OpenAIOptions) -> tuple[str, dict[str, Json]]:
    """Return the path and the body that ask for the likeliest first tokens.

    One token is drawn at temperature 1, since some servers tell the probabilities that the temperature leaves.
    """
    chat = options.endpoint != "completions"
    wanted: dict[str, Json] = {"logprobs": options.top_logprobs}
    if chat:
        wanted = {"logprobs": True, "top_logprobs": options.top_logprobs}
    shown = {"messages": messages(request.prompt)} if chat else {"prompt": plain_text(request.prompt)}
    whole = {"model": model, **shown, options.max_tokens_field: 1, "temperature": 1.0, **wanted, **options.extra_body}
    return "chat/completions" if chat else "completions", {
        name: value for name, value in whole.items() if name not in options.omit
    }


def alternatives(reply: Json) -> Response:
    """Return the likeliest first tokens of an answer.

    Raises:
        Malformed: it tells of none.
    """
    told: Json = first_choice(reply).get("logprobs")
    found: dict[str, float] = {}
    try:
        if told.get("content"):
            found = {str(one["token"]): float(one["logprob"]) for one in told["content"][0]["top_logprobs"]}
        elif told.get("top_logprobs"):
            found = {str(token): float(value) for token, value in told["top_logprobs"][0].items()}
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise Malformed("the answer has no top_logprobs of its first token") from None
    if not found:
        raise Malformed("the answer has no top_logprobs of its first token")
    return Response(alternatives=found, usage=usage(reply))


def embedding_body(model: str, request: Request, options: OpenAIOptions) -> dict[str, Json]:
    """Return the body that asks for the embedding of a prompt: the contents of its messages, joined by line ends."""
    text = "\n".join(message.content for message in request.prompt.messages) if request.prompt.chat else ""
    return {"model": model, "input": text or request.prompt.text, **options.extra_body}


def embedding(reply: Json) -> Response:
    """Return the embedding of a text: one vector, called layer 0, pooled by the server.

    Raises:
        Malformed: the answer has none. RequestFailed: the server counts it in something else than numbers.
    """
    try:
        values = reply["data"][0]["embedding"]
    except (KeyError, TypeError, IndexError):
        raise Malformed("the answer has no data with an embedding") from None
    if not isinstance(values, list) or not values:
        raise RequestFailed("the embedding is no list of numbers (encoding_format must be float)")
    numbers = array.array("f", map(float, values))
    if sys.byteorder == "big":
        numbers.byteswap()
    return Response(vectors={"0/pooled": numbers.tobytes()}, usage=usage(reply))
