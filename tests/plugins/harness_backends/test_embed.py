"""Hidden states are those of transformers, whatever else is in the batch; servers tell embeddings and first tokens."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from harness import BackendError, Message, Prompt, Request
from harness_backends import HfOptions, OpenAIOptions, open_hf, open_openai

TEXTS = ("Tom has 3 apples.", "Paris", "The quick brown fox jumps over the lazy dog. " * 12)


def embed(text: str, layers=()) -> Request:
    return Request(kind="embed", prompt=Prompt(messages=(Message(role="user", content=text),)), layers=layers)


async def vectors(folder, requests, **options):
    async with open_hf(str(folder), HfOptions(**options)) as model:
        return await asyncio.gather(*map(model.embed, requests))


def by_hand(folder, text):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokens = AutoTokenizer.from_pretrained(folder)(text)["input_ids"][-model.config.max_position_embeddings :]
    with torch.inference_mode():
        states = model(torch.tensor([tokens]), output_hidden_states=True).hidden_states
    return {
        f"{layer}/{name}": value.numpy()
        for layer, one in enumerate(states)
        for name, value in (("mean", one[0].mean(dim=0)), ("last", one[0, -1]))
    }


@pytest.mark.parametrize("model", ["llama", "qwen"])
async def test_vectors_are_those_of_transformers_alone_and_in_a_batch(model, request):
    folder = request.getfixturevalue(model)
    for response, text in zip(await vectors(folder, map(embed, TEXTS)), TEXTS, strict=True):
        wanted = by_hand(folder, text)
        assert response.vectors.keys() == wanted.keys()
        for name, value in wanted.items():
            assert np.allclose(np.frombuffer(response.vectors[name], "<f4"), value, atol=2e-5)


async def test_only_the_layers_asked_for_come_back_and_a_missing_one_is_named(llama):
    (one,) = await vectors(llama, [embed("Paris", (0, -1))])
    assert sorted(one.vectors) == ["0/last", "0/mean", "2/last", "2/mean"]
    with pytest.raises(BackendError, match=r"no layer 7: the model has 0 .* to 2"):
        await vectors(llama, [embed("Paris", (7,))])


async def test_a_long_prompt_is_cut_on_the_left_and_the_cut_counted(llama):
    (one,) = await vectors(llama, [embed(TEXTS[2] * 4)])
    assert one.cut > 0
    assert one.usage.prompt_tokens == 96


@pytest.fixture
def server(loopback, reply, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    async def started(body, **options):
        one = await loopback(lambda n, seen: reply(body))
        return one, OpenAIOptions(base_url=one.url, backoff=0.01, max_retries=1, **options)

    return started


async def test_a_chat_server_tells_the_likeliest_first_tokens(server):
    tops = [{"token": " Yes", "logprob": -0.1}, {"token": "No", "logprob": -2.5}]
    body = {"choices": [{"message": {"content": " Yes"}, "logprobs": {"content": [{"top_logprobs": tops}]}}]}
    one, options = await server(body, top_logprobs=5)
    request = Request(kind="alternatives", prompt=embed("Is it?").prompt)
    async with open_openai("m", options) as model:
        assert model.can == {"generate", "alternatives"}
        answer = await model.generate(request)
    assert answer.alternatives == {" Yes": -0.1, "No": -2.5}
    sent = one.seen[0]["body"]
    assert (sent["logprobs"], sent["top_logprobs"], sent["max_tokens"]) == (True, 5, 1)


async def test_a_completions_server_tells_them_in_its_own_form(server):
    body = {"choices": [{"text": " 4", "logprobs": {"top_logprobs": [{" 4": -0.5, " 5": -1.0}]}}]}
    one, options = await server(body, top_logprobs=2, endpoint="completions")
    async with open_openai("m", options) as model:
        answer = await model.generate(Request(kind="alternatives", prompt=embed("Stars:").prompt))
    assert answer.alternatives == {" 4": -0.5, " 5": -1.0}
    assert one.seen[0]["path"] == "/v1/completions"
    assert one.seen[0]["body"]["logprobs"] == 2


async def test_a_server_that_tells_none_fails_the_request_by_name(server):
    from harness import RequestFailed

    _, options = await server({"choices": [{"message": {"content": "4"}}]}, top_logprobs=2)
    async with open_openai("m", options) as model:
        with pytest.raises(RequestFailed, match="top_logprobs"):
            await model.generate(Request(kind="alternatives", prompt=embed("Stars:").prompt))


async def test_an_embedding_server_gives_one_vector(server):
    one, options = await server(
        {"data": [{"embedding": [0.5, -1.0, 2]}], "usage": {"prompt_tokens": 3}}, embeddings=True
    )
    async with open_openai("m", options) as model:
        assert model.can == {"embed"}
        answer = await model.embed(embed("Paris"))
    assert np.frombuffer(answer.vectors["0/pooled"], "<f4").tolist() == [0.5, -1.0, 2.0]
    assert one.seen[0]["path"] == "/v1/embeddings"
    assert one.seen[0]["body"]["input"] == "Paris"
