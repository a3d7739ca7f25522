"""Opens weights and tokenizer from a folder or the hub, and names them; every failure says what to do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import transformers

from harness import BackendError, Json
from harness_backends.hf.choosing import IDLE
from harness_backends.hf.draws import WARPERS
from harness_backends.hf.engine import Engine
from harness_backends.hf.identity import folder_hash
from harness_backends.hf.options import HfOptions
from harness_backends.hf.probe import probed
from harness_backends.hf.text import Text, context_length


def load(name: str, options: HfOptions) -> Engine:
    """Return the opened model.

    Raises:
        BackendError: it cannot be had, or an option does not fit it.
    """
    place = located(name)
    device = chosen_device(options.device)
    common: dict[str, Any] = {"trust_remote_code": options.trust_remote_code}
    if not Path(place).is_dir():
        common["revision"] = options.revision
    bos = {} if options.add_bos_token is None else {"add_bos_token": options.add_bos_token}
    attention = {"attn_implementation": options.attn_implementation} if options.attn_implementation else {}
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, **bos, **common)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            place,
            dtype=chosen_dtype(options.dtype),
            **placement(device, options.device_map),
            **attention,
            **quantised(options.quantization),
            **common,
        )
        if options.peft:
            model.load_adapter(located(options.peft))
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise BackendError(
            f"hf: cannot load {name!r}: {first_line(error)} (give a folder with config.json, weights and tokenizer, "
            "or the id of a hub repository that this machine can reach)"
        ) from error
    model.eval()
    engine = Engine(
        model=model,
        text=text_of(tokenizer, model.config, options),
        device=model.get_input_embeddings().weight.device,
        draws=take_warpers(model.generation_config),
        ends=end_tokens(model.generation_config),
        habits=habits(model.generation_config),
        slices_logits=bool(model._supports_logits_to_keep()),  # noqa: SLF001  # the only place that knows
        tells_tokens=options.token_ids,
    )
    if not options.share_prefixes:
        return engine
    found = probed(engine)
    return replace(engine, shares=not found.why, column_bytes=found.column_bytes)


def located(name: str) -> str:
    """Return a folder's path, or the id of a repository.

    Raises:
        BackendError: it can be neither.
    """
    if not name:
        raise BackendError("hf: which model? give a folder or a hub id: --model hf:PATH_OR_REPO")
    path = Path(name).expanduser()
    if path.is_dir():
        if not any((path / one).is_file() for one in ("config.json", "adapter_config.json")):
            raise BackendError(f"hf: {name!r} holds no config.json: give the folder that a model was saved to")
        return str(path)
    if path.is_absolute() or name[0] in ".~" or name.count("/") > 1:
        raise BackendError(f"hf: there is no folder {name!r}")
    return name


def text_of(tokenizer: Any, config: Any, options: HfOptions) -> Text:
    """Return the tokenizer with the settings that decide what the model is shown."""
    return Text(
        tokenizer=tokenizer,
        length=options.max_length or context_length(config, tokenizer),
        template=template_of(tokenizer, options.chat_template),
        template_args=options.chat_template_args,
        drop_system=options.drop_system,
        add_bos=options.add_bos_token,
        think_end=options.think_end_token,
    )


def template_of(tokenizer: Any, file: str) -> str | None:
    """Return the chat template: that of the file, else the model's own, else None.

    Raises:
        BackendError: the file cannot be read, or the model has several templates and none is the default.
    """
    if file:
        try:
            return Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BackendError(f"hf: cannot read the chat template {file!r}: {first_line(error)}") from error
    own = tokenizer.chat_template
    if isinstance(own, Mapping):
        if "default" not in own:
            raise BackendError(
                f"hf: the model has chat templates {sorted(own)} and none is the default: give one by file"
            )
        own = own["default"]
    return None if own is None else str(own)


def chosen_device(name: str) -> torch.device:
    """Return the device; "auto" is the first GPU, else the CPU."""
    if name == "auto":
        gpu = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(gpu)
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BackendError(f"hf: no device {name!r}: use auto, cpu, cuda, cuda:N or mps") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise BackendError(f"hf: device {name!r} was asked for and torch sees no GPU: use --model-option device=cpu")
    return device


def chosen_dtype(name: str) -> Any:
    """Return the dtype; "auto" stays as it is."""
    dtype = getattr(torch, name, None)
    if name != "auto" and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise BackendError(f"hf: no dtype {name!r}: use auto, float32, bfloat16, float16 or float64")
    return dtype or "auto"


def placement(device: torch.device, over: str) -> dict[str, Any]:
    """Return how weights come to a device, or over all of them, without a detour over main memory."""
    if over:
        return {"device_map": over}
    return {} if device.type == "cpu" else {"device_map": {"": str(device)}}


def quantised(settings: Mapping[str, Json]) -> dict[str, Any]:
    """Return how weights are made smaller as they are loaded.

    Raises:
        ValueError: transformers knows no such method.
    """
    if not settings:
        return {}
    from transformers.quantizers.auto import AutoQuantizationConfig

    return {"quantization_config": AutoQuantizationConfig.from_dict(dict(settings))}


def take_warpers(config: Any) -> dict[str, Any]:
    """Take out of a generation configuration what it says of drawing, and return it: draws are made by us."""
    taken = {name: getattr(config, name, None) for name in WARPERS}
    for name in WARPERS:
        if hasattr(config, name):
            setattr(config, name, None)
    config.do_sample = False
    return {name: value for name, value in taken.items() if value is not None}


def habits(config: Any) -> dict[str, Any]:
    """Return what a generation configuration sets that changes the logits of every search."""
    return {name: value for name, value in config.to_diff_dict().items() if name not in IDLE}


def end_tokens(config: Any) -> frozenset[int]:
    """Return the tokens that end a generation."""
    ends = config.eos_token_id
    if ends is None:
        return frozenset()
    return frozenset([ends] if isinstance(ends, int) else ends)


def identity(name: str, options: HfOptions, engine: Engine) -> dict[str, str]:
    """Return all that tells this model's answers from another's; no path of this machine is in it."""
    path = Path(name).expanduser()
    facts = {"backend": "hf", "model": path.resolve().name if path.is_dir() else name}
    if path.is_dir():
        facts["sha256"] = folder_hash(path)
    else:
        facts["revision"] = commit_of(name, options.revision)
    facts["dtype"] = str(engine.model.dtype).removeprefix("torch.")
    template = engine.text.template
    facts["template"] = "none" if template is None else hashlib.sha256(template.encode()).hexdigest()[:16]
    settings = {
        "max_length": options.max_length,
        "template_args": dict(sorted(options.chat_template_args.items())) or None,
        "drop_system": options.drop_system or None,
        "add_bos_token": options.add_bos_token,
        "attention": options.attn_implementation or None,
        "quantization": dict(sorted(options.quantization.items())) or None,
        "token_ids": options.token_ids or None,
        "think_end_token": options.think_end_token or None,
        "peft": named_adapter(options.peft) or None,
    }
    return facts | {key: str(value) for key, value in settings.items() if value is not None}


def named_adapter(name: str) -> str:
    """Return what tells an adapter from another: a hash of its folder, else its repository."""
    path = Path(name).expanduser()
    return folder_hash(path)[:16] if name and path.is_dir() else name


def commit_of(repository: str, revision: str) -> str:
    """Return the commit a revision stands for, as the local copy of the hub has it."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "config.json", revision=revision)
    return Path(found).parent.name if isinstance(found, str) else revision


def first_line(error: BaseException) -> str:
    """Return the beginning of what an error says, in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
