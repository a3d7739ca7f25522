"""No key, header or password that a user gives appears in any file that a run writes."""

import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

KEY = "sk-secret-0123456789abcdef"
HEADER = "xk-other-fedcba98"
PIN = "73519"
PASSWORD = "hunter2hunter2"
AMBIENT = "hf_ambient_token_987654"


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers once in two, and otherwise repeats the key in its complaint."""

    calls = 0

    def do_POST(self):
        type(self).calls += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.calls % 2:
            reply = {"choices": [{"message": {"content": "It is 4."}, "finish_reason": "stop"}], "model": body["model"]}
            if self.path.endswith("/messages"):
                reply = {"content": [{"type": "text", "text": "It is 4."}], "stop_reason": "end_turn"}
            status = 200
        else:
            reply = {
                "error": {
                    "message": f"bad request by {self.headers['Authorization']} {self.headers['X-Api-Key']} "
                    f"{self.headers['X-Other']} {AMBIENT}"
                }
            }
            status = 400
        data = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("backend", "source"), [("openai", "line"), ("openai", "file"), ("anthropic", "line"), ("anthropic", "variable")]
)
def test_no_secret_is_written_or_printed(tmp_path, port, backend, source):
    words = ["run", "--tasks", "demo_words", "--limit", "6", "--model", f"{backend}:some-model"]
    words += ["--evaluation", "accuracy"]
    words += ["--model-option", f"base_url=http://me:{PASSWORD}@127.0.0.1:{port}/v1"]
    around = {"HF_TOKEN": AMBIENT}
    if source == "variable":
        around[f"{backend.upper()}_API_KEY"] = KEY
    else:
        words += ["--model-option", f"api_key={KEY}"]
    if source == "file":
        (tmp_path / "run.yaml").write_text(f"model-option: {{headers: {{X-Other: {HEADER}, X-Pin: '{PIN}'}}}}\n")
        words += ["--config", "run.yaml"]
    else:
        words += ["--model-option", f'headers={{"X-Other": "{HEADER}", "X-Pin": "{PIN}"}}']
    words += ["--concurrency", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
        env={**os.environ, **around},
    )
    assert done.returncode == 1, done.stderr  # some documents are unscored
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "run.yaml"]
    assert {"manifest.json", "records.jsonl", "results.json", "report.md", "store.db"} <= {path.name for path in files}
    written = {str(path): path.read_bytes() for path in files} | {"output": (done.stdout + done.stderr).encode()}
    for secret in (KEY, HEADER, PIN, PASSWORD, AMBIENT):
        assert [name for name, content in written.items() if secret.encode() in content] == []
    assert b"***" in b"".join(written.values())
