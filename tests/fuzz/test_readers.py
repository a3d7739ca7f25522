"""Every parser of outside files, given anything: an answer or a clear error, never a crash.

Hypothesis keeps what failed in `.hypothesis`; what once failed stands below as an example for good.
"""

import json
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness import Doc, Estimate, HarnessError, Response, StoreError
from harness.cli.flags import from_file
from harness.ledger import Records, read_results
from harness.seal import seal_of
from harness.store import open_store

BOUNDED = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def mutated(text):
    """Bytes near to valid ones: cut, doubled, or with a few of them changed."""

    def change(pieces):
        at, length, new, keep = pieces
        content = text.encode()
        at %= len(content)
        return (content[:at] + new + content[at + length :])[: keep or None]

    return st.tuples(st.integers(0, 1 << 16), st.integers(0, 30), st.binary(max_size=12), st.integers(0, 4000)).map(
        change
    )


TASK = """task: fuzzed
dataset_path: json
dataset_kwargs: {data_files: {test: rows.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
filter_list: [{name: strict, filter: [{function: regex, regex_pattern: "#### (-?[0-9]+)"}, {function: take_first}]}]
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
CONSTRAINTS = (Path(__file__).parents[2] / "constraints" / "case.yaml").read_text()
RECORD = '{"schema":2,"doc":"t/0","task":"t","index":0,"trials":[],"guards":{}}\n'


@settings(BOUNDED, max_examples=50)
@given(content=st.binary(max_size=200) | mutated(TASK) | PLAIN.map(lambda value: yaml.safe_dump(value).encode()))
@example(content=b"task: fuzzed\ninclude: fuzzed.yaml\n")
@example(content=b"task: [fuzzed]\n")
@example(content=b"task: fuzzed\ndoc_to_text: !function os.getcwd\n")
@example(content=b"a: &a [*a, *a]\ntask: fuzzed\n")
def test_task_files(tmp_path, content):
    from harness import TaskSettings
    from harness_lm_eval.source import LmEvalSource

    (tmp_path / "rows.jsonl").write_text('{"question": "1+1?", "answer": "2"}\n')
    path = tmp_path / "fuzzed.yaml"
    path.write_bytes(content)
    try:
        source = LmEvalSource()
        for name in source.find(str(path), TaskSettings()):
            task = source.open(name, TaskSettings(), None, "")
            task.requests(next(iter(task.docs())))
    except HarnessError as error:
        assert str(error)


@BOUNDED
@given(content=st.binary(max_size=200) | mutated(CONSTRAINTS) | PLAIN.map(lambda value: yaml.safe_dump(value).encode()))
@example(content=b"family: x\ntypes: [1]\n")
@example(content=b"family: x\ntypes: [{name: &a a, <<: *a}]\n")
def test_constraint_files(tmp_path, content):
    from harness_constraints.catalogue import load

    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    try:
        load(path)
    except HarnessError as error:
        assert "x.yaml" in str(error)


@BOUNDED
@given(content=st.binary(max_size=300) | mutated(RECORD * 3))
def test_records(tmp_path, content):
    (tmp_path / "records.jsonl").write_bytes(content)
    try:
        list(Records(tmp_path / "records.jsonl"))
    except StoreError as error:
        assert "records.jsonl" in str(error)


@BOUNDED
@given(content=st.binary(max_size=300) | PLAIN.map(lambda value: json.dumps(value).encode()))
@example(content=b'{"schema": "x", "funnel": 1, "reasons": 1, "estimates": 1}')
def test_results_and_sums(tmp_path, content):
    for read, name in ((read_results, "results.json"), (seal_of, "SHA256SUMS")):
        (tmp_path / name).write_bytes(content)
        try:
            read(tmp_path)
        except StoreError as error:
            assert name in str(error)


@settings(BOUNDED, max_examples=30)
@given(content=st.binary(max_size=300) | st.binary(max_size=300).map(lambda more: b"SQLite format 3\0" + more))
def test_stores(tmp_path, content):
    for old in tmp_path.glob("store*"):
        old.unlink()
    (tmp_path / "store.db").write_bytes(content)
    try:
        with open_store(tmp_path / "store.db") as store:
            assert store.get(b"x") is None
    except StoreError as error:
        assert "store.db" in str(error)


@BOUNDED
@given(content=st.binary(max_size=200) | PLAIN.map(lambda value: yaml.safe_dump(value).encode()))
def test_config_files(tmp_path, content):
    (tmp_path / "run.yaml").write_bytes(content)
    try:
        from_file(tmp_path / "run.yaml")
    except HarnessError as error:
        assert "run.yaml" in str(error)


@BOUNDED
@given(content=st.binary(max_size=300) | PLAIN.map(lambda value: json.dumps(value).encode()))
def test_recorded_answers(tmp_path, content):
    from harness_backends.replay.options import ReplayOptions
    from harness_backends.replay.recordings import opened, rows
    from harness_backends.replay.rows import Unreadable, entries

    path = tmp_path / "samples.jsonl"
    path.write_bytes(content)
    file, _ = opened(path)
    with file:
        try:
            for _, _, row in rows(file, path):
                list(entries(row, ReplayOptions(), "question"))
        except (HarnessError, Unreadable) as error:
            assert str(error)


@BOUNDED
@given(text=st.text(max_size=400))
@example(text="<think>" * 50)
@example(text="```python\n" * 50)
@example(text="\\boxed{" * 100)
@example(text="#### " * 100 + "9" * 300)
def test_answers_are_read_whatever_they_are(text):
    from harness_suites.grading import latex, numeric, programs, qa

    assert latex.boxed(text) is None or isinstance(latex.boxed(text), str)
    assert isinstance(numeric.numbers(text), list)
    numeric.stated(text)
    numeric.marked(text, ("####", "Answer:"))
    assert isinstance(qa.stated(text), str)
    assert 0 <= qa.f1(text, "gold") <= 1
    qa.exact(text, ["gold", text])
    found = programs.found(text, "solve")
    assert isinstance(found, str)
    programs.defines(found, "solve")
    programs.with_imports(found)


REPLY = {
    "choices": [
        {"message": {"content": "It is 4.", "reasoning_content": ""}, "finish_reason": "stop", "logprobs": None}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4},
}


RESPONSE = {
    "status": "completed",
    "incomplete_details": None,
    "output": [{"type": "message", "summary": [], "content": [{"type": "output_text", "text": "It is 4."}]}],
    "usage": {"input_tokens": 3, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 1}},
}
MESSAGE = {
    "content": [{"type": "thinking", "thinking": "2+2"}, {"type": "text", "text": "It is 4."}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 4, "cache_read_input_tokens": 1},
}


def places(value, here=()):
    """The path of every part of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*here, key)
        yield from places(part, (*here, key))


def replaced(answer, value):
    """A server's answer with anything in place of one of its parts."""
    for path in places(answer):
        reply = json.loads(json.dumps(answer))
        here = reply
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = value
        yield reply


@BOUNDED
@given(value=PLAIN)
@example(value=2**64 - 3)
def test_api_answers(value):
    """What a server says may be any JSON; it is an answer or a failed request."""
    from harness import Message, Prompt, Request
    from harness_backends.anthropic.wire import answer as message
    from harness_backends.http.faults import Malformed
    from harness_backends.openai.responses import alternatives
    from harness_backends.openai.responses import answer as response
    from harness_backends.openai.wire import answer, likelihood

    asked = Prompt(messages=(Message(role="user", content="2+2?"),))
    for whole, reader in (
        (REPLY, answer),
        (REPLY, likelihood),
        (RESPONSE, response),
        (RESPONSE, alternatives),
        (MESSAGE, message),
    ):
        for reply in (value, *replaced(whole, value)):
            try:
                found = reader(reply, Request(kind="generate", prompt=asked, continuation=" 4"))
            except (HarnessError, Malformed) as error:
                assert str(error)
            else:
                assert isinstance(found.text, str)
                msgspec.msgpack.encode(found)  # what the store must hold


def test_the_fuzzed_readers_read_what_is_right(tmp_path):
    """Or all of the above would pass with readers that refuse everything."""
    (tmp_path / "records.jsonl").write_text(RECORD)
    assert [record.doc for record in Records(tmp_path / "records.jsonl")] == ["t/0"]
    from harness_constraints.catalogue import load

    (tmp_path / "x.yaml").write_text(CONSTRAINTS)
    assert load(tmp_path / "x.yaml")
    from harness import Message, Prompt, Request
    from harness_backends.anthropic.wire import answer as message
    from harness_backends.openai.responses import answer as response
    from harness_backends.openai.wire import answer

    asked = Prompt(messages=(Message(role="user", content="2+2?"),))
    assert answer(REPLY, Request(kind="generate", prompt=asked)).text == "It is 4."
    assert response(RESPONSE, Request(kind="generate", prompt=asked)).text == "It is 4."
    assert message(MESSAGE, Request(kind="generate", prompt=asked)).final == "\n\nIt is 4."
    assert msgspec.json.decode(msgspec.json.encode(Response(text="x")), type=Response).text == "x"
    assert Doc(id="t/0", task="t", index=0, fields={}).id
    assert Estimate(metric="m", value=None, n=0).value is None
    with pytest.raises(StoreError):
        read_results(tmp_path)
