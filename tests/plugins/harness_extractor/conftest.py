"""A real HTTP server on the loopback that speaks the OpenAI chat API: one model writes constraints, another judges."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness import Plan, TaskSpec, TaskSuite
from harness.registry import load_registry
from harness.run import run
from harness.testing import ListSource, ListTask, ScriptedModel

WRITER, JUDGE = "writer-1", "umpire-1"
ROWS = tuple({"question": f"What is {a} + {a}?", "answer": str(2 * a)} for a in range(10, 24))


def answer(request) -> str:
    """Answer a sum at length where its number is even, tersely where it is odd; so rules can tell answers apart."""
    number = int(re.search(r"What is (\d+)", request.prompt.asked.content)[1])
    if number % 2:
        return f"That makes: {2 * number}"
    return f"First, we add the two numbers. Then we get the total. So the result is {2 * number}"


@dataclass
class Server:
    """What the two models say, and all that they were asked."""

    #: Replies of the writer, the last again and again.
    replies: list[str] = field(default_factory=list)
    #: Requirement -> whether a text meets it; the judge says yes to what is not here.
    meets: dict[str, Any] = field(default_factory=dict)
    #: What the judge says in place of a vote.
    mumbles: str = ""
    seen: dict[str, list[str]] = field(default_factory=lambda: {WRITER: [], JUDGE: []})
    url: str = ""

    def says(self, model: str, messages: list[dict[str, str]]) -> str:
        text = "\n".join(message["content"] for message in messages)
        self.seen[model].append(text)
        if model == WRITER:
            return self.replies[min(len(self.seen[WRITER]), len(self.replies)) - 1]
        if self.mumbles:
            return self.mumbles
        requirement = re.search(r"^Requirement: (.*)$", text, re.MULTILINE)[1]
        texts = re.findall(r"Text ([A-Z]):\n(.*?)\nEnd of text \1\.", text, re.DOTALL)
        decide = self.meets.get(requirement, lambda _: True)
        return json.dumps({letter: bool(decide(said)) for letter, said in texts})


@pytest.fixture
def server():
    """Start the server, and stop it."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            said = state.says(body["model"], body["messages"])
            reply = {"choices": [{"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}]}
            data = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        state.url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def went(tmp_path, server):
    """Return went(**changes) -> the end of a run of the first sum, with constraints by the writer."""

    def go(script=answer, *, judge=True, **changes):
        spec = TaskSpec(name="sums", channel=r"(?i)the result is")
        task = ListTask(name="sums", rows=ROWS, spec=spec, domain="math")
        suite = TaskSuite(
            name="tests", summary="", domain="math", tasks=(spec,), source=ListSource(tasks={"sums": task})
        )
        model = ScriptedModel(script=script, identity={"backend": "scripted", "model": "sums-model"})
        installed = load_registry()
        registry = replace(
            installed, suites={"tests": suite}, backends={**installed.backends, "scripted": model.backend()}
        )
        option = {"base_url": server.url, "api_key": "sk-very-secret"}
        judging = {"judge_model": f"openai:{JUDGE}", "judge_option": option} if judge else {}
        fields = {
            "tasks": ("sums",),
            "model": "scripted",
            "constraint_type": ("model",),
            "extractor_model": f"openai:{WRITER}",
            "extractor_option": option,
            "limit": 1,
            "output": str(tmp_path / "runs"),
        }
        return asyncio.run(run(Plan(**{**fields, **judging, **changes}), registry))

    return go
