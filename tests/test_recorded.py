"""Recorded outputs of real models, graded through whole runs, give the accuracies that their sources state."""

import asyncio
import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from harness import Plan, TaskSettings
from harness.cli.failures import Wanted, show_failures
from harness.registry import load_registry
from harness.run import run
from harness.verify import verify

DATA = Path(__file__).parents[2] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the recorded outputs in {DATA}")
HUB = TaskSettings(dataset_root=str(DATA / "hub"))


def graded(tmp_path, recording, *, tasks=("gsm8k_chat",), settings=HUB, **options):
    plan = Plan(
        tasks=tasks,
        evaluation="accuracy",
        model=f"replay:{recording}",
        model_option=options,
        settings=settings,
        output=str(tmp_path / "runs"),
    )
    end = asyncio.run(run(plan, load_registry().checked()))
    assert end.funnel["unscored"] == 0
    return end, {estimate.metric: estimate.value for estimate in end.estimates}


@pytest.mark.parametrize(
    ("name", "strict", "lenient"),
    [("gpt-3.5-turbo__COT.jsonl.gz", 1053, 1079), ("gpt-3.5-turbo__standard.jsonl", None, 501)],
)
def test_faithful_cot_gsm8k(tmp_path, name, strict, lenient):
    """The README states 81.8 and 38.0 %; 79.8 % is what the authors' own grader gives."""
    folder = DATA / "faithful_cot_gsm8k"
    expected = json.loads((folder / "EXPECTED.json").read_text())["figures"][name.split(".jsonl")[0]]
    _, values = graded(tmp_path, folder / name, by="question", join=f"{folder / 'gold_test.jsonl'}:id")
    assert round(values["exact_match_lenient,none"] * 1319) == lenient == expected["own_extractor_correct"]
    if strict is not None:
        assert round(values["exact_match,none"] * 1319) == strict == expected["authors_grader_correct"]


@pytest.mark.parametrize(
    ("model", "correct"),
    [("6b_finetuning", 286), ("6b_verification", 515), ("175b_finetuning", 458), ("175b_verification", 742)],
)
def test_gsm8k_openai_solutions(tmp_path, model, correct):
    with gzip.open(DATA / "gsm8k_openai_solutions" / "example_model_solutions.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    recording = tmp_path / "recorded.jsonl"
    recording.write_text(
        "".join(json.dumps({"question": row["question"], "text": row[model]["solution"]}) + "\n" for row in rows)
    )
    _, values = graded(tmp_path, recording, by="question")
    assert round(values["exact_match_lenient,none"] * 1319) == correct


@pytest.mark.parametrize(("model", "strict", "flexible"), [("COT", 0.565, 0.770), ("standard", 0.205, 0.465)])
def test_lm_evals_own_sample_log(tmp_path, model, strict, flexible):
    """Its task file, its prompts, its recorded responses; read back from its log, written as its files again."""
    folder = DATA / "lmeval_samples_replayed"
    recording = folder / f"gpt-3.5-turbo__{model}"
    logged = [json.loads(line) for line in next(recording.glob("samples_*.jsonl")).read_text().splitlines()]
    questions = {row["doc_id"]: row["doc"] for row in logged}
    rows = tmp_path / "lme" / "test200.jsonl"
    rows.parent.mkdir()
    rows.write_text("".join(json.dumps(row) + "\n" for _, row in sorted(questions.items())))
    task = (folder / "gsm8k_replay.yaml").read_text().replace("lme/test200.jsonl", str(rows))
    (tmp_path / "gsm8k_replay.yaml").write_text(task)
    end, values = graded(tmp_path, recording, tasks=(str(tmp_path / "gsm8k_replay.yaml"),), settings=TaskSettings())
    assert values["exact_match,strict-match"] == pytest.approx(strict)
    assert values["exact_match,flexible-extract"] == pytest.approx(flexible)
    theirs = next(recording.glob("results_*.json"))
    ours = next((end.folder / "lm_eval").glob("results_*.json"))
    kept = ("exact_match,strict-match", "exact_match_stderr,strict-match", "exact_match,flexible-extract")
    for key in kept:
        assert json.loads(ours.read_text())["results"]["gsm8k_replay"][key] == pytest.approx(
            json.loads(theirs.read_text())["results"]["gsm8k_replay"][key], abs=1e-12
        )


def test_a_replay_never_answers_what_was_not_recorded(tmp_path):
    """Constrained prompts were never asked of the recorded model: they are lost, by name, and not empty answers."""
    plan = Plan(
        tasks=("gsm8k_chat",),
        constraint_type=("length",),
        model=f"replay:{DATA / 'faithful_cot_gsm8k' / 'gpt-3.5-turbo__COT.jsonl.gz'}",
        model_option={"by": "question", "join": f"{DATA / 'faithful_cot_gsm8k' / 'gold_test.jsonl'}:id"},
        settings=HUB,
        limit=20,
        output=str(tmp_path / "runs"),
    )
    end = asyncio.run(run(plan, load_registry().checked()))
    assert end.funnel["solved"] > 10
    assert end.funnel["lost"] == end.funnel["constrained"]
    assert all(estimate.value is None for estimate in end.estimates if estimate.metric in {"D_spec", "sustain_raw"})


#: Which recorded prompt stands for an arm: the answers of one model to four prompts for the same questions.
RECORDED = {"base": "COT", "repeat": "LtM", "placebo": "noNL", "constrained": "standard"}


def replayed_arms(tmp_path, model):
    """Write one row a question whose answers are those to the four prompts, in the order of the arms."""
    folder = DATA / "faithful_cot_gsm8k"
    answers = {}
    for arm, name in RECORDED.items():
        file = next(folder.glob(f"{model}__{name}.jsonl*"))
        text = gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else file.read_text()
        for row in map(json.loads, text.splitlines()):
            answers.setdefault(row["id"], {})[arm] = row["completion"]
    questions = map(json.loads, (folder / "gold_test.jsonl").read_text().splitlines())
    rows = [{"question": one["question"], "texts": [answers[one["id"]][arm] for arm in RECORDED]} for one in questions]
    recording = tmp_path / "arms.jsonl"
    recording.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return recording


def test_failures_of_recorded_answers_through_a_whole_run(tmp_path, capsys):
    """Told to answer at once, text-davinci-003 loses its reasoning, and with it most of what it knew.

    What the report says of the classes is what `show --failures` lists and what stands in the records; over all
    classes the excess is the interference; the run verifies.
    """
    plan = Plan(
        tasks=("gsm8k_chat",),
        constraint_type=("length",),
        model=f"replay:{replayed_arms(tmp_path, 'text003')}",
        model_option={
            "by": "question",
            "response_field": "texts",
            "arms": json.dumps({arm: at for at, arm in enumerate(RECORDED)}),
        },
        option={"base_draws": "1", "draws": "1", "temperature": "1", "all_items": "false"},
        settings=HUB,
        limit=60,
        output=str(tmp_path / "runs"),
    )
    registry = load_registry().checked()
    end = asyncio.run(run(plan, registry))
    assert end.funnel["lost"] == 0
    assert end.funnel["constrained"] > 20
    whole = {one.metric: one for one in end.estimates if one.labels.get("stratum") == one.labels.get("type") == "all"}
    shares = {
        metric: {one.labels["class"]: one.value for one in end.estimates if one.metric == metric}
        for metric in ("failed", "failed_placebo", "failed_null", "excess", "excess_spec")
    }
    assert sum(shares["failed"].values()) == pytest.approx(1 - whole["sustain_raw"].value)
    assert sum(shares["excess"].values()) == pytest.approx(whole["D"].value)
    assert sum(shares["excess_spec"].values()) == pytest.approx(whole["D_spec"].value)
    assert shares["failed"]["curtailed_reasoning"] > 0.4
    assert shares["excess"]["curtailed_reasoning"] > 0.3
    items = whole["sustain_raw"].n
    show_failures(end.folder, registry, Wanted(arms=frozenset({"constrained"}), limit=items))
    shown = capsys.readouterr().out
    cases = Counter(re.findall(r"(?m)^\d+ · (\w+) · gsm8k_chat/\d+ · constrained", shown))
    assert {kind: count / items for kind, count in cases.items()} == pytest.approx(
        {kind: share for kind, share in shares["failed"].items() if share}
    )
    assert all(check.passed for check in verify(end.folder, registry))
