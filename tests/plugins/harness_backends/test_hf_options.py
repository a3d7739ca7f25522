"""Options of the local engine: adapters, quantisation, placement, thinking."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness import BackendError, Message, Prompt, Request, Sampling
from harness_backends import HfOptions, open_hf

torch = pytest.importorskip("torch")


def ask(text: str, **sampling) -> Request:
    prompt = Prompt(messages=(Message(role="user", content=text),))
    return Request(kind="generate", prompt=prompt, sampling=Sampling(**sampling))


async def opened(folder: Path, *requests: Request, **options):
    async with open_hf(str(folder), HfOptions(device="cpu", **options)) as model:
        return dict(model.identity), await asyncio.gather(*map(model.generate, requests))


@pytest.fixture(scope="module")
def adapter(llama, tmp_path_factory) -> Path:
    """An adapter that changes every answer of the small Llama."""
    peft = pytest.importorskip("peft")
    import transformers

    folder = tmp_path_factory.mktemp("adapter")
    torch.manual_seed(5)
    model = transformers.AutoModelForCausalLM.from_pretrained(llama)
    adapted = peft.get_peft_model(
        model, peft.LoraConfig(r=2, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    )
    for name, weights in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights)
    adapted.save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated:FutureWarning")  # peft's
async def test_an_adapter_answers_as_peft_has_it_and_has_its_own_identity(llama, adapter):
    import transformers
    from peft import PeftModel

    bare, (unchanged,) = await opened(llama, ask("Paris", max_tokens=12))
    named, (found,) = await opened(llama, ask("Paris", max_tokens=12), peft=str(adapter))
    tokenizer = transformers.AutoTokenizer.from_pretrained(llama)
    model = PeftModel.from_pretrained(transformers.AutoModelForCausalLM.from_pretrained(llama), adapter)
    ids = torch.tensor([tokenizer.encode("Paris")])
    expected = model.generate(input_ids=ids, max_new_tokens=12, do_sample=False, pad_token_id=2)[0, ids.shape[1] :]
    assert found.text == tokenizer.decode(expected, skip_special_tokens=True)
    assert found.text != unchanged.text
    assert named.items() - bare.items() == {("peft", named["peft"])}
    assert str(adapter) not in named["peft"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quantization": {"quant_method": "abacus"}}, "abacus"),
        ({"quantization": {"load": "less"}}, "quant_method"),
        ({"peft": "./no/such/adapter"}, "no folder"),
        ({"device_map": "everywhere"}, "everywhere|device_map"),
    ],
)
async def test_what_does_not_fit_is_one_line_that_says_so(llama, options, words):
    with pytest.raises(BackendError, match=words) as caught:
        await opened(llama, **options)
    assert "\n" not in str(caught.value)


async def test_weights_that_are_spread_answer_the_same(llama):
    bare, expected = await opened(llama, ask("Paris", max_tokens=8))
    named, found = await opened(llama, ask("Paris", max_tokens=8), device_map="auto")
    if not torch.cuda.is_available():
        assert found == expected
    assert named == bare


async def test_stops_within_the_thinking_are_the_models_own_words(llama):
    _, (whole,) = await opened(llama, ask("Paris", max_tokens=40))
    middle = len(whole.text) // 2
    end = whole.text[middle : middle + 6]
    head, _, tail = whole.text.partition(end)
    stop = next(letter for letter in tail if letter in head)
    request = ask("Paris", max_tokens=40, stop=(stop,))
    plain, (early,) = await opened(llama, request)
    thinking, (late,) = await opened(llama, request, think_end_token=end)
    assert early.text == whole.text.split(stop)[0]
    assert late.text == head + end + tail.split(stop)[0]
    assert late.finish == "stop"
    assert thinking.items() - plain.items() == {("think_end_token", end)}


@pytest.mark.parametrize("shared", [True, False])
async def test_answers_come_with_the_ids_of_their_tokens_if_asked(llama, shared):
    import transformers

    request = ask("Paris", max_tokens=9)
    plain, (without,) = await opened(llama, request, share_prefixes=shared)
    named, (found,) = await opened(llama, request, share_prefixes=shared, token_ids=True)
    assert without.tokens == ()
    assert len(found.tokens) == found.usage.completion_tokens == 9
    assert transformers.AutoTokenizer.from_pretrained(llama).decode(found.tokens) == found.text
    assert named.items() - plain.items() == {("token_ids", "True")}
