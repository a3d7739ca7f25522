"""`harness attention` on a real run of the embedded model, and on what is none."""

import json
import re

import msgspec
import pytest

from harness import Estimate
from harness.cli import main

SHORT = ["--tasks", "demo_words", "--constraint-type", "format", "--limit", "3", "--model-option", "device=cpu"]


def harness(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["harness", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    return ended.value.code, told.out, told.err


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def run(runs, monkeypatch, capsys):
    if not list(runs.glob("*/results.json")):
        options = ["--option", "temperature=1.5", "--option", "draws=6"]
        status, _, err = harness(monkeypatch, capsys, "run", *SHORT, *options, "--output", runs)
        assert status == 0, err
    return next(runs.glob("*/results.json")).parent


def test_the_answers_of_a_run_are_measured_and_the_run_stays_whole(run, monkeypatch, capsys):
    status, out, err = harness(monkeypatch, capsys, "attention", run)
    assert status == 0, err
    assert "layers: 4 full" in out
    assert "another one" not in out
    folder = run / "attention"
    told = json.loads((folder / "attention.json").read_text())
    assert (
        told["measured"]
        == len((folder / "trials.jsonl").read_text().splitlines())
        == 36 - sum(told["left_out"].values())
    )
    estimates = msgspec.convert(told["estimates"], list[Estimate])
    assert {one.labels.get("span") for one in estimates} >= {"constraint", "placebo", "question"}
    lines = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    assert all(0.2 < one["phases"]["final"]["lift"] < 5 for one in lines)
    page = (folder / "answers.html").read_text()
    assert "<script" not in page
    assert "default-src 'none'" in page
    report = (folder / "attention.md").read_text()
    for name in re.findall(r"\]\(([^)]+)\)", report):
        assert (folder / name).is_file()
    status, out, _ = harness(monkeypatch, capsys, "verify", run)
    assert status == 0
    assert "attention/attention.md" in out


def test_the_same_run_gives_the_same_numbers(run, tmp_path, monkeypatch, capsys):
    for name in ("a", "b"):
        words = ["attention", run, "--model", "tiny", "--limit", "2", "--output", tmp_path / name]
        status, _, err = harness(monkeypatch, capsys, *words)
        assert status == 0, err
    assert (tmp_path / "a" / "attention.json").read_bytes() == (tmp_path / "b" / "attention.json").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{run}", "--model", "hf:/nowhere"], "there is no folder '/nowhere'"),
        (
            ["{run}", "--model", "openai:x", "--model-option", "base_url=http://127.0.0.1:9/v1"],
            "its weights are not at hand",
        ),
        (["{run}", "--model-option", "dtype"], "NAME=VALUE"),
        (["{run}", "--limit", "0"], "--limit 0"),
        (["{run}/attention-none"], "manifest.json"),
    ],
)
def test_bad_input_is_one_clear_line(run, words, said, monkeypatch, capsys):
    status, _, err = harness(monkeypatch, capsys, "attention", *(word.format(run=run) for word in words))
    assert status == 2
    assert err.startswith("harness: ")
    assert said in err
    assert err.count("\n") == 1


def test_text_of_models_cannot_get_out_of_the_page():
    from harness_attention.coloured import word

    assert word('</pre><script src="x">', 1.0, echoed=False).count("<") == 2
