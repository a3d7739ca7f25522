"""A random model of real size on a GPU; skips itself where there is none."""

import pytest
import torch


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_model_of_7b_shape_is_watched_in_bounded_memory_and_equals_eager():
    import transformers

    from harness_attention.masses import check, span_masses

    config = transformers.LlamaConfig(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=8192,
    )
    with torch.device("cuda"):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()
    tokens = torch.randint(0, 32000, (4096,)).tolist()
    check(model, tokens)
    weights = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    masses = span_masses(model, tokens, 3072, [range(2900, 2960), range(4, 3072), range(40, 100)], 4096)
    assert masses.values.shape == (32, 32, 1024, 3)
    assert torch.cuda.max_memory_allocated() - weights < 2 * 2**30  # eager: 2 GiB a layer, 64 GiB in all
