"""Watched attention is eager attention, summed over spans, without its matrices."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from harness import BackendError
from harness_attention import blocks
from harness_attention.blocks import Push
from harness_attention.interface import Pushing, attending
from harness_attention.masses import check, layer_kinds, span_masses, watched
from tests.plugins.harness_attention.conftest import tiny

#: What each differs in from the others' configuration, and the kinds of its layers in a text of 90 tokens.
FULL = ("full",) * 4
WINDOW = {"sliding_window": 32}
CASES = {
    "llama": ({}, FULL),
    "qwen2": ({}, FULL),
    "qwen3": ({"head_dim": 16}, FULL),
    "mistral": (WINDOW, ("windowed",) * 4),
    "gemma3_text": (
        WINDOW | {"head_dim": 16, "layer_types": ["sliding_attention", "full_attention"] * 2},
        ("windowed", "full") * 2,
    ),
    "olmo2": ({}, FULL),
    "phi3": ({}, FULL),
    "gemma2": (
        WINDOW | {"head_dim": 16, "attn_logit_softcapping": 2.0, "query_pre_attn_scalar": 16},
        ("windowed", "full") * 2,
    ),
    "gpt_oss": (
        WINDOW | {"head_dim": 16, "num_local_experts": 4, "num_experts_per_tok": 2},
        ("windowed", "full") * 2,
    ),
}
SPANS = [list(range(10, 30)), list(range(4, 60)), [5, 7, 70]]


@pytest.mark.parametrize("kind", CASES)
def test_masses_equal_eager_attention(kind, tokens):
    model = tiny(kind, **CASES[kind][0])
    seen = watched(model, tokens, 60, SPANS)
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        told = model.base_model(torch.tensor([tokens]), output_attentions=True, use_cache=False).attentions
    assert len(told) == len(seen.masses)
    for layer, weights in enumerate(told):
        sums = torch.stack([weights[0][:, 60:, places].sum(-1) for places in SPANS], dim=-1)
        assert float((sums - seen.masses[layer]).abs().max()) < 1e-6
    assert layer_kinds(model.config, seen.windows, len(tokens)) == CASES[kind][1]


@pytest.mark.parametrize("kind", ["llama", "gemma2", "gpt_oss"])
def test_a_watched_model_says_what_it_said(kind, tokens):
    model = tiny(kind, **CASES[kind][0])
    model.set_attn_implementation("eager")
    whole = torch.tensor([tokens])
    columns = torch.zeros(len(tokens), 1)
    from harness_attention.interface import Watched

    with torch.inference_mode():
        plain = model(whole).logits
        with attending(model, Watched(start=60, spans=columns)):
            seen = model(whole).logits
    assert float((plain - seen).abs().max()) < 1e-5
    assert model.config._attn_implementation == "eager"


@pytest.mark.parametrize("kind", CASES)
def test_every_architecture_passes_its_own_check(kind, tokens):
    check(tiny(kind, **CASES[kind][0]), tokens)


def test_weights_bent_in_an_unknown_way_are_refused_by_name(tokens, monkeypatch):
    model = tiny("gpt_oss", **CASES["gpt_oss"][0])
    attended = blocks.Attended._weights
    monkeypatch.setattr(
        blocks.Attended,
        "_weights",
        lambda self, *rest: attended(blocks.Attended(**{**vars(self), "sinks": None}), *rest),
    )
    with pytest.raises(BackendError, match="layer 0 of GptOssForCausalLM is off its own eager attention"):
        check(model, tokens)


def test_a_model_without_the_interface_is_refused_by_name(tokens):
    with pytest.raises(BackendError, match="BloomForCausalLM does not go through"):
        watched(tiny("bloom", n_head=8, n_layer=2), tokens, 60, SPANS)


def test_a_model_with_windows_alone_is_refused(tokens):
    with pytest.raises(BackendError, match="no layer that attends to all"):
        span_masses(tiny("mistral", **WINDOW), tokens, 60, SPANS, len(tokens))


def test_a_window_that_holds_every_text_is_none(tokens):
    masses = span_masses(tiny("mistral", sliding_window=90), tokens, 60, SPANS, len(tokens))
    assert masses.kinds == FULL


def test_layers_without_a_softmax_are_told_and_left_out(tokens, recwarn):
    model = tiny(
        "qwen3_next",
        head_dim=16,
        num_experts=4,
        num_experts_per_tok=2,
        moe_intermediate_size=32,
        shared_expert_intermediate_size=32,
        linear_num_value_heads=4,
        linear_num_key_heads=2,
        linear_key_head_dim=16,
        linear_value_head_dim=16,
    )
    masses = span_masses(model, tokens, 60, SPANS, len(tokens))
    assert masses.kinds == ("linear", "linear", "linear", "full")
    assert masses.values.shape == (1, 8, 30, 3)


class Largest(TorchDispatchMode):
    """Remembers how large the largest tensor was that any operation made."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        for one in made if isinstance(made, (tuple, list)) else (made,):
            if isinstance(one, torch.Tensor):
                self.bytes = max(self.bytes, one.numel() * one.element_size())
        return made


@pytest.mark.parametrize("kind", ["llama", "gemma2"])
def test_no_matrix_of_all_rows_by_all_columns_is_held(kind, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 2**20)
    model = tiny(kind, **CASES[kind][0] | {"sliding_window": 4096})
    whole = torch.randint(3, 100, (1024,)).tolist()
    with Largest() as largest:
        watched(model, whole, 512, SPANS)
    assert largest.bytes <= 2 * 2**20  # eager: 8 heads by 1024 by 1024, 32 MiB


@pytest.mark.parametrize("kind", ["llama", "gemma2", "gpt_oss", "gemma3_text"])
def test_a_push_of_nothing_changes_nothing_and_minus_infinity_hides(kind, tokens):
    model = tiny(kind, **CASES[kind][0] | {"sliding_window": 4096})
    model.set_attn_implementation("eager")
    whole, columns = torch.tensor([tokens]), torch.tensor([20, 21])
    other = whole.clone()
    other[0, 20:22] = torch.tensor([50, 51])

    def logits(ids, beta):
        with torch.inference_mode(), attending(model, Pushing(push=Push(columns=columns, beta=beta, first=22))):
            return model(ids).logits[0]

    with torch.inference_mode():
        plain = model(whole).logits[0]
    assert torch.allclose(logits(whole, 0.0), plain, atol=1e-5)
    assert torch.allclose(logits(whole, -torch.inf)[22:], logits(other, -torch.inf)[22:], atol=1e-5)
    assert not torch.allclose(logits(whole, 2.0)[60:], plain[60:], atol=1e-3)
    assert torch.allclose(logits(whole, 2.0)[:22], plain[:22], atol=1e-5)


def test_a_push_through_the_cache_is_the_push_of_the_whole(tokens):
    model = tiny("llama")
    push = Pushing(push=Push(columns=torch.tensor([20, 21]), beta=1.5, first=59))
    with torch.inference_mode(), attending(model, push):
        whole = model(torch.tensor([tokens[:62]])).logits[0]
        start = model(torch.tensor([tokens[:60]]), use_cache=True)
        steps = [start.logits[0, -1]]
        cache = start.past_key_values
        for token in tokens[60:62]:
            step = model(torch.tensor([[token]]), past_key_values=cache, use_cache=True)
            steps.append(step.logits[0, -1])
    assert torch.allclose(whole[59:], torch.stack(steps), atol=1e-5)


def test_only_the_chosen_heads_are_pushed(tokens):
    model = tiny("llama")
    heads = torch.zeros(4, 8, dtype=torch.bool)
    whole = torch.tensor([tokens])
    with torch.inference_mode():
        plain = model(whole).logits
        for chosen, same in ((heads, True), (heads.index_fill(0, torch.tensor([3]), True), False)):
            push = Push(columns=torch.tensor([20]), beta=3.0, first=30, heads=chosen)
            with attending(model, Pushing(push=push)):
                assert torch.allclose(model(whole).logits, plain, atol=1e-5) is same
