"""What a user can set of a local model; apart from the engine, so that listing options imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class HfOptions:
    """Options of `--model hf:FOLDER_OR_REPOSITORY`; the names are those of lm-eval's `hf` where it has them."""

    dtype: str = field(
        default="auto", metadata={"help": "auto (as the weights are stored), float32, bfloat16, float16 or float64"}
    )
    device: str = field(default="auto", metadata={"help": "auto (the first GPU, else the CPU), cpu, cuda, cuda:1, mps"})
    device_map: str = field(
        default="", metadata={"help": "auto, balanced, sequential: spread the weights over all devices, by accelerate"}
    )
    quantization: Mapping[str, Json] = field(
        default_factory=dict,
        metadata={"help": 'as transformers takes it: {"quant_method": "bitsandbytes", "load_in_4bit": true}'},
    )
    peft: str = field(default="", metadata={"help": "folder or repository of an adapter on these weights, by peft"})
    batch_size: int | Literal["auto"] = field(
        default="auto",
        metadata={
            "help": "rows at once; auto: 32 on a CPU, 256 elsewhere, fewer if memory is short; halved if it runs out"
        },
    )
    max_length: int | None = field(
        default=None, metadata={"help": "context in tokens, if not the model's own; longer prompts are cut on the left"}
    )
    share_prefixes: bool = field(
        default=True,
        metadata={"help": "compute what prompts begin with in common once; false: transformers' own generate"},
    )
    token_ids: bool = field(default=False, metadata={"help": "keep the ids of an answer's tokens with it"})
    revision: str = field(default="main", metadata={"help": "branch, tag or commit of a hub repository"})
    trust_remote_code: bool = field(default=False, metadata={"help": "run Python code that comes with the weights"})
    chat_template: str = field(
        default="", metadata={"help": "a file with a Jinja chat template, in place of the model's own"}
    )
    chat_template_args: Mapping[str, Json] = field(
        default_factory=dict, metadata={"help": 'further values for the chat template: {"enable_thinking": false}'}
    )
    drop_system: bool = field(
        default=False,
        metadata={"help": "leave out system messages that the chat template refuses, as lm-eval does; else an error"},
    )
    think_end_token: str = field(
        default="", metadata={"help": "of a thinking model, </think> say: stops of the task count only after it"}
    )
    add_bos_token: bool | None = field(
        default=None, metadata={"help": "put a first token before every prompt; none: as the tokenizer does"}
    )
    attn_implementation: str = field(
        default="", metadata={"help": "eager, sdpa or flash_attention_2, if not what transformers picks"}
    )

    def __post_init__(self) -> None:
        if self.batch_size != "auto" and self.batch_size < 1:
            raise ValueError(f"batch_size={self.batch_size} must be at least 1")
        if self.max_length is not None and self.max_length < 2:  # noqa: PLR2004  # one token of prompt, one of answer
            raise ValueError(f"max_length={self.max_length} must be at least 2")
