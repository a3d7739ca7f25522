"""Whatever a model or a data set says goes the whole way as text: store, records, report, lm-eval's files, and back."""

import asyncio
import json

from harness.plan import Plan
from harness.registry import load_registry
from harness.run import run

TEXTS = {
    "nul": "a\x00b",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029",
    "surrogate": "half \ud83d of a pair",
    "right to left": "\u202eabc\u202c \u2066x\u2069 שלום",
    "markup": "<script>alert(1)</script> [bold]x[/bold] | cell | `code` ${7*7} {{7*7}}",
    "zero width": "\u200b\ufeffx\u200d",
    "no character": "\uffff\ufffe\U0010ffff",
}
PLUGIN = """
from contextlib import asynccontextmanager
from harness import Backend, Response, TaskSpec, TaskSuite, hookimpl
from harness.testing import ListSource, ListTask
import json, pathlib

TEXTS = json.loads(pathlib.Path(__file__).with_name("texts.json").read_text())
ROWS = tuple({"question": f"Say {name}: {text}", "answer": text} for name, text in TEXTS.items())


class Echo:
    identity = {"backend": "echo"}
    can = frozenset({"generate"})
    deterministic = True
    concurrency = 4

    async def generate(self, request):
        said = request.prompt.asked.content
        return Response(text=next(text for name, text in TEXTS.items() if f"Say {name}:" in said))


@hookimpl
def harness_backends():
    @asynccontextmanager
    async def opened(rest, options):
        yield Echo()

    yield Backend(name="echo", summary="", open=opened)


@hookimpl
def harness_task_suites():
    task = ListTask(name="texts", rows=ROWS)
    yield TaskSuite(name="tests", summary="", tasks=(TaskSpec(name="texts"),), source=ListSource(tasks={"texts": task}))
"""


def carried_out(tmp_path, texts):
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    (tmp_path / "echo.py").write_text(PLUGIN)
    plan = Plan(tasks=("texts",), model="echo", evaluation="accuracy", output=str(tmp_path / "runs"))
    return asyncio.run(run(plan, load_registry(files=[str(tmp_path / "echo.py")])))


def stored_as(text):
    """What UTF-8 can hold of a text: half a character becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def test_every_text_comes_back_as_it_was_said(tmp_path):
    end = carried_out(tmp_path, TEXTS)
    found = [record.trials[0].response.text for record in end.records]
    assert found == [stored_as(text) for text in TEXTS.values()]
    again = carried_out(tmp_path, TEXTS)  # from the store
    assert again.manifest["requests"]["answered"] == 0
    assert [record.trials[0].response.text for record in again.records] == found
    for path in end.folder.rglob("*"):
        if path.is_file() and path.suffix in {".json", ".jsonl", ".md"}:
            content = path.read_bytes().decode("utf-8")
            assert "\x00" not in content
            if path.suffix == ".json":
                json.loads(content)
            elif path.suffix == ".jsonl":
                assert all(json.loads(line) for line in content.split("\n") if line)


def test_fifty_megabytes_go_the_whole_way(tmp_path):
    text = "0123456789abcdef" * (50 << 16)
    end = carried_out(tmp_path, {"long": text})
    [record] = end.records
    assert record.trials[0].response.text == text
    [again] = carried_out(tmp_path, {"long": text}).records
    assert again == record
