"""`harness study`: every part of every member is run, and the report has the numbers of the runs, the same each time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from harness import Estimate, HarnessError
from harness_paradigms.lineage import READY as LINEAGES
from harness_paradigms.lineage import REQUIRED
from harness_study.attention import PRIMARY, attention_table
from harness_study.carry import OWN, SCALE, Outcome
from harness_study.command import call
from harness_study.config import READY, read_study
from harness_study.figures import FIGURES
from harness_study.tables import findings

SUMS = Path(__file__).parents[2] / "sums.py"
STUDY = {
    "title": "Sums",
    "about": "Two models that add.",
    "lineage": "none needed",
    "models": {"steady": "sums:steady", "brittle": "sums:brittle"},
    "tasks": ["sums"],
    "limit": 30,
    "plugins": [str(SUMS)],
    "own": {"constraint_type": ["mine"], "option": {"draws": 2, "base_draws": 2}},
    "scale": {"constraint_type": ["mine"], "option": {"draws": 1, "base_draws": 1}, "limit": 4},
}


@pytest.fixture
def file(tmp_path):
    def write(**changes):
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump({**STUDY, **changes}))
        return str(path)

    return write


def test_the_report_tells_what_the_runs_found_and_is_the_same_again(file, tmp_path, capsys):
    words = [file(), "--output"]
    assert call([*words, str(tmp_path / "one")]) == 0
    assert call([*words, str(tmp_path / "two")]) == 0
    first, second = tmp_path / "one", tmp_path / "two"
    for name in ("numbers.json", "report.md", "pictures/models.svg"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    report = (first / "report.md").read_text()
    assert "# Sums" in report
    assert "![models](pictures/models.svg)" in report
    assert "- brittle, sums: D_spec +" in report
    assert "- steady" not in report
    assert str(tmp_path) not in report.replace(f"harness study {words[0]}", "")
    numbers = json.loads((first / "numbers.json").read_text())
    assert {(one["member"], one["part"]) for one in numbers["runs"]} == {
        (member, part) for member in ("steady", "brittle") for part in ("own", "scale")
    }
    assert "steady: own, 30 documents a task" in capsys.readouterr().err


def test_a_limit_is_that_of_every_part(file, tmp_path, capsys):
    assert call([file(), "--limit", "5", "--output", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().err
    assert "brittle: own, 5 documents a task" in told
    assert "brittle: scale, 4 documents a task" in told


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"model": "x"}, "no such key: model"),
        ({"own": {"limits": 3}}, "no such key: limits"),
        ({"limit": 0}, "a limit of at least 1"),
        ({"models": {}}, "it needs models"),
        ({"own": 3}, "own"),
    ],
)
def test_a_study_with_faults_is_refused(file, changes, fault):
    with pytest.raises(HarnessError, match=fault):
        read_study(file(**changes))


def test_a_study_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(HarnessError, match="give a file, or one of: tiny"):
        read_study("tinier")


def test_a_lineage_stands_beside_the_study_wherever_the_command_is_given(file, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.yaml").write_text("lineages: another")
    monkeypatch.chdir(elsewhere)
    assert read_study(file(lineage="mine.yaml")).lineage == str(tmp_path / "mine.yaml")
    assert read_study(file(lineage="tiny")).lineage == str(LINEAGES / "tiny.yaml")


def test_the_members_of_a_plugin_file_are_compared_on_the_constraints_that_they_share(file, tmp_path, capsys):
    unknown = dict.fromkeys(REQUIRED, "unknown")
    members = [{**unknown, "name": "steady"}, {**unknown, "name": "brittle", "parent": "steady"}]
    told = {"schema": 1, "lineages": [{"id": "adders", "family": "unknown", "members": members}]}
    (tmp_path / "adders.yaml").write_text(yaml.safe_dump(told))
    path = file(lineage="adders.yaml", plugins=[], portable=STUDY["own"], scale=None)
    words = [path, "--plugin", str(SUMS), "--limit", "12", "--output", str(tmp_path / "out")]
    assert call(words) == 0
    assert "brittle: portable, 12 documents a task" in capsys.readouterr().err
    assert "![ladder](pictures/ladder_adders.svg)" in (tmp_path / "out" / "report.md").read_text()


def test_where_nothing_differs_the_report_says_so():
    labels = {"task": "t", "k": "1", "family": "all", "type": "all", "stratum": "all"}
    none = Estimate(metric="D_spec", value=0.02, low=-0.02, high=0.06, p=0.3, p_adjusted=0.6, n=40, labels=labels)
    outcome = Outcome(member="m", part=OWN, folder=Path(), estimates=(none,), funnel={})
    [line] = findings([outcome])
    assert line.startswith("No cell of any member")


def test_a_drop_under_many_constraints_is_a_finding_too():
    labels = {"task": "t", "domain": "math", "k": "8", "family": "all", "type": "all", "stratum": "all"}
    drop = Estimate(metric="D_spec", value=0.5, low=0.3, high=0.7, p=0.0001, p_adjusted=0.002, n=25, labels=labels)
    outcome = Outcome(member="m", part=SCALE, folder=Path(), estimates=(drop,), funnel={})
    [line] = findings([outcome])
    assert line.startswith("m, t, 8 constraints: D_spec +50.0 pp")


def test_attention_is_told_only_where_there_are_both_outcomes():
    rows = []
    for task, value in (("seen", 0.1), ("unseen", None)):
        labels = {"task": task, "span": "constraint", **PRIMARY}
        rows += [Estimate(metric=name, value=value, n=9, labels=labels) for name in ("right", "wrong", "difference")]
    table = attention_table({"m": rows, "other": "no layer could be read"})
    assert [row[:3] for row in table.rows] == [("m", "seen", "constraint"), ("other", "", "")]
    assert "no layer could be read" in table.rows[1]
    assert any("left out" in note for note in table.notes)


def test_the_study_that_ships_names_members_of_its_lineage():
    from harness_paradigms import lineages_of

    study = read_study(str(READY / "tiny.yaml"))
    [lineage] = lineages_of(study.lineage)
    assert set(study.models) <= {member.name for member in lineage.members}
    assert set(FIGURES) == {"models", "families", "scale", "failures", "curve"}


def test_members_of_a_lineage_are_run_compared_and_looked_into(tmp_path, capsys):
    """The embedded model stands for two members, so this needs no other weights."""
    path = tmp_path / "pair.yaml"
    told = {
        **yaml.safe_load((READY / "tiny.yaml").read_text()),
        "models": {"sft": "tiny:sft", "dpo": "tiny"},
        "tasks": ["demo_words"],
        "own": {"option": {"base_draws": 2, "draws": 1}},
        "portable": {"option": {"base_draws": 2, "draws": 1}},
        "scale": {
            "option": {"base_draws": 1, "draws": 1, "constraint_count": [1, 2], "arms": ["placebo", "constrained"]}
        },
        "attention": 3,
    }
    path.write_text(yaml.safe_dump(told))
    assert call([str(path), "--limit", "3", "--output", str(tmp_path / "out")]) == 0
    report = (tmp_path / "out" / "report.md").read_text()
    for title in ("SustainScore by model and domain", "D_spec by k", "What each step changes", "Sustain curve"):
        assert title in report
    assert "![ladder](pictures/ladder_tiny.svg)" in report
    assert "Attention of right and wrong answers" in report
