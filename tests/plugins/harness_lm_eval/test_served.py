"""Our backends as a model of lm-eval: its own evaluator gives the figures that ours gives."""

import http.server
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from harness import HarnessError, Message, Plan, RequestFailed, TaskSettings
from harness.registry import load_registry
from harness.run import run
from harness_lm_eval.__main__ import register
from harness_lm_eval.engine import prepare
from harness_lm_eval.served import CHAT, HarnessLM, prompt_from

YAML = r"""
task: served_sums
dataset_path: json
dataset_kwargs: {data_files: FILES}
test_split: test
output_type: OUTPUT
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: TARGET
metric_list: [{metric: METRIC, aggregation: mean, higher_is_better: true}]
"""
GENERATED = r"""
generation_kwargs: {until: ["\n\nQuestion:", "<|end|>"], do_sample: false, max_gen_toks: 60}
filter_list: [{name: last, filter: [{function: regex, group_select: -1, regex_pattern: '(-?[0-9]+)'}, {function: take_first}]}]
"""
CHOSEN = '\ndoc_to_choice: ["{{answer}}", "many", "{{answer}}9"]\n'


@pytest.fixture(params=["generate_until", "multiple_choice"])
def task(request, tmp_path):
    rows = [
        {"question": f"Tom has {n} apples and buys {n + 1} more. How many has he?", "answer": str(2 * n + 1)}
        for n in range(6)
    ]
    (tmp_path / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    generated = request.param == "generate_until"
    text = YAML.replace("FILES", json.dumps({"test": str(tmp_path / "test.jsonl")})).replace("OUTPUT", request.param)
    text = text.replace("TARGET", '"{{answer}}"' if generated else "0").replace(
        "METRIC", "exact_match" if generated else "acc"
    )
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "served_sums.yaml").write_text(text + (GENERATED if generated else CHOSEN))
    return tmp_path


def figures(results):
    return {key: value for key, value in results.items() if "," in key and "stderr" not in key}


def test_lm_evals_evaluator_gives_our_figures(task):
    import asyncio

    prepare()
    register()
    import lm_eval
    from lm_eval.tasks import TaskManager

    theirs = lm_eval.simple_evaluate(
        model="harness",
        model_args="backend=tiny",
        batch_size=1,
        tasks=["served_sums"],
        task_manager=TaskManager(include_path=[str(task / "tasks")], include_defaults=False),
        bootstrap_iters=0,
    )
    plan = Plan(
        tasks=("served_sums",),
        evaluation="accuracy",
        settings=TaskSettings(include_path=(str(task / "tasks"),)),
        output=str(task / "runs"),
    )
    end = asyncio.run(run(plan, load_registry()))
    ours = {one.metric: one.value for one in end.estimates}
    assert figures(theirs["results"]["served_sums"]) == pytest.approx(ours)
    assert ours
    assert theirs["config"]["harness_backend"] == "tiny"
    said = [sample["resps"][0][0] for sample in theirs["samples"]["served_sums"]]
    recorded = [record.trials[0].responses[0] for record in end.records]
    if isinstance(said[0], str):
        assert said == [response.text for response in recorded]
    else:
        assert [pair[0] for pair in said] == pytest.approx([response.logprob for response in recorded], abs=1e-4)


def test_lm_evals_command_line_knows_it_beside_its_own():
    code = (
        "from harness_lm_eval.__main__ import register; register(); from lm_eval.api.registry import get_model;"
        "print(get_model('harness').__name__, get_model('dummy').__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["HarnessLM", "DummyLM"]


def test_a_conversation_comes_through_whole():
    turns = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "So"},
    ]
    shown = HarnessLM.apply_chat_template(None, turns[:2])
    assert shown.startswith(CHAT)
    prompt = prompt_from(shown)
    assert prompt.chat
    assert prompt.messages == (Message(role="system", content="s"), Message(role="user", content="q"))
    begun = prompt_from(HarnessLM.apply_chat_template(None, turns, add_generation_prompt=False))
    assert (begun.prefix, len(begun.messages)) == ("So", 2)


def test_repeats_are_draws_of_their_own_and_what_fails_is_an_error():
    from lm_eval.api.instance import Instance

    model = HarnessLM("tiny", concurrency=4, seed=3)
    try:
        settings = {"until": ["<|end|>"], "do_sample": True, "temperature": 1.0, "max_gen_toks": 24}
        same = [
            Instance(
                request_type="generate_until", doc={}, arguments=("Question: Tom has 3 pens.\nAnswer:", settings), idx=0
            )
            for _ in range(6)
        ]
        first, again = model.generate_until(same), model.generate_until(same)
        assert first == again
        assert len(set(first)) > 1
    finally:
        model.close()
        model.close()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "harness"]


@pytest.mark.parametrize(
    ("backend", "options"), [("openai:m", {"base_url": "no address"}), ("openai", {}), ("tiny", {"no": 1})]
)
def test_a_backend_that_cannot_be_opened_leaves_no_thread_behind(backend, options):
    before = threads()
    with pytest.raises(HarnessError):
        HarnessLM(backend, **options)
    assert threads() == before


@contextmanager
def serving(asked, answered, released):
    """A server that refuses the question "bad" at once, and every other once it is released."""

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
            asked.append(text)
            if text != "bad":
                released.wait(30)
            answered.append(text)
            data = json.dumps({"error": {"message": "no"}}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

        def handle(self):
            with suppress(ConnectionError):  # whoever asked has gone
                super().handle()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_after_one_request_has_failed_no_other_is_sent():
    from lm_eval.api.instance import Instance

    asked: list[str] = []
    answered: list[str] = []
    released = threading.Event()
    texts = ["slow", "bad", *(f"later {number}" for number in range(20))]
    requests = [
        Instance(request_type="generate_until", doc={}, arguments=(text, {"max_gen_toks": 4}), idx=0) for text in texts
    ]
    with serving(asked, answered, released) as url:
        model = HarnessLM("openai:m", concurrency=2, base_url=url)
        try:
            with pytest.raises(RequestFailed, match="refuses this request"):
                model.generate_until(requests)
            assert answered == ["bad"], "the slow one was waited for"
            time.sleep(0.7)  # in which another could be sent
        finally:
            released.set()
            model.close()
    assert sorted(asked) == ["bad", "slow"]
