"""A budget is kept whatever is in flight; what does not fit is unscored and says why; a larger one goes on."""

import asyncio
import json
from dataclasses import replace

import pytest

from harness import HarnessError, Message, Prompt, Request, RequestFailed, Response, Sampling, Usage
from harness.budget import Budget, Pot
from harness.cli.show import show_run
from harness.prices import Price, price_of, read_prices
from harness.run import run
from harness.verify import verify

PRICE = Price(prompt=1e6, answer=1e6)  # a token costs one


def request(text="x" * 30, most=20):
    return Request(
        kind="generate",
        prompt=Prompt(messages=(Message(role="user", content=text),)),
        sampling=Sampling(max_tokens=most),
    )


async def spent(budget, count, usage, *, wrong=False):
    """Ask `count` times at once; return how many were answered, and the most in flight."""
    busy = most = 0

    async def ask():
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.001)
        busy -= 1
        return Response(text="", usage=usage, finish="error" if wrong else "stop")

    outcomes = await asyncio.gather(
        *(budget.spend(request(), PRICE, ask) for _ in range(count)), return_exceptions=True
    )
    failed = [one for one in outcomes if isinstance(one, Exception)]
    assert all(isinstance(one, RequestFailed) and "what is answered is kept" in str(one) for one in failed)
    return count - len(failed), most


@pytest.mark.parametrize("pots", [{"cost": Pot("--max-cost", 300.0)}, {"tokens": Pot("--max-tokens-total", 300.0)}])
async def test_a_budget_is_never_overdrawn(pots):
    budget = Budget(**pots)
    answered, most = await spent(budget, 100, Usage(prompt_tokens=8, completion_tokens=5))
    assert most == 9  # 31 are set aside for each
    (pot,) = pots.values()
    assert pot.spent == 13 * answered <= 300
    assert pot.spent + 31 > 300  # and what is left would not have done for another
    assert pot.aside == pytest.approx(0)


async def test_an_answer_that_tells_no_tokens_has_taken_all_that_was_set_aside():
    budget = Budget(tokens=Pot("--max-tokens-total", 100.0))
    assert await spent(budget, 10, Usage()) == (3, 3)
    assert budget.tokens.spent == 93


async def test_a_request_that_fails_takes_nothing():
    budget = Budget(tokens=Pot("--max-tokens-total", 100.0))
    assert (await spent(budget, 10, Usage(), wrong=True))[0] == 10
    assert budget.tokens.spent == 0


async def test_no_budget_limits_nothing():
    assert await spent(Budget(), 50, Usage()) == (50, 50)


def test_a_run_that_hits_its_budget_ends_and_a_larger_one_goes_on(world):
    plan, registry, model = world()
    plan = replace(plan, max_tokens_total=2000, concurrency=4)
    end = asyncio.run(run(plan, registry))
    told = json.loads((end.folder / "manifest.json").read_text())["requests"]
    assert 0 < told["prompt_tokens"] + told["completion_tokens"] <= 2000
    assert end.funnel["asked"] == 40
    assert 0 < end.funnel["unscored"] + end.funnel["lost"] < 40
    assert any("--max-tokens-total 2000" in why for why in end.reasons)
    asked = len(model.seen)
    end = asyncio.run(run(replace(plan, max_tokens_total=None), registry))
    assert end.funnel["solved"] == end.funnel["constrained"] == 40
    assert len(model.seen) == 3 * 40  # none of them twice
    assert asked < len(model.seen)


def test_what_each_arm_took_and_cost_is_told(world, tmp_path, capsys):
    table = tmp_path / "prices.yaml"
    table.write_text("scripted: {in: 1000000, out: 2000000, dated: 2026-01-01}\n")
    plan, registry, _ = world()
    end = asyncio.run(run(replace(plan, prices=str(table)), registry))
    results = json.loads((end.folder / "results.json").read_text())
    usages = [response.usage for record in end.records for response in record.arm("base")[0].responses]
    base = results["usage"]["base"]
    assert base["answers"] == len(usages) == 40
    assert base["prompt_tokens"] == sum(one.prompt_tokens for one in usages)
    assert base["cost"] == pytest.approx(base["prompt_tokens"] + 2 * base["completion_tokens"])
    assert results["price"]["dated"] == "2026-01-01"
    report = (end.folder / "report.md").read_text()
    assert "## What the answers took" in report
    assert "prices of 2026-01-01" in report
    show_run(end.folder)
    assert "What the answers took" in capsys.readouterr().out
    assert all(check.passed for check in verify(end.folder, registry))
    results["usage"]["base"]["prompt_tokens"] += 1
    (end.folder / "results.json").write_text(json.dumps(results))
    assert any("usage of arm base" in fault for check in verify(end.folder, registry) for fault in check.faults)
    manifest = json.loads((end.folder / "manifest.json").read_text())
    assert manifest["requests"]["cost"] == pytest.approx(sum(one["cost"] for one in results["usage"].values()))


def test_a_limit_on_money_needs_a_price(world):
    plan, registry, model = world()
    with pytest.raises(HarnessError, match="--max-cost: the price of scripted is not known; give --prices"):
        asyncio.run(run(replace(plan, max_cost=1.0), registry))
    assert model.seen == []


def test_a_table_that_is_none_is_named(tmp_path):
    for text in (
        "a: 3",
        "a: {in: 1}",
        "a: {in: -1, out: 2}",
        "a: {in: x, out: 2}",
        "a: {in: 1, out: 2, off: 3}",
        "- a",
        "{",
    ):
        (tmp_path / "prices.yaml").write_text(text)
        with pytest.raises(HarnessError, match=r"prices\.yaml: .* wanted: model name"):
            read_prices(tmp_path / "prices.yaml")


def test_prices_of_providers_are_theirs_alone(monkeypatch):
    from harness_backends import AnthropicOptions, OpenAIOptions, harness_backends

    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    offered = {backend.name: backend for backend in harness_backends()}
    price = offered["openai"].price("gpt-4o-mini-2024-07-18", OpenAIOptions())
    assert (price.prompt, price.answer, price.batched.answer) == (0.15, 0.60, 0.30)
    assert price.dated
    assert offered["anthropic"].price("claude-sonnet-4-20250514", AnthropicOptions()).answer == 15.0
    assert offered["openai"].price("gpt-4o", OpenAIOptions(base_url="http://127.0.0.1:8000/v1")) is None
    assert offered["openai"].price("mine", OpenAIOptions()) is None
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")
    assert offered["openai"].price("gpt-4o", OpenAIOptions()) is None
    assert price_of("openai:gpt-4o", {"openai:gpt-4o": PRICE, "gpt-4o": price}) is PRICE
