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
            status = 200
        else:
            reply = {
                "error": {
                    "message": f"bad request by {self.headers['Authorization']} {self.headers['X-Api-Key']} {AMBIENT}"
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


@pytest.mark.parametrize("source", ["line", "file"])
def test_no_secret_is_written_or_printed(tmp_path, port, source):
    words = ["run", "--tasks", "demo_words", "--limit", "6", "--model", "openai:some-model", "--evaluation", "accuracy"]
    words += [
        "--model-option",
        f"api_key={KEY}",
        "--model-option",
        f"base_url=http://me:{PASSWORD}@127.0.0.1:{port}/v1",
    ]
    if source == "line":
        words += ["--model-option", f'headers={{"X-Api-Key": "{HEADER}", "X-Pin": "{PIN}"}}']
    else:
        (tmp_path / "run.yaml").write_text(f"model-option: {{headers: {{X-Api-Key: {HEADER}, X-Pin: '{PIN}'}}}}\n")
        words += ["--config", "run.yaml"]
    words += ["--concurrency", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
        check=False,
        env={**os.environ, "HF_TOKEN": AMBIENT},
    )
    assert done.returncode == 1, done.stderr  # some documents are unscored
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "run.yaml"]
    assert {"manifest.json", "records.jsonl", "results.json", "report.md", "store.db"} <= {path.name for path in files}
    written = {str(path): path.read_bytes() for path in files} | {"output": (done.stdout + done.stderr).encode()}
    for secret in (KEY, HEADER, PIN, PASSWORD, AMBIENT):
        assert [name for name, content in written.items() if secret.encode() in content] == []
    assert b"***" in b"".join(written.values())
