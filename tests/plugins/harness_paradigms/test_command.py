"""`harness paradigms` on real runs: one model that a constraint disturbs, and one that it does not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from harness import HarnessError, Plan
from harness.registry import load_registry
from harness.run import run
from harness_paradigms.command import call
from harness_sustainscore import portable

SUMS = Path(__file__).parents[2] / "sums.py"
PLAIN = dict.fromkeys(("repo", "revision", "reasoning", "template_hash", "data"), "unknown")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Runs of the two models, with portable and with own constraints."""
    root = tmp_path_factory.mktemp("paradigms")
    registry = load_registry(files=[str(SUMS)])
    hundred = next(iter(registry.constraint_types["hundred"].extract(None)))
    shared = portable.PortableConstraint(constraint=hundred, q={})
    content = portable.Portable(
        harness="0",
        seed=0,
        least_q=0.8,
        runs=(),
        tasks={"sums": {}},
        constraint_types={"hundred": "1"},
        items={f"sums/{n}": (shared,) for n in range(60)},
        without={},
    )
    file = root / "same.json"
    file.write_bytes(portable.written(content))
    found = {}
    for kind in ("steady", "brittle"):
        for source in ("portable", "own"):
            option = {"constraint_source": "portable", "constraint_file": str(file)} if source == "portable" else {}
            plan = Plan(
                tasks=("sums",),
                model=f"sums:{kind}",
                constraint_type=("mine",),
                option={"draws": "2", "base_draws": "2", **option},
                output=str(root / "runs"),
            )
            found[kind, source] = asyncio.run(run(plan, registry)).folder
    return found


def lineage_file(tmp_path, folders, *kinds):
    members = [
        {"name": kind, "parent": parent, "stage": "sft", "runs": [str(folders[kind, one]) for one in kinds], **PLAIN}
        for kind, parent in (("steady", "none"), ("brittle", "steady"))
    ]
    path = tmp_path / "lineage.yaml"
    path.write_text(yaml.safe_dump({"schema": 1, "lineages": [{"id": "sums", "members": members}]}))
    return str(path)


def test_a_disturbed_descendant_loses_more_and_the_report_shows_it(folders, tmp_path, capsys):
    file = lineage_file(tmp_path, folders, "portable", "own")
    assert call([file, "--json", "--output", str(tmp_path / "out")]) == 0
    text = capsys.readouterr().out
    found = json.loads(text[: text.rindex("}") + 1])
    whole = {one["metric"]: one for one in found["estimates"] if one["labels"].get("family", "all") == "all"}
    assert whole["difference"]["value"] > 0.3
    assert whole["difference"]["low"] > 0
    assert whole["difference_own"]["low"] > 0
    report = (tmp_path / "out" / "report.md").read_text()
    assert "| sums | steady → brittle | sums |" in report
    assert "![ladder](pictures/ladder_sums.svg)" in report
    assert (tmp_path / "out" / "pictures" / "ladder_sums.svg").read_text().startswith("<svg")


def test_runs_may_be_named_on_the_command_line(folders, tmp_path, capsys):
    file = lineage_file(tmp_path, folders)
    words = [f"{name}={folders[name, 'portable']}" for name in ("steady", "brittle")]
    assert call([file, "--run", words[0], "--run", words[1]]) == 0
    shown = capsys.readouterr().out
    assert "the later loses more" in shown
    assert "1 lineage: a claim" in shown
    with pytest.raises(HarnessError, match="two runs with portable constraints"):
        call([file, "--run", words[0], "--run", words[0]])
    with pytest.raises(HarnessError, match="names 0 members; the members are sums/steady, sums/brittle"):
        call([file, "--run", "nobody=x"])


def test_without_portable_runs_it_says_what_to_do(folders, tmp_path):
    with pytest.raises(HarnessError, match="harness constraints export"):
        call([lineage_file(tmp_path, folders, "own")])
