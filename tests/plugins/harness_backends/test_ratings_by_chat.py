"""The evaluation `ratings` over a real HTTP server: by drawn answers, and by the likeliest first tokens."""

from __future__ import annotations

import math
import re

import pytest

from harness import Plan
from harness.registry import load_registry
from harness.run import run


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def said(text, tops=None):
    logprobs = {"content": [{"top_logprobs": [{"token": t, "logprob": math.log(p)} for t, p in (tops or {}).items()]}]}
    return {
        "choices": [
            {"message": {"content": text}, "finish_reason": "stop", "logprobs": logprobs if tops is not None else None}
        ]
    }


def judged(content: str) -> float:
    """Return the probability of yes that a model sure of 4 stars gives, whatever it is asked."""
    label = int(re.findall(r"(?:above|at most) (\d)\?", content)[-1])
    return float(label >= 4 if "at most" in content.rpartition("no")[2] else label < 4)


async def rated(server, tmp_path, **options):
    plan = Plan(
        tasks=("demo_reviews",),
        evaluation="ratings",
        model="openai:m",
        model_option={"base_url": server.url, "backoff": 0.01, **options},
        limit=2,
        output=str(tmp_path),
    )
    return await run(plan, load_registry().checked())


async def test_a_chat_without_probabilities_is_read_from_drawn_answers(loopback, reply, tmp_path):
    def answer(_, seen):
        content = seen["body"]["messages"][-1]["content"]
        if "yes or no" not in content:
            return reply(said("I would say: 4 stars."))
        return reply(said("Yes." if judged(content) else "No."))

    server = await loopback(answer)
    end = await rated(server, tmp_path)
    assert end.funnel["rated"] == 2
    for record in end.records:
        ways = {trial.arm: trial.score.values["exceedance"] for trial in record.trials}
        assert list(ways) == ["generated", "threshold_raw", "threshold", "up_chain", "down_chain", "both_chains"]
        assert ways["generated"] == [1.0, 1.0, 1.0, 0.0]
        assert ways["threshold"] == pytest.approx([0.9, 0.9, 0.9, 0.1])  # (8 + 1) / (8 + 2): Laplace
        assert sum(above > 0.5 for above in ways["both_chains"]) == 3
    drawn = [one["body"] for one in server.seen if "yes or no" in one["body"]["messages"][-1]["content"]]
    assert len(drawn) == 2 * 12 * 8
    assert {body["temperature"] for body in drawn} == {1.0}
    assert len({body["seed"] for body in drawn}) == 12 * 8


async def test_a_chat_that_tells_its_likeliest_tokens_is_read_exactly(loopback, reply, tmp_path):
    def answer(_, seen):
        content = seen["body"]["messages"][-1]["content"]
        if "logprobs" not in seen["body"]:
            return reply(said("4"))
        if "yes or no" not in content:
            return reply(said("4", {"4": 0.6, "5": 0.2, " 3": 0.1, "Hm": 0.1}))
        yes = 0.8 if judged(content) else 0.1
        return reply(said("x", {"Yes": yes, " no": 0.9 - yes, "I": 0.1}))

    server = await loopback(answer)
    end = await rated(server, tmp_path, top_logprobs=5)
    record = next(iter(end.records))
    ways = {trial.arm: trial.score.values for trial in record.trials}
    assert ways["labels"]["exceedance"] == pytest.approx([1.0, 1.0, 0.8 / 0.9, 0.2 / 0.9])
    assert ways["labels"]["mass"] == pytest.approx(0.9)
    assert ways["threshold"]["exceedance"] == pytest.approx([8 / 9] * 3 + [1 / 9])
    assert ways["up_chain"]["exceedance"] == pytest.approx([8 / 9, (8 / 9) ** 2, (8 / 9) ** 3, (8 / 9) ** 3 / 9])
    assert ways["generated"]["exceedance"] == [1.0, 1.0, 1.0, 0.0]
