"""lm-eval's model classes as backends: the answers they give lm-eval, one request at a time."""

import asyncio
import json

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling, UnknownName
from harness.testing import check_backend
from harness_lm_eval.backend import BACKEND, NO_CONTENT, LmEvalOptions, open_model, response
from harness_lm_eval.engine import prepare

QUESTION = Prompt(messages=(Message(role="user", content="Q: 1+1?\nA:"),))
SECRET = "sk-1234567890"


@pytest.fixture(scope="module", autouse=True)
def echo():
    """Register a model class that says what it was given."""
    prepare()
    from lm_eval.api.model import LM
    from lm_eval.api.registry import model_registry, register_model

    if "echo-test" in model_registry:
        return

    @register_model("echo-test")
    class Echo(LM):
        def __init__(self, greeting="hello", batch_size=1, max_batch_size=None, device=None, api_key=""):
            super().__init__()
            self.greeting, self.calls = greeting, []

        def generate_until(self, requests, disable_tqdm=False):
            self.calls.append(len(requests))
            return [json.dumps([self.greeting, *request.args]) for request in requests]

        def loglikelihood(self, requests, disable_tqdm=False):
            return [(-float(len(request.args[0])), request.args[1] == " 2") for request in requests]

        def loglikelihood_rolling(self, requests, disable_tqdm=False):
            raise NotImplementedError("no rolling here")  # what the test is about

        def apply_chat_template(self, history, add_generation_prompt=True):
            return "|".join(f"{turn['role']}:{turn['content']}" for turn in history) + (
                "|>" if add_generation_prompt else ""
            )

    @register_model("rolling-test")
    class Rolling(Echo):
        def loglikelihood_rolling(self, requests, disable_tqdm=False):
            return [-float(len(request.args[0])) for request in requests]


def asked(*requests, args="", name="echo-test"):
    async def ask():
        async with open_model(name, LmEvalOptions(model_args=args)) as model:
            methods = {"generate": model.generate, "loglikelihood": model.loglikelihood, "rolling": model.loglikelihood}
            answers = [methods[request.kind](request) for request in requests]
            return model, await asyncio.gather(*answers)

    return asyncio.run(ask())


def test_it_keeps_the_contract():
    asyncio.run(check_backend(BACKEND, "rolling-test"))


def test_lm_evals_arguments():
    sampling = Sampling(max_tokens=9, temperature=0.5, top_p=0.9, stop=("Q:",), extra={"num_beams": 2})
    _, (answer,) = asked(Request(kind="generate", prompt=QUESTION, sampling=sampling), args="greeting=hi")
    greeting, context, settings = json.loads(answer.text)
    assert (greeting, context) == ("hi", "Q: 1+1?\nA:")
    assert settings == {
        "until": ["Q:"],
        "max_gen_toks": 9,
        "temperature": 0.5,
        "do_sample": True,
        "top_p": 0.9,
        "num_beams": 2,
    }


@pytest.mark.parametrize(("prefix", "shown"), [("", "system:s|user:q|>"), ("So", "system:s|user:q|assistant:So")])
def test_a_conversation_goes_through_the_models_template(prefix, shown):
    turns = (Message(role="system", content="s"), Message(role="user", content="q"))
    _, (answer,) = asked(Request(kind="generate", prompt=Prompt(messages=turns, chat=True, prefix=prefix)))
    assert json.loads(answer.text)[1] == shown


def test_log_likelihoods_and_generations_at_once():
    weighed = [Request(kind="loglikelihood", prompt=QUESTION, continuation=text) for text in (" 2", " 3")]
    _, (first, second, text) = asked(*weighed, Request(kind="generate", prompt=QUESTION))
    assert (first.logprob, first.greedy, second.greedy) == (-10.0, True, False)
    assert text.text


def test_what_a_class_cannot_do_is_said():
    with pytest.raises(BackendError, match="model echo-test cannot do rolling: no rolling here"):
        asked(Request(kind="rolling", prompt=QUESTION))


def test_secrets_stay_out_of_the_identity():
    model, _ = asked(args=f"greeting=hi,api_key={SECRET}")
    other, _ = asked(args="greeting=hi,api_key=another")
    third, _ = asked(args=f"greeting=ho,api_key={SECRET}")
    assert model.identity == other.identity != third.identity
    assert SECRET not in json.dumps(dict(model.identity))


def test_no_content_is_a_failure_and_no_empty_answer():
    assert isinstance(response("generate", NO_CONTENT), RequestFailed)
    assert isinstance(response("generate", None), RequestFailed)
    assert response("generate", "").text == ""


def test_unknown_classes_and_bad_arguments():
    with pytest.raises(UnknownName, match=r"no model class of lm-eval named 'hff'; did you mean hf"):
        asked(name="hff")
    with pytest.raises(BackendError, match=r"model echo-test: .*nonsense.*model_args"):
        asked(args="nonsense=1")


def test_other_classes_are_still_there():
    from lm_eval.api.registry import model_registry

    assert {"hf", "vllm", "local-chat-completions", "dummy"} <= set(model_registry.keys())


def test_lm_evals_hf_answers_as_it_does_for_lm_eval(tmp_path, write_task):
    """A tiny model of random weights, asked through our requests and through lm-eval's own evaluator."""
    tokenizers = pytest.importorskip("tokenizers")
    torch = pytest.importorskip("torch")
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    letters = [chr(code) for code in range(32, 127)] + ["\n", "<end>"]
    model = tokenizers.models.WordLevel({letter: place for place, letter in enumerate(letters)}, unk_token="<end>")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    tokenizer.decoder = tokenizers.decoders.Fuse()
    folder = tmp_path / "model"
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", unk_token="<end>").save_pretrained(folder)
    torch.manual_seed(0)
    config = GPT2Config(vocab_size=len(letters), n_positions=256, n_embd=16, n_layer=1, n_head=2, eos_token_id=96)
    GPT2LMHeadModel(config).save_pretrained(folder)
    yaml = (
        "output_type: multiple_choice\ntest_split: test\ndoc_to_text: '{{q}}'\ndoc_to_target: 0\n"
        "doc_to_choice: '{{c}}'\nmetric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]\n"
    )
    rows = [{"q": f"Is {k} odd?", "c": ["yes", "no", str(k)]} for k in range(6)]
    settings = write_task("tiny_choice", yaml, rows)
    import lm_eval
    from lm_eval.tasks import TaskManager

    from harness_lm_eval.source import LmEvalSource

    args = f"pretrained={folder},device=cpu"
    told = lm_eval.simple_evaluate(
        model="hf",
        model_args=args,
        tasks=["tiny_choice"],
        batch_size=4,
        task_manager=TaskManager(include_defaults=False, include_path=list(settings.include_path)),
    )
    task = LmEvalSource().open("tiny_choice", settings, None, "")
    requests = [request for doc in task.docs() for request in task.requests(doc)]
    model, answers = asked(*requests, args=args, name="hf")
    expected = [found for sample in told["samples"]["tiny_choice"] for found in sample["filtered_resps"]]
    assert [answer.logprob for answer in answers] == pytest.approx([logprob for logprob, _ in expected], abs=1e-5)
    assert [answer.greedy for answer in answers] == [greedy for _, greedy in expected]
    assert model.identity["dtype"] == "torch.float32"


def test_an_engine_that_is_not_installed_is_named():
    with pytest.raises(BackendError, match=r"model vllm: .*vllm.*pip install 'lm_eval\[vllm\]'"):
        asked(Request(kind="generate", prompt=QUESTION), name="vllm", args="pretrained=none")


def test_a_class_that_knows_of_no_progress_bar_is_called_without():
    from harness_lm_eval.backend import quietly

    assert quietly(lambda requests: requests[::-1], [1, 2]) == [2, 1]
    assert quietly(lambda requests, **more: more, []) == {"disable_tqdm": True}
