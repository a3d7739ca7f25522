"""Attention pushed while an answer is made changes what depends on it, and nothing is remembered in the run."""

import asyncio
import json
from dataclasses import replace

import msgspec
import pytest
import torch

from harness import Estimate, HarnessError, Message, Prompt, Request, Sampling
from harness.cli import main
from harness_attention.blocks import Push
from harness_attention.doses import dose_estimates, dose_table
from harness_attention.interface import Pushing, attending
from harness_attention.pushing import Pushed, Wanted
from harness_backends import HfOptions, engine_of, plain_answers
from harness_tiny import open_tiny

INF = float("-inf")


def answer(doc, arm, dose, right, complied=None):
    return Pushed(doc=doc, task="t", cluster=doc, arm=arm, dose=dose, right=right, complied=complied)


def test_a_dose_that_hurts_only_through_the_constraint_is_found():
    doses = (INF, -1.0, 0.0, 1.0)
    harm = {INF: 0.9, -1.0: 0.8, 0.0: 0.6, 1.0: 0.3}
    answers = [
        answer(f"d{n}", arm, dose, harm[dose] + n / 100 if arm == "constrained" else 0.7, 1.0)
        for n in range(8)
        for arm in ("constrained", "placebo")
        for dose in doses
    ]
    answers.append(answer("half", "constrained", 0.0, 0.0))  # asked in one arm at one dose: it cannot be compared
    found = {(one.labels["span"], one.labels["push"], one.metric): one for one in dose_estimates(answers)}
    assert found["constraint", "+1", "change"].value == pytest.approx(-0.3)
    assert found["constraint", "+1", "change"].p == pytest.approx(2 / 2**8)
    assert found["placebo", "+1", "change"].value == 0.0
    assert found["constraint - placebo", "-inf", "change"].value == pytest.approx(0.3)
    assert found["constraint - placebo", "per unit", "slope"].value == pytest.approx(-0.25)
    assert {one.n for one in found.values()} == {8}
    assert len(dose_table(tuple(found.values())).rows) == len({key[:2] for key in found})


@pytest.mark.parametrize(("doses", "draws"), [((-1.0, 1.0), 4), ((0.0,), 4), ((0.0, 0.0, 1.0), 4), ((0.0, 1.0), 0)])
def test_doses_that_cannot_be_compared_are_refused(doses, draws):
    with pytest.raises(HarnessError, match="--push"):
        Wanted(doses=doses, draws=draws)


def test_the_embedded_model_is_pushed_from_the_command_line(tmp_path, monkeypatch, capsys):
    def harness(*words):
        monkeypatch.setattr("sys.argv", ["harness", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr()

    words = ["--tasks", "demo_words", "--constraint-type", "format", "--limit", "2", "--model-option", "device=cpu"]
    status, told = harness("run", *words, "--option", "draws=2", "--output", tmp_path)
    assert status == 0, told.err
    run = next(tmp_path.glob("*/results.json")).parent
    store = (tmp_path / "store.db").read_bytes()
    status, told = harness("attention", run, "--push=-inf,0", "--push-draws", "2")
    assert status == 0, told.err
    assert "Attention pushed" in told.out
    found = json.loads((run / "attention" / "attention.json").read_text())["doses"]
    shares = [one for one in msgspec.convert(found, list[Estimate]) if one.metric in {"right", "complied"}]
    assert len(shares) == 6
    assert all(0 <= one.value <= 1 and one.n == 2 for one in shares)
    assert (run / "attention" / "pictures" / "push.svg").is_file()
    assert (tmp_path / "store.db").read_bytes() == store
    status, told = harness("attention", run, "--push=1,much")
    assert status == 2
    assert "numbers with commas" in told.err


def test_a_push_reaches_the_answers_and_leaves_nothing_behind():
    """The engine computes common beginnings once and keeps them: a pushed answer must not go that way."""
    question = "Question: One of the beads costs 9 dollars. Tina has 31 dollars and buys 3. How many dollars are left?"
    rule = "\n\nConstraint: Use bullet points."
    prompt = Prompt(messages=(Message(role="user", content=f"{question}{rule}\nAnswer:"),))
    request = Request(kind="generate", prompt=prompt, sampling=Sampling(max_tokens=60), draw="push/0")
    drawn = replace(request, sampling=Sampling(max_tokens=60, temperature=1.0), seed=3)

    async def answers():
        async with open_tiny("", HfOptions(device="cpu")) as model:
            engine = engine_of(model)
            start, end, last = (len(engine.text.encoded(text)) for text in (question, question + rule, prompt.text))

            def pushed(beta, asked):
                push = Push(columns=torch.arange(start, end), beta=beta, first=last - 1)
                with attending(engine.model, Pushing(push=push)):
                    return plain_answers(model, [asked])[0].text

            before = [(await model.generate(asked)).text for asked in (request, drawn)]
            still = [pushed(0.0, asked) for asked in (request, drawn)]
            away, towards = pushed(INF, request), pushed(6.0, request)
            after = [(await model.generate(asked)).text for asked in (request, drawn)]
            return before, still, away, towards, after

    before, still, away, towards, after = asyncio.run(answers())
    assert before == still == after
    assert len({before[0], away, towards}) > 1
