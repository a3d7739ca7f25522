"""From prompts to tokens, exactly as lm-eval's `hf` does it, so that both see the same model input.

The counterparts in lm_eval/models/huggingface.py (0.4.13) are `tok_batch_encode`, `tok_encode`,
`apply_chat_template`; in lm_eval/api/model.py `_encode_pair`; in lm_eval/utils.py the rolling windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import BackendError, Json, Prompt, RequestFailed

#: What a tokenizer reports that has no limit.
ENDLESS = 10**30
#: Context where neither the configuration nor the tokenizer gives one.
DEFAULT_LENGTH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Token ids of a context and of the continuation that is weighed after it."""

    context: list[int]
    continuation: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Tokens of a text, and the characters (start, end) that each stands for; equal ones for a token of none."""

    tokens: list[int]
    characters: list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A tokenizer with the settings that decide what a model is shown."""

    tokenizer: Any
    #: Context of the model in tokens.
    length: int
    #: The chat template; None where the model has none.
    template: str | None = None
    template_args: Mapping[str, Json]
    drop_system: bool = False
    add_bos: bool | None = None
    #: Text that ends the model's thinking: stops count only after it. Empty: everywhere.
    think_end: str = ""

    @property
    def start(self) -> int:
        """The token that stands before a text without a context."""
        bos = self.tokenizer.bos_token_id
        token: int | None = self.tokenizer.eos_token_id if bos is None else bos
        if token is None:
            raise BackendError(
                "the tokenizer has neither a beginning nor an end token, so bare texts cannot be weighed"
            )
        return token

    @property
    def end(self) -> str:
        """The end token as text; empty where the tokenizer has none."""
        token = self.tokenizer.eos_token_id
        return "" if token is None else str(self.tokenizer.decode(token, skip_special_tokens=False))

    def rendered(self, prompt: Prompt) -> str:
        """Return a prompt as the text the model is shown.

        Raises:
            RequestFailed: the chat template refuses these messages.
            BackendError: a chat was given and the model has no chat template.
        """
        if not prompt.chat:
            return prompt.text
        self.check_chat()
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        if prompt.prefix:
            messages.append({"role": "assistant", "content": prompt.prefix})
        try:
            return self._applied(messages)
        except Exception as error:
            if self.drop_system and any(message["role"] == "system" for message in messages):
                return self._applied([message for message in messages if message["role"] != "system"])
            raise RequestFailed(
                f"the chat template refuses this conversation: {error} "
                "(a refused system message can be left out: --model-option drop_system=true)"
            ) from error

    def check_chat(self) -> None:
        """Make sure that chats can be rendered.

        Raises:
            BackendError: the model has no chat template.
        """
        if self.template is None:
            raise BackendError(
                "hf: a chat was asked of a model without a chat template: "
                "leave out --apply-chat-template, or give one with --model-option chat_template=FILE"
            )

    def encoded(self, text: str) -> list[int]:
        """Return the tokens of a prompt to be continued."""
        return self._tokens(text, self.tokenizer.bos_token)

    def placed(self, text: str, *, bare: bool = False) -> Placed:
        """Return the tokens of a prompt, as `encoded` gives them, with the characters that each stands for.

        Args:
            text: to tokenise.
            bare: without any special token, as a text that goes on another.

        Raises:
            BackendError: the tokenizer does not tell.
        """
        if not self.tokenizer.is_fast:
            raise BackendError(f"hf: {type(self.tokenizer).__name__} does not tell which characters a token stands for")
        told = self.tokenizer(text, return_offsets_mapping=True, **self._special(text, self.tokenizer.bos_token, bare))
        return Placed(tokens=list(told["input_ids"]), characters=[tuple(pair) for pair in told["offset_mapping"]])

    def pair(self, context: str, continuation: str) -> Pair:
        """Return the tokens of a context and its continuation; spaces between them belong to the continuation.

        Raises:
            RequestFailed: the continuation has no token of its own, or more than the model holds.
        """
        if context:
            bare = context.rstrip()
            start = self._opening()
            whole = self._tokens(bare + context[len(bare) :] + continuation, start)
            before = self._tokens(bare, start)
            pair = Pair(context=before, continuation=whole[len(before) :])
        else:
            tokens = self._plain(continuation)
            opened = bool(tokens) and tokens[0] == self.start
            pair = Pair(context=[self.start], continuation=tokens[1:] if opened else tokens)
        if not pair.context or not 0 < len(pair.continuation) <= self.length:
            raise RequestFailed(
                f"cannot weigh {continuation[:60]!r} after {context[-60:]!r}: "
                f"{len(pair.context)} tokens of context, {len(pair.continuation)} of continuation, "
                f"and the model holds {self.length}"
            )
        return pair

    def windows(self, text: str) -> list[Pair]:
        """Return disjoint windows over a whole text, each with as much context as fits."""
        return list(rolling_windows(self._tokens(text, self._opening()), self.start, self.length))

    def _opening(self) -> str:
        """Return the text of the token that stands before everything."""
        return str(self.tokenizer.decode(self.start))

    def _applied(self, messages: Sequence[Mapping[str, str]]) -> str:
        goes_on = bool(messages) and messages[-1]["role"] == "assistant"
        return str(
            self.tokenizer.apply_chat_template(
                messages,
                chat_template=self.template,
                tokenize=False,
                add_generation_prompt=not goes_on,
                continue_final_message=goes_on,
                **self.template_args,
            )
        )

    def _tokens(self, text: str, opening: str | None) -> list[int]:
        return list(self.tokenizer.encode(text, **self._special(text, opening)))

    def _special(self, text: str, opening: str | None, bare: bool = False) -> dict[str, bool]:  # noqa: FBT001, FBT002
        """Return what is set of special tokens; a text that opens with the first one does not get a second."""
        if bare or (opening and text.startswith(opening)):
            return {"add_special_tokens": False}
        return {} if self.add_bos is None else {"add_special_tokens": self.add_bos}

    def _plain(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))


def rolling_windows(tokens: Sequence[int], start: int, length: int) -> Iterator[Pair]:
    """Yield windows that together predict every token once; each but the first sees as much context as fits.

    >>> for window in rolling_windows([1, 2, 3, 4, 5], start=0, length=3):
    ...     print(window.context, window.continuation)
    [0] [1, 2, 3]
    [2, 3] [4, 5]
    """
    first = min(length, len(tokens))
    if first:
        yield Pair(context=[start], continuation=list(tokens[:first]))
    for done in range(first, len(tokens), length):
        end = min(done + length, len(tokens))
        yield Pair(context=list(tokens[end - length - 1 : done]), continuation=list(tokens[done:end]))


def context_length(config: Any, tokenizer: Any) -> int:
    """Return how many tokens a model holds."""
    config = getattr(config, "text_config", None) or config
    for name in ("n_positions", "max_position_embeddings", "n_ctx"):
        if getattr(config, name, None) is not None:
            return int(getattr(config, name))
    told = getattr(tokenizer, "model_max_length", None)
    return DEFAULT_LENGTH if told is None or told >= ENDLESS else int(told)
