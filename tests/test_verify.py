"""A finished run is verified from its folder alone; a changed byte, verdict or number shows."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

SUMS = Path(__file__).with_name("sums.py")


def harness(folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words, "--plugin", str(SUMS)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("origin")
    status, said = harness(folder, "run", "--tasks", "sums", "--model", "sums", "--constraint-type", "mine")
    assert status == 0, said
    return folder


@pytest.fixture
def run(origin, tmp_path):
    import shutil

    shutil.copytree(origin, tmp_path / "copy")
    [folder] = [path for path in (tmp_path / "copy" / "runs").iterdir() if path.is_dir()]
    return folder


def verified(run):
    status, said = harness(run.parents[1], "verify", f"runs/{run.name}", "--json")
    return status, {check["name"]: check for check in json.loads(said)} if status < 2 else said


def resealed(run):
    """Write the hashes anew, as a forger would."""
    from harness.seal import SUMS, sums_text

    (run / SUMS).write_text(sums_text(run, {}))


def test_a_run_as_it_ended_is_verified(run):
    status, checks = verified(run)
    assert status == 0, checks
    assert {name: check["passed"] for name, check in checks.items()} == dict.fromkeys(
        ("files", "versions", "verdicts", "estimates"), True
    )
    assert int(checks["estimates"]["said"].split()[0]) > 8
    assert int(checks["verdicts"]["said"].split()[0].replace(",", "")) > 100


@pytest.mark.parametrize("name", ["records.jsonl", "results.json", "manifest.json", "report.md"])
def test_one_changed_byte_anywhere_in_any_file_shows(run, name):
    from harness import StoreError
    from harness.registry import load_registry
    from harness.verify import verify

    registry = load_registry(files=[str(SUMS)])
    path = Path(run / name)
    whole = path.read_bytes()
    for place in random.Random(name).sample(range(len(whole)), 12):
        content = bytearray(whole)
        content[place] ^= 1 << place % 7
        path.write_bytes(bytes(content))
        try:
            checks = {check.name: check for check in verify(run, registry)}
        except StoreError as error:  # results that are no JSON are no results
            assert name in str(error)  # noqa: PT017  # either way it shows
            continue
        assert not checks["files"].passed, place
        assert checks["files"].faults == (f"changed: {name}",)


def test_a_missing_file_shows(run):
    (run / "report.md").unlink()
    status, checks = verified(run)
    assert status == 1
    assert checks["files"]["faults"] == ["missing: report.md"]


def test_a_forged_number_shows_though_the_hashes_fit(run):
    results = json.loads((run / "results.json").read_text())
    row = next(row for row in results["estimates"] if row["metric"] == "D_spec" and row["value"] is not None)
    row["value"] += 0.01
    (run / "results.json").write_text(json.dumps(results))
    resealed(run)
    status, checks = verified(run)
    assert status == 1
    assert checks["files"]["passed"]
    assert "D_spec" in checks["estimates"]["faults"][0]
    assert "value" in checks["estimates"]["faults"][0]


def test_a_forged_verdict_and_a_forged_score_show(run):
    lines = (run / "records.jsonl").read_text().splitlines()
    (run / "records.jsonl").write_text("\n".join(line.replace('"met":true', '"met":false') for line in lines) + "\n")
    resealed(run)
    status, checks = verified(run)
    assert status == 1
    assert checks["verdicts"]["faults"]
    assert not checks["verdicts"]["passed"]


def test_a_record_left_out_shows(run):
    lines = (run / "records.jsonl").read_text().splitlines()
    (run / "records.jsonl").write_text("\n".join(lines[:-1]) + "\n")
    resealed(run)
    status, checks = verified(run)
    assert status == 1
    assert "funnel differs" in checks["estimates"]["faults"]


TOLD = ("usage", "base")
ALTERED = [
    ((*TOLD, "cost"), "12"), ((*TOLD, "cost"), [1.0]), ((*TOLD, "cost"), 10**300), ((*TOLD, "prompt_tokens"), "9"),
    (TOLD, "none"), (TOLD, None), (("usage",), ["base"]), (("usage",), None), (("price",), "free"), (("price",), []),
    (("price",), {"prompt": None, "answer": 1.0}), (("price",), {"prompt": True, "answer": 1.0}),
    (("estimates", 0, "n"), 10**18), (("estimates", 0, "value"), "0.5"), (("estimates", 0, "low"), [0]),
    (("estimates", 0, "more"), {}), (("estimates", 0, "labels"), None), (("estimates", 0), "0.5"),
    (("funnel", "asked"), "60"), (("reasons",), {"gone": None}), (("metrics",), []), (("tasks", "sums"), "sums"),
    (("tasks",), {}), (("tasks", "sums", "grading"), 7), (("evaluation",), "sustainscore"), (("evaluation", "version"), 1),
    (("constraint_types", "hundred"), ["1"]), (("schema",), "2"), (("plan",), None),
]  # fmt: skip


@pytest.mark.parametrize(("where", "value"), ALTERED, ids=lambda one: json.dumps(one)[:40])
def test_a_value_of_another_kind_shows_and_never_breaks_the_check(run, where, value):
    from harness import StoreError
    from harness.registry import load_registry
    from harness.verify import verify

    results = json.loads((run / "results.json").read_text())
    part = results
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = value
    (run / "results.json").write_text(json.dumps(results))
    resealed(run)
    try:
        checks = verify(run, load_registry(files=[str(SUMS)]))
    except StoreError as error:
        assert "not the results of a run, or altered" in str(error)  # noqa: PT017  # either way it shows
    else:
        assert not all(check.passed for check in checks)


def test_a_number_that_json_does_not_have_and_a_field_that_was_taken_out_show(run):
    text = (run / "results.json").read_text()
    results = json.loads(text)
    row = next(row for row in results["estimates"] if row["low"] is not None)
    (run / "results.json").write_text(text.replace(f'"low": {row["low"]}', '"low": NaN', 1))
    resealed(run)
    status, said = verified(run)
    assert status == 2
    assert "Traceback" not in said
    del row["low"]
    (run / "results.json").write_text(json.dumps(results))
    resealed(run)
    status, checks = verified(run)
    assert status == 1
    assert "low is None" in checks["estimates"]["faults"][0]


def test_another_version_shows(run):
    results = json.loads((run / "results.json").read_text())
    results["constraint_types"]["hundred"] = "0"
    (run / "results.json").write_text(json.dumps(results))
    resealed(run)
    status, checks = verified(run)
    assert status == 1
    assert checks["versions"]["faults"] == ["constraint type hundred: the run has 0, installed is 1"]
    assert checks["verdicts"]["passed"] is None


def test_what_is_no_run_is_named(run):
    status, said = harness(run.parents[1], "verify", "runs")
    assert status == 2
    assert "runs/results.json" in said


def test_a_tasks_own_figures_are_made_anew_with_the_task(origin):
    status, said = harness(origin, "run", "--tasks", "sums", "--model", "sums", "--evaluation", "accuracy")
    assert status == 0, said
    [folder] = [path.relative_to(origin) for path in origin.glob("runs/*_accuracy_*")]
    status, said = harness(origin, "verify", str(folder))
    assert status == 0, said
