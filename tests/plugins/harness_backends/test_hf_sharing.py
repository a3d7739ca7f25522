"""The engine computes what prompts have in common once, and nobody can tell it from the answers."""

from __future__ import annotations

import asyncio
import functools
import random
from pathlib import Path

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import HfOptions, open_hf

torch = pytest.importorskip("torch")

from harness_backends.hf.prefixes import Entry, Prefixes, shared  # noqa: E402  # they import torch
from harness_backends.hf.rows import Kept, Trunk  # noqa: E402

SHOTS = "Q: What is 12 times 11?\nA: Let's think step by step. 12 * 11 = 132. The answer is 132.\n\n" * 4
LABELS = (" yes", " no, he has", " A", " The answer is 132.")
SIZE = {
    "vocab_size": 400,
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "max_position_embeddings": 512,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
    "initializer_range": 0.3,
}
#: Random models by name: the class of their configuration, and what is changed in it.
MODELS = {
    "llama": ("LlamaConfig", {}),
    "qwen2": (
        "Qwen2Config",
        {"num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 40, "max_window_layers": 1},
    ),
    "mistral": ("MistralConfig", {"sliding_window": 30}),
    "gemma": ("GemmaConfig", {}),
    "gemma2": ("Gemma2Config", {"sliding_window": 30, "attn_logit_softcapping": 5.0}),
    "gemma3": ("Gemma3TextConfig", {"sliding_window": 30, "num_hidden_layers": 6}),
    "gpt_oss": ("GptOssConfig", {"sliding_window": 30, "num_local_experts": 4, "num_experts_per_tok": 2}),
}
#: Those whose attention is their own: positions by a bias, or a state in place of keys and values.
APART = {
    "bloom": ("BloomConfig", {"n_layer": 2, "n_head": 4}),
    "mamba": ("MambaConfig", {"state_size": 8}),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, save_tokenizer):
    """Returns the folder of a random model."""

    @functools.cache
    def make(name: str) -> Path:
        import transformers

        kind, changed = (MODELS | APART)[name]
        folder = tmp_path_factory.mktemp("random") / name
        words = save_tokenizer(folder, bos=True, template=False)
        torch.manual_seed(4)
        config = getattr(transformers, kind)(**{**SIZE, **changed, "vocab_size": words})
        transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        return folder

    return make


def ask(text: str, *, draw: str = "", **sampling) -> Request:
    prompt = Prompt(messages=(Message(role="user", content=text),))
    return Request(kind="generate", prompt=prompt, sampling=Sampling(**sampling), draw=draw)


def weigh(context: str, continuation: str) -> Request:
    prompt = Prompt(messages=(Message(role="user", content=context),))
    return Request(kind="loglikelihood", prompt=prompt, continuation=continuation)


def question(number: int, constraint: str = "") -> str:
    return f"{SHOTS}Q: Tom has {number} apples and buys {number * 7 % 13}.{constraint}\nA:"


def shapes() -> list[Request]:
    """Return few-shot prompts, arms of one document, prompts of their own, and draws, of unequal length."""
    asked = [ask(question(n), max_tokens=4 + n % 5, stop=("\n\n", "Q:")) for n in range(6)]
    asked += [ask(question(n, " Use one line."), max_tokens=6) for n in range(3)]
    asked += [ask(f"Paris {n}", max_tokens=5) for n in range(3)]
    asked += [ask(question(n), max_tokens=5, temperature=0.8, draw=f"d{d}") for n in range(2) for d in range(3)]
    return asked


async def answers(folder: Path, requests, **options):
    async with open_hf(str(folder), HfOptions(device="cpu", **options)) as model:
        assert model._engine.shares == options.get("share_prefixes", True)
        calls = [model.generate(r) if r.kind == "generate" else model.loglikelihood(r) for r in requests]
        return await asyncio.gather(*calls)


@pytest.mark.parametrize("name", MODELS)
async def test_texts_are_the_same_with_and_without_sharing_and_at_every_batch_size(made, name):
    folder = made(name)
    expected = await answers(folder, shapes(), share_prefixes=False, batch_size=1)
    assert len({one.text for one in expected}) > 5  # a model that always says the same would show nothing
    for size in (2, 32):
        assert await answers(folder, shapes(), batch_size=size) == expected


@pytest.mark.parametrize("name", MODELS)
async def test_loglikelihoods_are_the_same_with_and_without_sharing(made, name):
    asked = [weigh(question(n), label) for n in range(4) for label in (*LABELS, LABELS[0])]
    asked += [weigh("", "Paris is"), weigh("", "The"), weigh(SHOTS * 9, " yes")]
    expected = await answers(made(name), asked, share_prefixes=False, batch_size=1)
    for size in (1, 16):
        found = await answers(made(name), asked, batch_size=size)
        assert [one.logprob for one in found] == pytest.approx([one.logprob for one in expected], rel=1e-5)
        assert [(one.greedy, one.cut, one.usage) for one in found] == [
            (one.greedy, one.cut, one.usage) for one in expected
        ]


async def test_the_embedded_model_answers_the_same_with_and_without_sharing():
    from harness_tiny import WEIGHTS

    shots = (
        "Question: Tom has 3 apples. He buys 4 more. How many apples does he have now?\nAnswer: 3 + 4 = 7. 7\n\n" * 5
    )
    asked = [
        ask(
            f"{shots}Question: Ann has {n} pens and loses {n % 3}. How many pens does she have?{more}\nAnswer:",
            max_tokens=12,
        )
        for n in range(5, 10)
        for more in ("", " Write one line.")
    ]
    expected = await answers(WEIGHTS, asked, share_prefixes=False, batch_size=1)
    for size in (3, 32):
        assert await answers(WEIGHTS, asked, batch_size=size) == expected


@pytest.mark.parametrize("name", APART)
async def test_a_model_with_an_attention_of_its_own_is_not_shared_and_answers_the_same(made, name, caplog):
    async with open_hf(str(made(name)), HfOptions(device="cpu", batch_size=2)) as model:
        assert not model._engine.shares
        found = await asyncio.gather(*(model.generate(ask(question(n), max_tokens=4)) for n in range(2)))
    assert "beginnings of prompts are not shared" in caplog.text
    assert found == await answers(made(name), [ask(question(n), max_tokens=4) for n in range(2)], share_prefixes=False)


def watched(model, passes: list[torch.Size]) -> None:
    """Note the shape of every pass of a model."""
    model._engine.model.register_forward_pre_hook(
        lambda _, args, kwargs: passes.append((args[0] if args else kwargs["input_ids"]).shape), with_kwargs=True
    )


async def test_what_prompts_have_in_common_is_computed_once(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=4)) as model:
        encoded = model._engine.text.encoded
        passes = []
        watched(model, passes)
        base = [ask(question(n), max_tokens=1) for n in range(12)]
        await asyncio.gather(*map(model.generate, base))
        shots, whole = len(encoded(SHOTS)), max(len(encoded(one.prompt.text)) for one in base)
        assert sum(n * s for n, s in passes) < shots + 12 * (whole - shots + 2) + 12
        assert len(passes) < 12
        passes.clear()
        arms = [ask(question(n, " Be short."), max_tokens=1) for n in range(12)]
        await asyncio.gather(*map(model.generate, arms))
        assert sum(n * s for n, s in passes) <= 12 * 13  # the constraint and the cue; the question is known
        passes.clear()
        draws = [ask(question(3), max_tokens=1, temperature=1.0, draw=str(draw)) for draw in range(8)]
        await asyncio.gather(*map(model.generate, draws))
        assert passes == [(4, 1), (4, 1)]


async def test_all_labels_of_a_prompt_go_in_one_pass(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=8)) as model:
        passes = []
        watched(model, passes)
        await asyncio.gather(*(model.loglikelihood(weigh("Q: 1 + 1?\nA:", label)) for label in LABELS))
        assert [n for n, _ in passes] == [1]


async def test_a_row_that_ends_leaves_and_the_next_takes_its_place(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=4)) as model:
        passes = []
        watched(model, passes)
        lengths = [40, 3, 3, 3, 3, 3, 3, 3, 3, 3]
        requests = [
            ask(f"Paris {n}", max_tokens=length, extra={"suppress_tokens": [1]}) for n, length in enumerate(lengths)
        ]
        found = await asyncio.gather(*map(model.generate, requests))
    assert [one.usage.completion_tokens for one in found] == lengths
    assert sum(s == 1 for _, s in passes) < 40 + 3  # the long one is never waited for by the others
    assert max(n for n, _ in passes) <= 4


@pytest.mark.parametrize("name", ["llama", "gemma2"])
async def test_two_trunks_at_once_and_prompts_in_several_passes_change_no_text(made, name, monkeypatch):
    other = "The quick brown fox jumps over the lazy dog. Paris is the capital of France.\n" * 8
    asked = [ask(text + str(n), max_tokens=6) for n in range(5) for text in (SHOTS, other)]
    expected = await answers(made(name), asked, share_prefixes=False, batch_size=1)
    monkeypatch.setattr("harness_backends.hf.prefill.CPU_TOKENS", 24)
    async with open_hf(str(made(name)), HfOptions(device="cpu", batch_size=10)) as model:
        passes = []
        watched(model, passes)
        assert await asyncio.gather(*map(model.generate, asked)) == expected
    assert max(n * s for n, s in passes) <= 24
    assert max(n for n, s in passes if s == 1) > 5  # rows of both trunks in one pass


@pytest.mark.parametrize("after", [0, 2, 9])
async def test_memory_that_runs_out_in_the_middle_changes_no_text(made, after):
    asked = shapes()
    expected = await answers(made("llama"), asked)
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=8)) as model:
        passes = []

        def refuse(_, args, kwargs):
            passes.append(kwargs["input_ids"].shape[0])
            if len(passes) > after and passes[-1] > 3:
                raise torch.OutOfMemoryError("CUDA out of memory. (pretended)")

        model._engine.model.register_forward_pre_hook(refuse, with_kwargs=True)
        assert await asyncio.gather(*map(model.generate, asked)) == expected
        assert max(passes) > 3 >= model._room.most


async def test_a_pass_that_fails_for_one_row_fails_that_row_alone(made):
    good = [ask(f"Paris {n}", max_tokens=6) for n in range(4)]
    expected = await answers(made("llama"), good)
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=8)) as model:
        bad = model._engine.text.encoded("fox")[-1]

        def refuse(_, args, kwargs):
            if bad in kwargs["input_ids"]:
                raise ValueError("no foxes")

        model._engine.model.register_forward_pre_hook(refuse, with_kwargs=True)
        found = await asyncio.gather(
            *map(model.generate, [*good[:2], ask("fox", max_tokens=6), *good[2:]]), return_exceptions=True
        )
    assert isinstance(found.pop(2), ValueError)
    assert found == expected


async def test_who_no_longer_waits_gives_up_his_place(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu", batch_size=1, max_length=100_000)) as model:
        endless = asyncio.create_task(model.generate(ask("Paris", max_tokens=90_000, extra={"suppress_tokens": [1]})))
        await asyncio.sleep(0.2)
        waiting = asyncio.create_task(model.generate(ask("Rome", max_tokens=3)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        endless.cancel()
        assert (await asyncio.wait_for(waiting, 20)).usage.completion_tokens == 3


async def test_a_fault_of_the_thread_reaches_those_who_wait(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu")) as model:
        model._generation.turn = lambda: 1 / 0
        with pytest.raises(BackendError, match="thread of the local model ended: ZeroDivisionError"):
            await asyncio.wait_for(model.generate(ask("Paris", max_tokens=3)), 20)


async def test_a_closed_model_refuses(made):
    async with open_hf(str(made("llama")), HfOptions(device="cpu")) as model:
        await model.generate(ask("Paris", max_tokens=2))
    with pytest.raises((BackendError, RequestFailed), match="closed"):
        await asyncio.wait_for(model.generate(ask("Paris", max_tokens=2)), 20)


def entry(tokens: tuple[int, ...], trunk: Trunk | None = None) -> Entry:
    held = len(tokens) - (trunk.length if trunk else 0)
    return Entry(tokens=tokens, trunk=trunk, kept=Kept((torch.zeros(1, held, 2),), (torch.zeros(1, held, 2),)))


def test_the_longest_common_beginning_is_found():
    chance = random.Random(3)
    known = {tuple(chance.choices(range(3), k=chance.randint(1, 9))) for _ in range(60)}
    prefixes = Prefixes(10**9)
    for tokens in known:
        prefixes.add(entry(tokens))
    for _ in range(200):
        tokens = tuple(chance.choices(range(3), k=chance.randint(1, 9)))
        assert prefixes.best(tokens)[1] == max(shared(tokens, one) for one in known)


def test_what_was_used_longest_ago_is_forgotten_first():
    prefixes = Prefixes(entry((1, 2, 3)).kept.size * 2)
    for tokens in ((1, 2, 3), (4, 5, 6)):
        prefixes.add(entry(tokens))
    assert prefixes.best((1, 2, 3))[1] == 3
    prefixes.add(entry((7, 8, 9)))
    assert [prefixes.best(tokens)[1] for tokens in ((1, 2, 3), (4, 5, 6), (7, 8, 9))] == [3, 0, 3]


def test_prompts_stand_on_a_trunk_once_there_is_one():
    prefixes = Prefixes(10**9)
    prefixes.add(entry((1, 2, 3, 4)))
    prefixes.add(entry((1, 9)))
    trunk = Trunk(length=2, kept=Kept((torch.zeros(1, 2, 2),), (torch.zeros(1, 2, 2),)))
    prefixes.add_trunk((1, 2), trunk)
    found, length = prefixes.best((1, 2, 3, 5))
    assert (found.trunk, found.stem, length) == (trunk, 2, 3)
    assert found.kept.keys[0].shape == (1, 2, 2)
    assert prefixes.best((1, 9))[0].trunk is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_a_gpu_gives_the_texts_that_it_gives_without_sharing(made, dtype):
    async def texts(**options):
        async with open_hf(str(made("llama")), HfOptions(device="cuda", dtype=dtype, **options)) as model:
            return [one.text for one in await asyncio.gather(*map(model.generate, shapes()))]

    alone = await texts(share_prefixes=False, batch_size=1)
    found = await texts(batch_size=8)
    same = sum(one == other for one, other in zip(found, alone, strict=True))
    # In 16 bits a batch rounds otherwise; most choices are not that close.
    assert same == len(alone) if dtype == "float32" else same > len(alone) // 2
