"""The protocol: what is sent for a request, and what an answer means. No connection, only values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from harness import BackendError, Json, Prompt, Request, RequestFailed, Response, Usage
from harness.data import Finish
from harness_backends.http.answers import NOT_SENT, counted, finished
from harness_backends.http.faults import Malformed
from harness_backends.openai.options import OpenAIOptions

#: Stop strings a server takes; the others are cut here.
MOST_STOPS = 4
#: Reasons for which an answer is no answer, whatever text came with it.
REFUSED = frozenset({"content_filter"})
LENGTH = frozenset({"length", "max_tokens", "model_length"})


def body(model: str, request: Request, options: OpenAIOptions) -> tuple[str, dict[str, Json]]:
    """Return the path and the body that ask for a continuation.

    Raises:
        BackendError: a conversation was given and the endpoint takes plain text.
    """
    sampling = request.sampling
    fields: dict[str, Json] = {
        options.max_tokens_field: sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "stop": list(sampling.stop[:MOST_STOPS]) or None,
        "seed": None if sampling.greedy else draw_seed(request),
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    fields |= {name: value for name, value in sampling.extra.items() if name not in NOT_SENT}
    chat = options.endpoint != "completions"
    if chat and options.continue_final_message and request.prompt.prefix:
        fields |= {"continue_final_message": True, "add_generation_prompt": False}
    shown = {"messages": messages(request.prompt)} if chat else {"prompt": plain_text(request.prompt)}
    whole = {"model": model, **shown, **fields, **options.extra_body}
    return "chat/completions" if chat else "completions", {
        name: value for name, value in whole.items() if name not in options.omit
    }


def messages(prompt: Prompt) -> list[dict[str, str]]:
    """Return a prompt as messages; a plain text becomes one user message."""
    if not prompt.chat:
        return [{"role": "user", "content": prompt.text}]
    turns = [{"role": message.role, "content": message.content} for message in prompt.messages]
    return [*turns, {"role": "assistant", "content": prompt.prefix}] if prompt.prefix else turns


def plain_text(prompt: Prompt) -> str:
    """Return a prompt as plain text.

    Raises:
        BackendError: it is a conversation.
    """
    if prompt.chat:
        raise BackendError(
            "openai: a conversation cannot be sent to endpoint=completions: "
            "leave out --apply-chat-template, or use --model-option endpoint=chat"
        )
    return prompt.text


def draw_seed(request: Request) -> int:
    """Return a seed that tells draws apart; the server is free to ignore it."""
    return int.from_bytes(hashlib.sha256(f"{request.seed}:{request.draw}".encode()).digest()[:4], "big") >> 1


def answer(reply: Json, request: Request) -> Response:
    """Return what an answer means.

    Raises:
        Malformed: it breaks the protocol.
        RequestFailed: it says that there is no answer.
    """
    choice = first_choice(reply)
    reason = choice.get("finish_reason")
    if reason is not None and not isinstance(reason, str):
        raise Malformed(f"the finish_reason of the answer is a {type(reason).__name__}")
    if reason in REFUSED:
        raise RequestFailed(f"the server withheld the answer (finish_reason {reason!r})")
    if reason == "error":
        raise Malformed("the server broke off its answer (finish_reason 'error')")
    thought, text = said(choice)
    if text is None:
        if reason not in LENGTH:
            raise RequestFailed(f"the server gave no content (finish_reason {reason!r})")
        text = ""
    finish: Finish = "length" if reason in LENGTH else "stop"
    return finished(thought, text, finish, request.sampling.stop, usage(reply))


def first_choice(reply: Json) -> Mapping[str, Any]:
    """Return the one choice of an answer.

    Raises:
        Malformed: there is none, or another number.
    """
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Malformed("the answer has no choices")
    if len(choices) > 1:
        raise Malformed(f"the answer has {len(choices)} choices where one was asked for")
    return choices[0]


def said(choice: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the reasoning and the text of a choice; None if it has no text.

    Raises:
        Malformed: it is neither a chat's nor a completion's.
    """
    if "message" not in choice:
        text = choice.get("text", Malformed)
        if text is not None and not isinstance(text, str):
            raise Malformed("the answer has neither a message nor a text")
        return "", text
    message = choice["message"]
    if not isinstance(message, dict):
        raise Malformed("the message of the answer is no object")
    content = message.get("content")
    thought = message.get("reasoning_content") or message.get("reasoning") or ""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        content = "".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")
    if content is None:
        content = message.get("refusal")
    if content is not None and not isinstance(content, str):
        raise Malformed(f"the content of the answer is a {type(content).__name__}")
    return thought if isinstance(thought, str) else "", content


def usage(reply: Mapping[str, Any]) -> Usage:
    """Return the tokens an answer counts, under the names of either endpoint."""
    told = reply.get("usage")
    counts = told if isinstance(told, dict) else {}
    cached = counted(counts.get("prompt_tokens_details"), "cached_tokens")
    if cached is None:
        cached = counted(counts.get("input_tokens_details"), "cached_tokens")
    return Usage(
        prompt_tokens=counted(counts, "prompt_tokens", "input_tokens"),
        completion_tokens=counted(counts, "completion_tokens", "output_tokens"),
        cached_tokens=cached,
    )


def weighing_body(model: str, request: Request, options: OpenAIOptions) -> dict[str, Json]:
    """Return the body that asks for the log-probabilities of a prompt with its continuation."""
    text = plain_text(request.prompt) + request.continuation
    whole = {"model": model, "prompt": text, "max_tokens": 1, "temperature": 0, "logprobs": 1, "echo": True}
    whole |= dict(options.extra_body)
    return {name: value for name, value in whole.items() if name not in options.omit}


def likelihood(reply: Json, request: Request) -> Response:
    """Return the log-likelihood of the continuation; spaces before it belong to it, as in lm-eval.

    A token that lies across the border counts as the continuation's.

    Raises:
        Malformed: the log-probabilities are missing.
        RequestFailed: the continuation stands first, where no server gives a probability.
    """
    told = first_choice(reply).get("logprobs")
    names = ("tokens", "token_logprobs", "text_offset")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), list) for name in names):
        raise Malformed("the answer has no logprobs with tokens, token_logprobs and text_offset")
    context = request.prompt.text.rstrip()
    end = len(request.prompt.text) + len(request.continuation)
    tops = told.get("top_logprobs") or [None] * len(told["tokens"])
    total, best, counted = 0.0, [], 0
    for token, logprob, offset, top in zip(*(told[name] for name in names), tops, strict=False):
        if offset >= end or offset + len(token) <= len(context):
            continue
        if logprob is None:
            raise RequestFailed(
                "a continuation without a context cannot be weighed by a server: it tells nothing of the first token"
            )
        total += logprob
        best.append(logprob >= max(top.values()) if top else None)
        counted += 1
    if not counted:
        raise Malformed("the log-probabilities do not reach the continuation")
    return Response(logprob=total, greedy=None if None in best else all(best), usage=usage(reply))
