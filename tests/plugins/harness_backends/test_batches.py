"""Batches: every request is answered once, in whatever order; a batch that was sent is never sent again."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import signal
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from harness import BackendError, HarnessError, Message, Prompt, Request, Sampling
from harness_backends import AnthropicOptions, OpenAIOptions, open_anthropic, open_openai

KEY = "sk-secret-0123456789"


@dataclass
class Office:
    """A provider's batch API, both protocols, on the loopback; batches end when `open` says so."""

    url: str = ""
    files: dict = field(default_factory=dict)
    batches: dict = field(default_factory=dict)
    #: Looks at a batch before it has ended.
    looks: int = 2
    #: What becomes of one request, by its text.
    faults: dict = field(default_factory=dict)
    #: What becomes of the others; None: an answer.
    fault: object = None
    #: What it says of a fault; empty: what fits.
    says: str = ""
    #: Whether the making of a batch breaks off after it was made.
    breaks: int = 0
    status: str = "completed"
    asked: list = field(default_factory=list)

    def app(self):
        app = web.Application(client_max_size=2**27)
        app.router.add_post("/v1/files", self.upload)
        app.router.add_get("/v1/files/{name}/content", self.content)
        app.router.add_post("/v1/batches", self.make)
        app.router.add_get("/v1/batches", self.listed)
        app.router.add_get("/v1/batches/{name}", self.look)
        app.router.add_post("/v1/messages/batches", self.make_messages)
        app.router.add_get("/v1/messages/batches/{name}", self.look)
        app.router.add_get("/v1/messages/batches/{name}/results", self.results)
        return app

    async def upload(self, request):
        form = await request.post()
        assert form["purpose"] == "batch"
        name = f"file-{len(self.files)}"
        self.files[name] = form["file"].file.read()
        return web.json_response({"id": name, "object": "file"})

    def new(self, rows, **more):
        name = f"batch-{len(self.batches)}"
        self.asked += [text_of(row.get("body") or row["params"]) for row in rows]
        self.batches[name] = {"id": name, "rows": rows, "looks": 0, **more}
        return name

    async def make(self, request):
        body = await request.json()
        rows = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        assert {row["url"] for row in rows} == {body["endpoint"]}
        name = self.new(rows, metadata=body["metadata"])
        if self.breaks:
            self.breaks -= 1
            request.transport.close()
        return web.json_response({"id": name, "status": "validating"})

    async def listed(self, request):
        shown = [{"id": name, "metadata": one["metadata"]} for name, one in self.batches.items()]
        return web.json_response({"data": shown[::-1]})

    async def make_messages(self, request):
        return web.json_response(
            {"id": self.new((await request.json())["requests"]), "processing_status": "in_progress"}
        )

    async def look(self, request):
        batch = self.batches.get(request.match_info["name"])
        if batch is None:
            return web.json_response({"error": {"message": "no such batch"}}, status=404)
        batch["looks"] += 1
        if batch["looks"] <= self.looks:
            return web.json_response({"id": batch["id"], "status": "in_progress", "processing_status": "in_progress"})
        told = {"id": batch["id"], "status": self.status, "processing_status": "ended"}
        told["output_file_id"] = f"out-{batch['id']}"
        told["errors"] = {"data": [{"message": self.says or "no such endpoint"}]} if self.status == "failed" else None
        return web.json_response(told)

    async def content(self, request):
        batch = self.batches[request.match_info["name"].removeprefix("out-")]
        lines = [self.line(row) for row in batch["rows"]]
        random.Random(3).shuffle(lines)
        return web.Response(body=b"".join(lines))

    def line(self, row):
        text = text_of(row["body"])
        fault = self.faults.get(text, self.fault)
        if fault == "missing":
            return b""
        if fault == "garbage":
            return b'{"custom_id": \xff\n'
        reply = {"choices": [{"message": {"content": text.upper()}, "finish_reason": "stop"}], "usage": {}}
        if isinstance(fault, tuple):  # the reason why an answer has no text
            reply = {"choices": [{"message": {"content": None}, "finish_reason": fault[0]}]}
        response = {"status_code": 200, "body": {"hello": 1} if fault == "schema" else reply}
        if isinstance(fault, int):
            response = {"status_code": fault, "body": {"error": {"message": self.says or "too much"}}}
        error = {"code": "batch_expired", "message": self.says or "too late"} if fault == "expired" else None
        row = {"custom_id": row["custom_id"], "response": None if error else response, "error": error}
        return json.dumps(row).encode() + b"\n"

    async def results(self, request):
        lines = []
        for row in self.batches[request.match_info["name"]]["rows"]:
            text = text_of(row["params"])
            fault = self.faults.get(text, self.fault)
            message = {"content": [{"type": "text", "text": text.upper()}], "stop_reason": "end_turn"}
            if isinstance(fault, tuple):
                message, fault = message | {"stop_reason": fault[0]}, None
            result = {"type": "succeeded", "message": message}
            if fault:
                result = {"type": fault}
            if fault == "errored":
                error = {"type": "invalid_request_error", "message": self.says or "too long"}
                result["error"] = {"type": "error", "error": error}
            lines.append(json.dumps({"custom_id": row["custom_id"], "result": result}))
        return web.Response(text="\n".join(lines[::-1]))


def text_of(body):
    return body["messages"][-1]["content"]


@pytest.fixture
async def office():
    made = Office()
    runner = web.AppRunner(made.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield made
    await runner.cleanup()


@asynccontextmanager
async def opened(office, folder, protocol="openai", **more):
    settings = {
        "base_url": office.url,
        "api_key": KEY,
        "batch_folder": str(folder),
        "batch_linger": 0.05,
        "batch_poll": 0.05,
        "backoff": 0.01,
        "max_retries": 2,
    } | more
    if protocol == "openai":
        async with open_openai("m", OpenAIOptions(**settings)) as model:
            yield model
    else:
        async with open_anthropic("m", AnthropicOptions(**settings)) as model:
            yield model


def request(text, draw="base/0/0"):
    prompt = Prompt(messages=(Message(role="user", content=text),), chat=True)
    return Request(kind="generate", prompt=prompt, draw=draw, sampling=Sampling(temperature=1.0))


async def asked(model, texts):
    """What came of each text: its answer, or why there is none."""
    answers = await asyncio.gather(*(model.generate(request(text)) for text in texts), return_exceptions=True)
    return [str(one) if isinstance(one, HarnessError) else one.text for one in answers]


TEXTS = [f"text {n}" for n in range(25)]
SAID = [text.upper() for text in TEXTS]


@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
async def test_every_request_gets_its_own_answer_and_nothing_is_left_noted(office, tmp_path, protocol):
    async with opened(office, tmp_path / "batches", protocol) as model:
        assert model.concurrency == 10_000
        assert await asked(model, TEXTS) == SAID
        assert await asked(model, ["later"]) == ["LATER"]
        assert len(list((tmp_path / "batches").glob("*.json"))) == 2
    assert len(office.batches) == 2
    assert list((tmp_path / "batches").iterdir()) == []


async def test_a_batch_leaves_when_it_is_full(office, tmp_path):
    async with opened(office, tmp_path, batch_requests=10) as model:
        assert await asked(model, TEXTS) == SAID
    assert sorted(len(batch["rows"]) for batch in office.batches.values()) == [5, 10, 10]


async def test_draws_of_one_prompt_are_requests_of_their_own(office, tmp_path):
    async with opened(office, tmp_path, "anthropic") as model:
        await asyncio.gather(*(model.generate(request("same", f"base/{n}/0")) for n in range(4)))
    (batch,) = office.batches.values()
    assert len({row["custom_id"] for row in batch["rows"]}) == 4


@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
async def test_a_batch_under_way_is_taken_up_and_not_sent_again(office, tmp_path, protocol):
    office.looks = 10**9
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2), opened(office, tmp_path, protocol) as model:
            await asked(model, TEXTS)
    (note,) = tmp_path.glob("*.json")
    assert json.loads(note.read_bytes())["batch"] == "batch-0"
    assert b"text" not in note.read_bytes()
    assert b"secret" not in note.read_bytes()
    office.looks = 0
    async with opened(office, tmp_path, protocol) as model:
        # what an earlier process asked comes in parts, as dependent stages do, and beside new requests
        assert await asked(model, [*TEXTS[:10], "new"]) == [*SAID[:10], "NEW"]
        assert await asked(model, TEXTS[10:]) == SAID[10:]
    assert sorted(office.asked) == sorted([*TEXTS, "new"])
    assert list(tmp_path.glob("*.json")) == []


async def test_a_batch_whose_making_broke_off_is_found_again(office, tmp_path):
    office.breaks = 1
    async with opened(office, tmp_path) as model:
        assert await asked(model, TEXTS) == SAID
    assert len(office.batches) == 1


async def test_a_batch_that_was_made_but_not_noted_is_found_again(office, tmp_path):
    office.looks = 10**9
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2), opened(office, tmp_path) as model:
            await asked(model, TEXTS)
    (note,) = tmp_path.glob("*.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"batch": ""}))  # as if killed between the two
    office.looks = 0
    async with opened(office, tmp_path) as model:
        assert await asked(model, TEXTS) == SAID
    assert len(office.batches) == 1


async def test_a_batch_that_the_provider_has_lost_is_asked_anew(office, tmp_path):
    office.looks = 10**9
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2), opened(office, tmp_path) as model:
            await asked(model, TEXTS)
    office.batches.clear()
    office.looks = 0
    (tmp_path / "torn.json").write_text("{")
    async with opened(office, tmp_path) as model:
        assert await asked(model, TEXTS) == SAID
    assert list(tmp_path.glob("*.json")) == []


async def test_what_fails_in_a_batch_is_told_by_reason_and_the_rest_is_answered(office, tmp_path):
    faults = {"a": 400, "b": 500, "c": "expired", "d": "missing", "e": "garbage", "f": "schema"}
    office.faults = dict(faults)
    async with opened(office, tmp_path) as model:
        said = dict(zip([*faults, "fine"], await asked(model, [*faults, "fine"]), strict=True))
    assert said.pop("fine") == "FINE"
    words = ["too much", "too much", "too late", "without an answer", "without an answer", "cannot be read"]
    assert all(word in why for why, word in zip(said.values(), words, strict=True)), said
    office.faults = {}
    async with opened(office, tmp_path) as model:
        assert await asked(model, list(faults)) == [text.upper() for text in faults]


async def test_what_failed_in_an_earlier_batch_is_asked_anew(office, tmp_path):
    office.looks, office.faults = 10**9, {"text 3": "expired", "text 4": "missing"}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2), opened(office, tmp_path) as model:
            await asked(model, TEXTS)

    office.looks = 0
    async with opened(office, tmp_path) as model:
        first = asyncio.create_task(asked(model, TEXTS[:3]))
        assert await first == SAID[:3]
        office.faults = {}
        assert await asked(model, TEXTS[3:]) == SAID[3:]
    assert sorted(office.asked) == sorted([*TEXTS, "text 3", "text 4"])


@pytest.mark.parametrize("kind", ["errored", "expired", "canceled"])
async def test_what_fails_in_a_batch_of_messages_is_told(office, tmp_path, kind):
    office.faults = {"a": kind}
    async with opened(office, tmp_path, "anthropic") as model:
        why, answer = await asked(model, ["a", "b"])
    assert kind in why
    assert answer == "B"


async def test_a_batch_that_failed_as_a_whole_says_why(office, tmp_path):
    office.status = "failed"
    async with opened(office, tmp_path) as model:
        assert all("no such endpoint" in why for why in await asked(model, TEXTS[:3]))


@pytest.mark.parametrize("before", ["", "x" * 290], ids=["whole", "cut"])
@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
async def test_a_key_that_a_provider_repeats_of_a_batch_is_not_shown(office, tmp_path, caplog, protocol, before):
    told = f"{before} {KEY} {KEY}"
    office.faults = {"a": 400, "b": "expired", "c": (told,)} if protocol == "openai" else {"a": "errored", "c": (told,)}
    office.says = told
    async with opened(office, tmp_path, protocol) as model:
        *whys, answer = await asked(model, [*office.faults, "fine"])
        office.status = "failed"
        whys += await asked(model, ["later"]) if protocol == "openai" else []
    assert answer == "FINE"
    assert len(whys) == {"openai": 4, "anthropic": 2}[protocol]
    assert all("***" in why or before for why in whys), whys
    shown = "".join(whys) + caplog.text
    assert KEY[:8] not in shown
    assert max(map(len, whys)) < 450


async def test_a_key_that_a_provider_repeats_of_a_row_is_written_nowhere(office, tmp_path):
    """A whole run; the password goes as one word in a header, which the run itself does not know."""
    carried = base64.b64encode(f"me:{KEY}".encode()).decode()
    office.fault, office.says = 400, f"bad header: Basic {carried}"
    words = ["run", "--tasks", "demo_words", "--limit", "3", "--model", "openai:m", "--evaluation", "accuracy"]
    words += ["--batch-api", "--output", "runs"]
    url = office.url.replace("http://", f"http://me:{KEY}@")
    for name, value in {"base_url": url, "batch_linger": 0.2, "batch_poll": 0.2}.items():
        words += ["--model-option", f"{name}={value}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness", *words, cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 1, out.decode()
    assert "3 asked · 3 unscored" in out.decode()
    written = [out, *(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())]
    assert any(b"bad header: Basic ***" in content for content in written)
    assert not any(secret.encode() in content for content in written for secret in (KEY, carried))


async def test_a_refused_key_ends_the_run(office, tmp_path):
    async def refuse(_):
        return web.json_response({"error": {"message": "bad key"}}, status=401)

    office.upload = refuse
    runner = web.AppRunner(office.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    office.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        async with opened(office, tmp_path) as model:
            with pytest.raises(BackendError, match="bad key"):
                await model.generate(request("a"))
    finally:
        await runner.cleanup()
    assert list(tmp_path.glob("*.json")) == []


async def test_a_folder_that_cannot_be_written_ends_in_a_clear_error(office, tmp_path):
    (tmp_path / "file").write_text("")
    async with opened(office, tmp_path / "file" / "batches") as model:
        with pytest.raises(HarnessError, match="--batch-api: cannot note a batch"):
            await model.generate(request("a"))
    assert office.batches == {}


async def test_a_killed_run_takes_its_batches_up(office, tmp_path):
    """A real run, killed while its batch is waited for; the next one asks nothing that was asked."""
    office.looks = 10**9
    words = ["run", "--tasks", "demo_words", "--limit", "8", "--model", "openai:m", "--evaluation", "accuracy"]
    words += ["--batch-api", "--output", "runs"]
    for name, value in {"base_url": office.url, "batch_linger": 0.2, "batch_poll": 0.2}.items():
        words += ["--model-option", f"{name}={value}"]

    async def started():
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "harness", *words, cwd=tmp_path, env={**os.environ, "OPENAI_API_KEY": "sk-0123456789"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    process = await started()
    while not any(batch["looks"] for batch in office.batches.values()):
        await asyncio.sleep(0.05)
        assert process.returncode is None, (await process.communicate())[1].decode()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    assert len(list((tmp_path / "runs" / "batches").glob("*.json"))) == 1
    office.looks = 0
    process = await started()
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert len(office.batches) == 1
    assert len(office.asked) == len(set(office.asked)) == 8
    assert "8 asked · 0 unscored" in out.decode()
    assert list((tmp_path / "runs" / "batches").glob("*.json")) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"sk-0123456789" in path.read_bytes() for path in files)


async def test_only_backends_with_a_batch_api_take_the_flag(tmp_path):
    from harness import Plan
    from harness.preparing import prepare
    from harness.registry import load_registry

    registry = load_registry()
    plan = Plan(tasks=("demo_words",), evaluation="accuracy", model="tiny", batch_api=True, output=str(tmp_path))
    with pytest.raises(HarnessError, match="--batch-api: backend tiny knows no batch API"):
        prepare(plan, registry)
