"""Recorded answers are found by what was asked, never by their order; what is missing is an error with a name."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from harness import BackendError, Message, Prompt, Request, RequestFailed, Sampling
from harness_backends import ReplayOptions, open_replay

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def request(text, *, draw="base/0/0", chat=False, system="", prefix="", kind="generate", continuation="", stop=()):
    messages = (Message(role="user", content=text),)
    if system:
        messages = (Message(role="system", content=system), *messages)
    return Request(
        kind=kind,
        prompt=Prompt(messages=messages, chat=chat, prefix=prefix),
        continuation=continuation,
        draw=draw,
        sampling=Sampling(stop=stop),
    )


def written(path: Path, rows) -> str:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return str(path)


@pytest.fixture
def record(tmp_path):
    return lambda rows, name="rows.jsonl": written(tmp_path / name, rows)


async def ask(name, *requests, **options):
    async with open_replay(name, ReplayOptions(**options)) as model:
        answers = []
        for one in requests:
            try:
                answer = await (model.generate(one) if one.kind == "generate" else model.loglikelihood(one))
            except RequestFailed as error:
                answers.append(str(error))
            else:
                answers.append(answer.text if one.kind == "generate" else (answer.logprob, answer.greedy))
        return answers


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
async def test_a_prompt_gets_the_answer_that_was_recorded_for_it(record, name):
    file = record([{"prompt": f"Q{n}", "text": f"A{n}"} for n in range(50)], name)
    wanted = [request(f"Q{n}") for n in (7, 49, 0)]
    assert await ask(file, *wanted) == ["A7", "A49", "A0"]
    (missing,) = await ask(file, request("Q77"))
    assert missing == "replay: no recorded answer for 'Q77'"


async def test_conversations_are_told_from_texts(record):
    turns = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]
    rows = [
        {"messages": turns, "response": "chat"},
        {"prompt": [*turns, {"role": "assistant", "content": "So"}], "response": "begun"},
        {"prompt": "SQ", "response": "text"},
        {"prompt": "alone", "response": "one message"},
    ]
    wanted = [
        request("Q", system="S", chat=True),
        request("Q", system="S", chat=True, prefix="So"),
        request("Q", system="S"),
        request("alone", chat=True),
    ]
    assert await ask(record(rows), *wanted) == ["chat", "begun", "text", "one message"]


async def test_draws_are_those_recorded_and_no_more(record):
    file = record([{"prompt": "Q", "responses": ["a", "b"]}, {"prompt": "Q", "text": "c"}])
    answers = await ask(file, *(request("Q", draw=f"base/{n}/0") for n in range(4)))
    assert answers[:3] == ["a", "b", "c"]
    assert "draw 'base/3/0'" in answers[3]
    repeats = await ask(file, *(request("Q", draw=f"base/0/{n}") for n in range(2)))
    assert repeats == ["a", "b"]
    again = await ask(file, *(request("Q", draw=f"base/{n}/0") for n in range(4)), repeat_draws=True)
    assert again == ["a", "b", "c", "a"]


async def test_another_arm_gets_no_answer_that_was_given_to_the_base_prompt(record):
    file = record([{"prompt": "Q", "responses": ["a", "b", "c"]}])
    (refused,) = await ask(file, request("Q", draw="repeat/0/0"))
    assert "arm 'repeat'" in refused
    wanted = [request("Q", draw=draw) for draw in ("base/0/0", "base/1/0", "repeat/0/0", "repeat/1/0", "base/2/0")]
    split = await ask(file, *wanted, arms={"base": 0, "repeat": 2})
    assert split[:3] == ["a", "b", "c"]
    assert "not recorded" in split[3]
    assert "not recorded" in split[4]


async def test_a_row_that_names_its_draw_is_served_to_that_draw(record):
    rows = [
        {"prompt": "Q", "text": "second", "draw": "base/1/0"},
        {"prompt": "Q", "text": "again", "draw": "repeat/0/0"},
        {"prompt": "N", "text": "two", "draw": 1},
        {"prompt": "N", "text": "one", "draw": 0},
    ]
    file = record(rows)
    found = await ask(file, request("Q", draw="base/1/0"), request("Q", draw="repeat/0/0"), request("Q"))
    assert found[:2] == ["second", "again"]
    assert "none for draw 'base/0/0'" in found[2]
    assert await ask(file, request("N"), request("N", draw="base/1/0")) == ["one", "two"]


async def test_an_unanswered_row_is_no_empty_answer(record):
    file = record([{"prompt": "Q", "text": None}, {"prompt": "E", "text": ""}])
    missing, empty = await ask(file, request("Q"), request("E"))
    assert "no recorded answer for 'Q'" in missing
    assert empty == ""


async def test_answers_are_cut_at_stops_only_by_choice(record):
    file = record([{"prompt": "Q", "text": "one\nQ: two"}])
    assert await ask(file, request("Q", stop=("Q:",))) == ["one\nQ: two"]
    assert await ask(file, request("Q", stop=("Q:", "\n")), cut_at_stops=True) == ["one"]


async def test_questions_are_found_whatever_surrounds_them(record):
    rows = [
        {"q": {"text": "How many apples?"}, "out": "3"},
        {"q": {"text": "How many apples? And pears?"}, "out": "4"},
        {"q": {"text": " Why? "}, "out": "so"},
    ]
    settings = {"by": "question", "question_field": "q.text", "response_field": "out"}
    wanted = [
        request("Answer: How many apples?\nIn one word."),
        request("How many apples? And pears?", system="Be brief", chat=True),
        request("Q: Why?\nA:"),
        request("Q: How?"),
        request("Why? How many apples?"),
    ]
    found = await ask(record(rows), *wanted, **settings)
    assert found[:3] == ["3", "4", "so"]
    assert "no recorded question" in found[3]
    assert "2 recorded questions" in found[4]


async def test_questions_of_another_file_join_by_their_field(record):
    questions = record(
        [{"id": 1, "question": "One?"}, {"id": 2, "question": "Two?"}, {"id": 3, "question": "Two?"}], "q.jsonl"
    )
    answers = record(
        [{"id": 2, "completion": "b"}, {"id": 1, "completion": "a"}, {"id": 3, "completion": "c"}], "a.jsonl.gz"
    )
    found = await ask(answers, request("One?"), request("Two?"), by="question", join=f"{questions}:id")
    assert found[0] == "a"
    assert "several items share" in found[1]


async def test_log_likelihoods_are_replayed(record):
    rows = [
        {"prompt": "Q", "continuation": " yes", "logprob": -1.5, "greedy": True},
        {"prompt": "Q", "logprob": -7.0},
        {
            "doc_id": 0,
            "filter": "none",
            "arguments": {"gen_args_0": {"arg_0": "C", "arg_1": " a"}, "gen_args_1": {"arg_0": "C", "arg_1": " b"}},
            "resps": [[["-0.5", "True"]], [["-2.0", "False"]]],
        },
        {"doc_id": 1, "filter": "none", "arguments": {"gen_args_0": {"arg_0": "whole"}}, "resps": [["-9.25"]]},
    ]
    file = record(rows)
    weigh = {"kind": "loglikelihood"}
    found = await ask(
        file,
        request("Q", continuation=" yes", **weigh),
        request("C", continuation=" b", **weigh),
        request("C", continuation=" c", **weigh),
        request("whole", kind="rolling"),
        request("Q", kind="rolling"),
    )
    assert found == [
        (-1.5, True),
        (-2.0, False),
        "replay: no recorded answer for 'C' with the continuation ' c'",
        (-9.25, None),
        (-7.0, None),
    ]
    async with open_replay(file, ReplayOptions()) as model:
        assert model.can == {"loglikelihood", "rolling"}


async def test_the_identity_changes_with_the_content_and_not_with_the_place(record, tmp_path):
    async def names(file, **options):
        async with open_replay(file, ReplayOptions(**options)) as model:
            return dict(model.identity)

    rows = [{"prompt": "Q", "text": "a"}]
    first = await names(record(rows))
    (tmp_path / "other").mkdir()
    assert await names(written(tmp_path / "other" / "rows.jsonl", rows)) == first
    assert (await names(record([{"prompt": "Q", "text": "b"}])))["sha256"] != first["sha256"]
    assert (await names(record(rows), repeat_draws=True)) != first
    assert str(tmp_path) not in json.dumps(first)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (None, {}, "no file"),
        ("", {}, "no recorded answer"),
        ('{"prompt": "Q"', {}, "rows.jsonl, line 1 is no JSON"),
        ('{"prompt": "Q", "text": "a"}\n{"a": 1}', {}, "line 2: no prompt among the fields a: set prompt_field"),
        ('{"prompt": "Q", "b": 1}', {}, "no answer among the fields prompt, b: set response_field"),
        ('{"prompt": "Q", "text": {"a": 1}}', {}, "the answer is a dict"),
        ('{"text": "a"}', {"by": "question"}, "set question_field"),
        ('{"text": "a"}', {"by": "question", "join": "x"}, "questions.jsonl:id"),
        ('{"text": "a"}', {"join": "x.jsonl:id"}, "by=question"),
        ("[1, 2]", {}, "no object"),
        ('{"arguments": {}, "resps": [["a"]]}', {}, "line 1"),
    ],
)
async def test_what_is_no_recording_is_told_with_its_line_and_what_to_do(tmp_path, text, options, words):
    file = tmp_path / "rows.jsonl"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BackendError, match=re.escape(words)):
        async with open_replay(str(file), ReplayOptions(**options)):
            pass


def shared(name: str) -> Path:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"the recorded outputs {name} are not here")
    return folder


@pytest.mark.parametrize("run", ["gpt-3.5-turbo__COT", "gpt-3.5-turbo__standard"])
async def test_lm_evals_own_sample_logs_are_replayed_by_prompt_and_by_question(run):
    folder = shared("lmeval_samples_replayed") / run
    (log,) = folder.glob("samples_*.jsonl")
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    prompts = [row["arguments"]["gen_args_0"]["arg_0"] for row in rows]
    expected = [row["resps"][0][0] for row in rows]
    assert await ask(str(folder), *map(request, prompts)) == expected
    asked = [request(f"Be brief.\n\n{row['doc']['question']}", chat=True) for row in rows]
    assert await ask(str(folder), *asked, by="question") == expected
    (one,) = await ask(str(folder), request(prompts[0] + " "))
    assert "no recorded answer" in one


async def test_completions_of_another_repository_join_to_their_questions():
    folder = shared("faithful_cot_gsm8k")
    gold = [json.loads(line) for line in (folder / "gold_test.jsonl").read_text().splitlines()]
    with gzip.open(folder / "gpt-3.5-turbo__COT.jsonl.gz", "rt") as file:
        completions = {row["id"]: row["completion"] for row in map(json.loads, file)}
    settings = {"by": "question", "join": f"{folder / 'gold_test.jsonl'}:id", "response_field": "completion"}
    asked = [request(f"Question: {row['question']}\nAnswer:") for row in gold]
    found = await ask(str(folder / "gpt-3.5-turbo__COT.jsonl.gz"), *asked, **settings)
    assert found == [completions[row["id"]] for row in gold]
