"""Any model class of lm-eval as a backend: `lm-eval:hf`, `lm-eval:vllm`, ... with its own `model_args`."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from harness import Backend, BackendError, Kind, Request, RequestFailed, Response, Sampling, UnknownName
from harness.batching import Batcher
from harness.secrets import SECRET_NAME
from harness_lm_eval.engine import prepare

#: What stands where an API gave no content, so that it is not taken for an empty answer.
NO_CONTENT = "\x00no content\x00"

#: Classes around engines that make batches of all they have.
ENGINES = ("vllm", "sglang", "trtllm")
#: Requests handed to a class at a time, and to such an engine.
GATHERED, MANY = 64, 512

METHODS: Mapping[Kind, str] = {
    "generate": "generate_until",
    "loglikelihood": "loglikelihood",
    "rolling": "loglikelihood_rolling",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LmEvalOptions:
    """What `lm-eval run` takes with a model."""

    #: key=value,key=value, as lm-eval reads them; may hold an API key.
    model_args: str = field(default="", metadata={"secret": True, "help": "key=value,... as for lm-eval"})
    #: Handed to the model class: a number, or `auto` where it can find one.
    batch_size: int | str = 1
    max_batch_size: int | None = None
    device: str | None = None
    gather: int | None = field(
        default=None,
        metadata={"help": "requests handed to the class at a time; none: 64, 512 for engines that batch themselves"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LmEvalModel:
    """An opened model class of lm-eval."""

    identity: Mapping[str, str]
    can: frozenset[Kind]
    concurrency: int
    batcher: Batcher[Request, Response | RequestFailed]
    #: lm-eval's classes promise nothing of the kind.
    deterministic: bool = False

    async def generate(self, request: Request) -> Response:
        """Return a continuation."""
        answer = await self.batcher.submit(request)
        if isinstance(answer, RequestFailed):
            raise answer
        return answer

    async def loglikelihood(self, request: Request) -> Response:
        """Return the log-likelihood of a continuation or of a whole text."""
        return await self.generate(request)


@asynccontextmanager
async def open_model(name: str, options: LmEvalOptions) -> AsyncIterator[LmEvalModel]:
    """Open a model class by lm-eval's name for it.

    Raises:
        UnknownName: it has none of this name. BackendError: it cannot be made.
    """
    model = made(name, options)
    gather = options.gather or (MANY if name.startswith(ENGINES) else GATHERED)

    def run(batch: list[Request]) -> list[Response | RequestFailed]:
        return answers(model, name, batch)

    async with Batcher(run, size=gather, order=lambda one: len(one.prompt.text), group=lambda one: one.kind) as batcher:
        yield LmEvalModel(
            identity=identity(name, options, model),
            can=frozenset({"generate"}) if "chat" in name else frozenset(METHODS),
            concurrency=2 * gather,
            batcher=batcher,
        )


def made(name: str, options: LmEvalOptions) -> Any:
    """Return lm-eval's own model."""
    prepare()
    from lm_eval.api.registry import get_model, model_registry

    if name not in model_registry:
        raise UnknownName.among("model class of lm-eval", name, list(model_registry.keys()), "as in --model lm-eval:hf")
    more = {"batch_size": options.batch_size, "max_batch_size": options.max_batch_size, "device": options.device}
    try:
        model = get_model(name).create_from_arg_string(options.model_args, more)
    except ImportError as error:
        raise BackendError(
            f"backend lm-eval, model {name}: {' '.join(str(error).split())}; install what it needs, such as "
            f"pip install 'lm_eval[{name.partition('-')[0]}]'"
        ) from error
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise BackendError(f"backend lm-eval, model {name}: {told}; mend --model-option model_args=...") from error
    api = sys.modules.get("lm_eval.models.api_models")
    if api is not None:
        api.LMEVAL_MODEL_NONE_ANSWER_PLACEHOLDER = NO_CONTENT  # type: ignore[attr-defined]
    return model


def identity(name: str, options: LmEvalOptions, model: Any) -> Mapping[str, str]:
    """Return what tells the model's answers from another's; of the arguments a hash without the secret ones."""
    from lm_eval.utils import simple_parse_args_string

    given = simple_parse_args_string(options.model_args)
    open_ones = {k: str(v) for k, v in given.items() if not SECRET_NAME.search(k) and k not in {"header", "headers"}}
    told = json.dumps(open_ones, sort_keys=True).encode()
    dtype = getattr(getattr(model, "_model", None), "dtype", "")
    return {
        "backend": "lm-eval",
        "name": name,
        "model": str(next((open_ones[key] for key in ("pretrained", "model", "path") if key in open_ones), "")),
        "model_args_sha256": hashlib.sha256(told).hexdigest(),
        "dtype": str(dtype),
        "lm_eval": version("lm-eval"),
    }


def answers(model: Any, name: str, batch: Sequence[Request]) -> list[Response | RequestFailed]:
    """Return the answers to requests of one kind."""
    kind = batch[0].kind
    instances = [instance(model, request, number) for number, request in enumerate(batch)]
    try:
        found = quietly(getattr(model, METHODS[kind]), instances)
    except NotImplementedError as error:  # how lm-eval's classes say that they cannot
        raise BackendError(f"backend lm-eval, model {name} cannot do {kind}: {error}") from error
    return [response(kind, value) for value in found]


def quietly(method: Callable[..., Any], instances: Sequence[Any]) -> Any:
    """Call a method of a model class without its progress bar; classes of other people's may know of none."""
    taken = inspect.signature(method).parameters.values()
    bar = any(one.name == "disable_tqdm" or one.kind is one.VAR_KEYWORD for one in taken)
    return method(instances, disable_tqdm=True) if bar else method(instances)


def instance(model: Any, request: Request, number: int) -> Any:
    """Return a request as lm-eval's models take it."""
    from lm_eval.api.instance import Instance

    context = rendered(model, request)
    arguments = {
        "generate": (context, settings(request.sampling)),
        "loglikelihood": (context, request.continuation),
        "rolling": (context,),
    }[request.kind]
    return Instance(request_type=METHODS[request.kind], doc={}, arguments=arguments, idx=0, metadata=("", number, 1))


def rendered(model: Any, request: Request) -> Any:
    """Return a prompt as the model class wants it: plain text, or through its own chat template."""
    prompt = request.prompt
    if not prompt.chat:
        return prompt.text
    turns = [{"role": message.role, "content": message.content} for message in prompt.messages]
    if prompt.prefix:
        turns.append({"role": "assistant", "content": prompt.prefix})
    return model.apply_chat_template(turns, add_generation_prompt=not prompt.prefix)


def settings(sampling: Sampling) -> dict[str, Any]:
    r"""Return a sampling by lm-eval's names.

    >>> settings(Sampling(stop=("\n",), extra={"num_beams": 2}))
    {'until': ['\n'], 'max_gen_toks': 256, 'temperature': 0.0, 'do_sample': False, 'num_beams': 2}
    """
    named = {"top_p": sampling.top_p, "top_k": sampling.top_k}
    return {
        "until": list(sampling.stop),
        "max_gen_toks": sampling.max_tokens,
        "temperature": sampling.temperature,
        "do_sample": not sampling.greedy,
        **{key: value for key, value in named.items() if value is not None},
        **sampling.extra,
    }


def response(kind: Kind, value: Any) -> Response | RequestFailed:
    """Return what a model class gave back as a response; what is no answer is a failure of its request."""
    if kind == "generate":
        if value is None or value == NO_CONTENT:
            return RequestFailed("the model gave no content (only reasoning, or cut off before the answer?)")
        return Response(text=str(value))
    if kind == "rolling":
        return Response(logprob=float(value[0] if isinstance(value, tuple) else value))
    logprob, greedy = value
    return Response(logprob=float(logprob), greedy=bool(greedy))


BACKEND = Backend(
    name="lm-eval",
    summary="Any model class of lm-evaluation-harness: lm-eval:hf, lm-eval:vllm, ...",
    open=open_model,
    options=LmEvalOptions,
)
