"""Any backend of ours as a model of lm-eval: `--model harness --model_args backend=tiny`.

lm-eval hands over all its requests in one call; here they are in flight together, so that the backend makes batches of
its own. Imported only where lm-eval asks for it, since it is one of lm-eval's classes.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import threading
from collections import Counter, deque
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import fields
from typing import Any, TypeVar

from lm_eval.api.model import LM

from harness import BackendError, HarnessError, Kind, Message, Model, Prompt, Request, Response, Sampling, blame
from harness.options import options_from
from harness.registry import load_registry
from harness_lm_eval.prompts import sampling_of

T = TypeVar("T")

#: What lm-eval hands over where its user said nothing of batches or devices.
UNSAID = frozenset({None, "auto", 1, "1", "cuda:0"})

#: Begins a prompt that is a conversation: no text begins so.
CHAT = "\x00harness chat\x00"


class HarnessLM(LM):  # type: ignore[misc]  # lm-eval has no types here
    """A backend, opened in an event loop of its own for as long as the process lives."""

    def __init__(
        self,
        backend: str = "tiny",
        *,
        batch_size: int | str | None = None,
        max_batch_size: int | None = None,
        device: str | None = None,
        concurrency: int | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        """Open it.

        Args:
            backend: NAME or NAME:REST, as in `harness run --model`.
            batch_size: for backends that have batches; "auto", and lm-eval's default, leave it to them.
            max_batch_size: lm-eval's; not used.
            device: for backends that have devices; lm-eval's default leaves it to them.
            concurrency: requests in flight; None: what the model likes.
            seed: of drawn answers.
            options: of the backend.

        Raises:
            HarnessError: no such backend or option, or it cannot be opened.
        """
        del max_batch_size
        super().__init__()
        registry = load_registry().checked()
        name, _, rest = backend.partition(":")
        chosen = registry.pick("backend", registry.backends, name)
        known = {field.name for field in fields(chosen.options)}
        given = {"batch_size": batch_size, "device": device}
        options |= {key: value for key, value in given.items() if value not in UNSAID and key in known}
        made: Any = options_from(chosen.options, options, f"backend {name}")
        self._seed = seed
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="harness", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        atexit.register(self.close)
        try:
            with blame(f"backend {name}", BackendError):
                self._model: Model = self._run(self._stack.enter_async_context(chosen.open(rest, made)))
        except BaseException:
            self.close()
            raise
        self._concurrency = concurrency or self._model.concurrency

    def close(self) -> None:
        """Close the backend; may be called twice."""
        atexit.unregister(self.close)  # it would keep the model for as long as the process lives
        if self._thread.is_alive():
            try:
                self._run(self._stack.aclose())
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()
                self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return done.result()
        finally:
            done.cancel()  # where whoever waits is interrupted, nothing goes on behind his back

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:  # noqa: ARG002, FBT001, FBT002  # lm-eval's
        """Return a continuation of each context."""
        drawn: Counter[str] = Counter()
        asked = []
        for one in requests:
            context, settings = one.args[0], one.args[1]
            key = json.dumps([context, settings], sort_keys=True, default=str)
            asked.append(self._request("generate", context, sampling=sampling_of(settings), draw=str(drawn[key])))
            drawn[key] += 1  # equal requests are repeats, each a draw of its own
        return [response.text for response in self._answers(asked)]

    def loglikelihood(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[tuple[float, bool]]:  # noqa: ARG002, FBT001, FBT002  # likewise
        """Return the log-likelihood of each continuation, and whether greedy decoding would have given it."""
        asked = [self._request("loglikelihood", one.args[0], continuation=one.args[1]) for one in requests]
        return [(weight_of(response), bool(response.greedy)) for response in self._answers(asked)]

    def loglikelihood_rolling(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[float]:  # noqa: ARG002, FBT001, FBT002  # likewise
        """Return the log-likelihood of each whole text."""
        return [weight_of(one) for one in self._answers([self._request("rolling", one.args[0]) for one in requests])]

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:  # noqa: FBT001, FBT002  # lm-eval's
        """Return a conversation as the text that stands for it here; the backend applies its own template."""
        turns = [{"role": turn["role"], "content": turn["content"]} for turn in chat_history]
        return CHAT + json.dumps({"turns": turns, "begun": not add_generation_prompt})

    def chat_template(self, chat_template: bool | str = False) -> str:  # noqa: ARG002, FBT001, FBT002  # likewise
        """Return nothing: the template is the backend's."""
        return ""

    @property
    def tokenizer_name(self) -> str:
        """What tells prompts of this model apart in lm-eval's caches."""
        return "harness " + " ".join(self._model.identity.values())

    def get_model_info(self) -> dict[str, str]:
        """Return the model's identity, which lm-eval writes into its results."""
        return {f"harness_{name}": value for name, value in self._model.identity.items()}

    def _request(
        self,
        kind: Kind,
        context: str,
        *,
        sampling: Sampling = Sampling(),  # noqa: B008  # frozen
        continuation: str = "",
        draw: str = "",
    ) -> Request:
        prompt = prompt_from(context)
        return Request(
            kind=kind, prompt=prompt, continuation=continuation, sampling=sampling, draw=draw, seed=self._seed
        )

    def _answers(self, requests: Sequence[Request]) -> list[Response]:
        """Return the answers to requests, all of them in flight as far as the model likes.

        Raises:
            HarnessError: one failed; lm-eval has no way to go on without it.
        """
        if requests and requests[0].kind not in self._model.can:
            can = ", ".join(sorted(self._model.can))
            raise BackendError(f"--model harness: this backend cannot do {requests[0].kind!r} requests, only {can}")

        return self._run(self._all(requests)) if requests else []

    async def _all(self, requests: Sequence[Request]) -> list[Response]:
        """Return the answers; after one has failed no other is asked, and what is under way is given up."""
        left = deque(enumerate(requests))
        answers: dict[int, Response] = {}

        async def work() -> None:
            while left:
                number, request = left.popleft()
                try:
                    answers[number] = await self._answer(request)
                except BaseException:
                    left.clear()
                    raise

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._concurrency, len(requests))):
                    group.create_task(work())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return [answers[number] for number in range(len(requests))]

    async def _answer(self, request: Request) -> Response:
        ask = self._model.generate if request.kind == "generate" else self._model.loglikelihood
        response = await ask(request)
        if response.finish == "error":
            raise HarnessError(f"--model harness: a request failed: {response.error}")
        return response


def prompt_from(context: str) -> Prompt:
    """Return a context of lm-eval's as a prompt: one plain text, or the conversation that it stands for.

    >>> prompt_from("1 + 1 =").text
    '1 + 1 ='
    """
    if not context.startswith(CHAT):
        return Prompt(messages=(Message(role="user", content=context),))
    told = json.loads(context.removeprefix(CHAT))
    turns = [Message(role=turn["role"], content=turn["content"]) for turn in told["turns"]]
    prefix = turns.pop().content if told["begun"] and turns else ""
    return Prompt(messages=tuple(turns), chat=True, prefix=prefix)


def weight_of(response: Response) -> float:
    """Return a log-likelihood.

    Raises:
        BackendError: the backend gave none.
    """
    if response.logprob is None:
        raise BackendError("--model harness: the backend gave no log-likelihood")
    return response.logprob
