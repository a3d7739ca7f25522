"""The local engine: lm-eval's results to the token, draws that depend on the request alone, one clear error."""

from __future__ import annotations

import asyncio
import functools
import json
from pathlib import Path

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import HfOptions, open_hf

torch = pytest.importorskip("torch")

PROMPTS = [
    "Question: Tom has 3 apples",
    "Q: What is 12 times 11?\nA:",
    "The quick brown fox",
    "Paris is the capital of France, Rome of Italy.\n" * 5,
    "Paris ",
    "x",
]
TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Rome of Italy. " * 30,
    "é ü 中",
]
PAIRS = [
    ("Question: Tom has 3 apples", " and"),
    ("Question: Tom has 3 apples", " buys"),
    ("Question: Tom has 3 apples ", "and buys 4 more"),
    ("", "The answer is 132."),
    ("Q: What is 12 times 11?\nA:", " Let's think step by step."),
    ("Paris is the capital of France, Rome of Italy.\n" * 8, " The answer"),
]


def plain(text: str, **sampling) -> Request:
    draw = sampling.pop("draw", "base:0")
    seed = sampling.pop("seed", 0)
    prompt = Prompt(messages=(Message(role="user", content=text),))
    return Request(kind="generate", prompt=prompt, sampling=Sampling(**sampling), draw=draw, seed=seed)


def weigh(context: str, continuation: str) -> Request:
    prompt = Prompt(messages=(Message(role="user", content=context),))
    return Request(kind="loglikelihood", prompt=prompt, continuation=continuation)


def rolling(text: str) -> Request:
    return Request(kind="rolling", prompt=Prompt(messages=(Message(role="user", content=text),)))


def chat(*turns: tuple[str, str], prefix: str = "", **sampling) -> Request:
    messages = tuple(Message(role=role, content=content) for role, content in turns)
    return Request(
        kind="generate", prompt=Prompt(messages=messages, chat=True, prefix=prefix), sampling=Sampling(**sampling)
    )


async def answers(folder: Path, requests, **options):
    async with open_hf(str(folder), HfOptions(device="cpu", **options)) as model:
        calls = [model.generate(r) if r.kind == "generate" else model.loglikelihood(r) for r in requests]
        return await asyncio.gather(*calls)


@functools.cache
def lm_eval_model(folder: Path):
    from lm_eval.models.huggingface import HFLM

    return HFLM(pretrained=str(folder), device="cpu", batch_size=1)


@functools.cache
def lm_eval_texts(folder: Path, stop: tuple[str, ...]) -> list[str]:
    settings = {"until": list(stop), "max_gen_toks": 20, "do_sample": False}
    asked = instances("generate_until", [(text, settings) for text in PROMPTS])
    return lm_eval_model(folder).generate_until(asked, disable_tqdm=True)


def instances(kind, arguments):
    from lm_eval.api.instance import Instance

    return [Instance(request_type=kind, doc={}, arguments=one, idx=0) for one in arguments]


@pytest.fixture(params=["llama", "qwen"])
def folder(request) -> Path:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("stop", [(), (" the", "\n\n", "a")])
async def test_greedy_texts_are_those_of_lm_eval(folder, stop, batch_size):
    found = await answers(folder, [plain(text, max_tokens=20, stop=stop) for text in PROMPTS], batch_size=batch_size)
    assert [one.text for one in found] == lm_eval_texts(folder, stop)


async def test_a_model_without_a_stop_runs_to_the_length_and_says_so(llama):
    short, *_ = await answers(llama, [plain(PROMPTS[0], max_tokens=3)])
    assert short.finish == "length"
    assert short.usage.completion_tokens == 3
    full, *_ = await answers(llama, [plain(PROMPTS[0], max_tokens=24)])
    stop = full.text[8:10]
    cut, *_ = await answers(llama, [plain(PROMPTS[0], max_tokens=24, stop=(stop,))])
    assert cut.finish == "stop"
    assert full.text.startswith(cut.text + stop)
    assert cut.usage.completion_tokens < full.usage.completion_tokens


async def test_a_row_that_meets_its_end_does_not_end_its_neighbours(llama):
    full = await answers(llama, [plain(text, max_tokens=24) for text in PROMPTS[:4]], batch_size=4)
    stops = [full[0].text[4:6], "never", full[2].text[7:9], "never"]
    requests = [plain(text, max_tokens=24, stop=(stop,)) for text, stop in zip(PROMPTS, stops, strict=False)]
    together = await answers(llama, requests, batch_size=4)
    for stop, whole, one in zip(stops, full, together, strict=True):
        assert one.text == whole.text.split(stop)[0]


async def test_a_prompt_longer_than_the_context_is_cut_on_the_left_and_the_cut_counted(llama):
    long = "Question: Tom has 3 apples and buys 4 more. " * 20
    lm = lm_eval_model(llama)
    settings = {"until": [], "max_gen_toks": 16, "do_sample": False}
    expected = lm.generate_until(instances("generate_until", [(long, settings)]), disable_tqdm=True)
    (found,) = await answers(llama, [plain(long, max_tokens=16)])
    assert found.text == expected[0]
    assert found.usage.prompt_tokens == 96 - 16
    assert found.cut == len(lm.tok_encode(long)) - 80


@pytest.mark.parametrize("batch_size", [1, 16])
async def test_loglikelihoods_are_those_of_lm_eval(folder, batch_size):
    expected = lm_eval_model(folder).loglikelihood(instances("loglikelihood", PAIRS), disable_tqdm=True)
    found = await answers(folder, [weigh(*pair) for pair in PAIRS], batch_size=batch_size)
    # Sums of float32: two units in the last place at -70, where threads add in another order.
    assert [one.logprob for one in found] == pytest.approx([logprob for logprob, _ in expected], rel=5e-7, abs=1e-5)
    assert [one.greedy for one in found] == [greedy for _, greedy in expected]


@pytest.mark.parametrize("batch_size", [1, 16])
async def test_rolling_loglikelihoods_are_those_of_lm_eval(folder, batch_size):
    expected = lm_eval_model(folder).loglikelihood_rolling(
        instances("loglikelihood_rolling", [(text,) for text in TEXTS]), disable_tqdm=True
    )
    found = await answers(folder, [rolling(text) for text in TEXTS], batch_size=batch_size)
    assert [one.logprob for one in found] == pytest.approx(expected, rel=1e-5)
    assert all(one.greedy is None for one in found)


async def test_a_greedy_continuation_is_told_to_be_greedy(llama):
    (text,) = await answers(llama, [plain("Paris", max_tokens=1)])
    (found,) = await answers(llama, [weigh("Paris", text.text)])
    assert found.greedy is True


async def test_chats_are_rendered_as_lm_eval_renders_them(llama):
    lm = lm_eval_model(llama)
    turns = [("system", "Be brief."), ("user", "Q: 1 + 1?")]
    history = [{"role": role, "content": content} for role, content in turns]
    begun = lm.apply_chat_template([*history, {"role": "assistant", "content": "A:"}], add_generation_prompt=False)
    shown = [lm.apply_chat_template(history), begun]
    settings = {"until": [], "max_gen_toks": 12, "do_sample": False}
    expected = [
        lm.generate_until(instances("generate_until", [(text, settings)]), disable_tqdm=True)[0] for text in shown
    ]
    found = await answers(llama, [chat(*turns, max_tokens=12), chat(*turns, prefix="A:", max_tokens=12)])
    assert [one.text for one in found] == expected
    assert found[0].usage.prompt_tokens == len(lm.tok_encode(shown[0]))


async def test_a_chat_without_a_template_is_an_error_that_says_what_to_do(qwen, tmp_path):
    with pytest.raises(BackendError, match="chat_template=FILE"):
        await answers(qwen, [chat(("user", "hi"))])
    file = tmp_path / "template.jinja"
    file.write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")
    templated, bare = await answers(
        qwen, [chat(("user", "Paris"), max_tokens=8), plain("Paris", max_tokens=8)], chat_template=str(file)
    )
    assert templated == bare


async def test_a_refused_system_message_is_an_error_or_left_out_by_choice(llama):
    request = chat(("system", "Be brief."), ("user", "hi"), max_tokens=4)
    refusing = {"chat_template_args": {"refuse_system": True}}
    with pytest.raises(RequestFailed, match="drop_system"):
        await answers(llama, [request], **refusing)
    (found,) = await answers(llama, [request], **refusing, drop_system=True)
    (without,) = await answers(llama, [chat(("user", "hi"), max_tokens=4)])
    assert found.text == without.text


async def test_draws_do_not_depend_on_their_batch(folder):
    requests = [
        plain(text, max_tokens=12, temperature=temperature, draw=f"base:{draw}", seed=3)
        for text in PROMPTS[:3]
        for draw in range(3)
        for temperature in (0.0, 0.8)
    ]
    alone = await answers(folder, requests, batch_size=1)
    together = await answers(folder, requests[::-1], batch_size=16)
    assert alone == together[::-1]
    drawn = [one.text for one, request in zip(alone, requests, strict=True) if request.sampling.temperature]
    assert len(set(drawn)) > len(drawn) // 2


async def test_draws_differ_by_arm_and_by_seed_and_repeat_themselves(llama):
    base = {"max_tokens": 16, "temperature": 1.0}
    requests = [
        plain("Paris", **base),
        plain("Paris", **base),
        plain("Paris", **base, draw="repeat:0"),
        plain("Paris", **base, seed=1),
    ]
    texts = [one.text for one in await answers(llama, requests)]
    assert texts[0] == texts[1]
    assert len(set(texts)) == 3


async def test_draws_follow_the_distribution_of_the_model(llama):
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(llama)
    model = transformers.AutoModelForCausalLM.from_pretrained(llama)
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer.encode("Paris")])).logits[0, -1]
    top = (logits / 2.0).topk(3)
    shares = top.values.softmax(-1)
    settings = {"max_tokens": 1, "temperature": 2.0, "top_k": 3}
    found = await answers(llama, [plain("Paris", **settings, draw=str(n)) for n in range(600)], batch_size=64)
    texts = [one.text for one in found]
    for token, share in zip(top.indices.tolist(), shares.tolist(), strict=True):
        assert texts.count(tokenizer.decode([token])) / 600 == pytest.approx(share, abs=0.08)


async def test_a_draw_by_a_setting_that_is_not_offered_is_refused_by_name(llama):
    request = plain("Paris", max_tokens=2, temperature=1.0, extra={"typical_p": 0.5})
    with pytest.raises(RequestFailed, match="typical_p"):
        await answers(llama, [request])


async def test_beams_are_searched_where_asked_for(llama):
    lm = lm_eval_model(llama)
    settings = {"until": [], "max_gen_toks": 8, "do_sample": False, "num_beams": 3}
    expected = lm.generate_until(instances("generate_until", [("Paris", settings)]), disable_tqdm=True)
    (found,) = await answers(llama, [plain("Paris", max_tokens=8, extra={"num_beams": 3, "do_sample": False})])
    assert found.text == expected[0]


@pytest.mark.parametrize("kind", ["generate", "loglikelihood"])
async def test_memory_that_runs_out_halves_the_batch_and_goes_on(llama, kind):
    requests = [plain(text, max_tokens=4) for text in PROMPTS] if kind == "generate" else [weigh(*p) for p in PAIRS]
    expected = await answers(llama, requests)
    async with open_hf(str(llama), HfOptions(device="cpu", batch_size=8)) as model:
        seen = short_of_memory(model, rows=2)
        calls = [model.generate(r) if kind == "generate" else model.loglikelihood(r) for r in requests]
        found = await asyncio.gather(*calls)
        first = max(seen)
        assert first > 2
        assert model._room.most <= 2
    assert [one.text for one in found] == [one.text for one in expected]
    if kind == "loglikelihood":
        assert [one.logprob for one in found] == pytest.approx([one.logprob for one in expected], abs=1e-5)


async def test_a_request_too_large_for_any_batch_fails_alone_and_says_what_to_do(llama):
    async with open_hf(str(llama), HfOptions(device="cpu", batch_size=4)) as model:
        short_of_memory(model, rows=0)
        with pytest.raises(RequestFailed, match="lower --model-option max_length"):
            await model.generate(plain("Paris", max_tokens=4))


def short_of_memory(model, rows: int) -> list[int]:
    """Let the weights refuse batches of more rows than given; returns the sizes seen."""
    seen = []

    def refuse(_, args, kwargs):
        size = (args[0] if args else kwargs["input_ids"]).shape[0]
        seen.append(size)
        if size > rows:
            raise torch.OutOfMemoryError("CUDA out of memory. (pretended)")

    model._engine.model.register_forward_pre_hook(refuse, with_kwargs=True)
    return seen


async def test_what_cannot_be_asked_fails_alone(llama):
    requests = [plain("Paris", max_tokens=96), plain("Paris", max_tokens=4)]
    async with open_hf(str(llama), HfOptions(device="cpu")) as model:
        first, second = await asyncio.gather(*map(model.generate, requests), return_exceptions=True)
        empty = await asyncio.gather(model.loglikelihood(weigh("Paris", "")), return_exceptions=True)
    assert isinstance(first, RequestFailed)
    assert "max_gen_toks" in str(first)
    assert second.usage.completion_tokens == 4
    assert isinstance(empty[0], RequestFailed)


async def test_the_identity_names_the_weights_and_no_path(llama, tmp_path):
    async with open_hf(str(llama), HfOptions(device="cpu")) as model:
        first = dict(model.identity)
        assert model.deterministic
        assert model.can == {"generate", "loglikelihood", "rolling", "embed"}
        assert model.concurrency == 128
    assert first["model"] == "tiny-llama"
    assert str(llama.parent) not in json.dumps(first)
    async with open_hf(str(llama), HfOptions(device="cpu", dtype="float64", max_length=64)) as model:
        second = dict(model.identity)
    assert first["sha256"] == second["sha256"]
    assert {first["dtype"], second["dtype"]} == {"float32", "float64"}
    assert second["max_length"] == "64"


async def test_a_plugin_that_brings_weights_gives_them_its_name(llama):
    async with open_hf(str(llama), HfOptions(device="cpu"), backend="mine", model="small") as model:
        assert (model.identity["backend"], model.identity["model"]) == ("mine", "small")
        assert len(model.identity["sha256"]) == 64


async def test_other_weights_have_another_identity(llama, tmp_path):
    import shutil

    from harness_backends.hf.identity import folder_hash

    copy = tmp_path / "copy"
    shutil.copytree(llama, copy)
    assert folder_hash(copy) == folder_hash(llama)
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert folder_hash(copy) != folder_hash(llama)


def test_hashes_of_large_files_are_remembered_until_the_file_changes(tmp_path, monkeypatch):
    from harness_backends.hf import identity

    monkeypatch.setattr(identity, "LARGE", 4)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "a.safetensors").write_bytes(b"0123456789")
    first = identity.folder_hash(folder)
    assert identity.cache_file().is_file()
    monkeypatch.setattr(identity, "file_hash", None)
    assert identity.folder_hash(folder) == first
    monkeypatch.undo()
    (folder / "a.safetensors").write_bytes(b"0123456789!")
    assert identity.folder_hash(folder) != first


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("", {}, "which model"),
        ("./no/such/folder", {}, "no folder"),
        ("FOLDER", {}, "no config.json"),
        ("MODEL", {"dtype": "int8"}, "no dtype 'int8'"),
        ("MODEL", {"device": "abacus"}, "no device 'abacus'"),
        ("MODEL", {"chat_template": "none.jinja"}, "none.jinja"),
    ],
)
async def test_what_cannot_be_opened_is_one_line_that_says_what_to_do(llama, tmp_path, name, options, words):
    name = {"FOLDER": str(tmp_path), "MODEL": str(llama)}.get(name, name)
    with pytest.raises(BackendError, match=words) as caught:
        async with open_hf(name, HfOptions(**options)):
            pass
    assert "\n" not in str(caught.value)


async def test_a_repository_that_cannot_be_had_is_one_line_that_says_what_to_do(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(BackendError, match="hub repository that this machine can reach") as caught:
        async with open_hf("nobody/nothing", HfOptions(device="cpu")):
            pass
    assert "\n" not in str(caught.value)


async def test_closing_ends_a_long_generation_at_its_next_token(llama):
    async with open_hf(str(llama), HfOptions(device="cpu", max_length=100_000)) as model:
        long = asyncio.create_task(model.generate(plain("Paris", max_tokens=90_000, extra={"suppress_tokens": [1]})))
        await asyncio.sleep(0.3)
        assert not long.done()
    with pytest.raises(BackendError, match="closed"):
        await long
