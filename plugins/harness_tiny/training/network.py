"""The network that all members share: its shape, its beginning, and the folder it is saved to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness_tiny.tokenizer import END, PAD, SIZE

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer
    from transformers import LlamaForCausalLM


def config() -> Any:
    """Return the configuration: one million parameters."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=SIZE,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=1,
        use_cache=True,
    )


def size() -> int:
    """Return how many parameters the model has."""
    from transformers import LlamaForCausalLM

    return sum(one.numel() for one in LlamaForCausalLM(config()).parameters())


def begun(seed: int, parent: Path | None) -> LlamaForCausalLM:
    """Return the network before training: its parent's weights in single precision, or drawn from the seed."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    torch.manual_seed(seed)
    if parent is None:
        return LlamaForCausalLM(config())
    found: LlamaForCausalLM = AutoModelForCausalLM.from_pretrained(parent, dtype=torch.float32)
    return found


def split(model: LlamaForCausalLM) -> tuple[list[Any], list[Any]]:
    """Return the matrices of the layers, and the other parameters (embedding and norms)."""
    named = list(model.named_parameters())
    matrices = [one for name, one in named if one.ndim == 2 and "embed" not in name]  # noqa: PLR2004
    others = [one for name, one in named if one.ndim != 2 or "embed" in name]  # noqa: PLR2004
    return matrices, others


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, output: Path) -> None:
    """Write the folder that `AutoModelForCausalLM` and `AutoTokenizer` load."""
    from transformers import GenerationConfig, PreTrainedTokenizerFast

    output.mkdir(parents=True, exist_ok=True)
    model.generation_config = GenerationConfig(eos_token_id=0, pad_token_id=1)
    model.save_pretrained(output)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        model_max_length=1024,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    fast.save_pretrained(output)
    named = output / "tokenizer_config.json"  # transformers 5 writes a class that transformers 4 does not know
    named.write_text(named.read_text().replace('"TokenizersBackend"', '"PreTrainedTokenizerFast"'))
