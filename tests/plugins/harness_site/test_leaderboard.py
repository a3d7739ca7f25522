"""The board: ties are ties, a changed run is marked and not ranked, and no page can load or run what is not ours."""

import csv
import hashlib
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import pytest

from harness import HarnessError
from harness_site.board.lines import Rank, lines_of
from harness_site.board.models import read_facts
from harness_site.board.ranking import compared, ranked
from harness_site.board.submission import read_submissions
from harness_site.leaderboard import call
from harness_site.site import files_of, site_of
from harness_sustainscore.rows import ALL

from .conftest import FLAGS

SUMS = ("steady", "plain", "brittle")


@pytest.fixture(scope="module")
def sums(site_runs, site_registry):
    return read_submissions([site_runs[name] for name in SUMS], site_registry, {})


def rank_of(lines, model, k=2, family=ALL):
    [line] = [one for one in lines if one.submission.model == model and one.scope.k == k and one.scope.family == family]
    return line.rank


def test_runs_that_no_test_tells_apart_share_their_places(sums):
    lines = ranked(lines_of(sums), compared(sums))
    assert rank_of(lines, "brittle").best > 1
    assert rank_of(lines, "brittle").worst == 3
    assert rank_of(lines, "steady") == Rank(best=1, worst=2, among=3)
    assert rank_of(lines, "plain").best == 1


def test_a_run_beside_its_copy_is_a_tie(sums):
    twin = replace(sums[2], name="twin")
    lines = [one for one in ranked(lines_of([sums[2], twin]), compared([sums[2], twin])) if one.scope.k == 2]
    assert {line.rank for line in lines} == {Rank(best=1, worst=2, among=2)}


def test_runs_of_another_kind_are_not_compared_and_say_so(sums):
    settings = {**sums[1].results["plan"]["settings"], "num_fewshot": 5}
    other = replace(sums[1], results={**sums[1].results, "plan": {"settings": settings}})
    runs = [sums[0], other, sums[2]]
    lines = ranked(lines_of(runs), compared(runs))
    [line] = [one for one in lines if one.submission is other and one.scope.k == 2 and one.scope.family == ALL]
    assert line.rank == Rank(best=1, worst=3, among=3)
    assert all("num_fewshot" in why for why in line.apart.values())
    assert len(line.apart) == 2


def test_the_numbers_of_the_board_are_those_of_the_runs(sums, board_folder):
    rows = json.loads((board_folder / "board.json").read_text())
    mine = {(row["run"], row["task"], row["k"], row["constraint_family"]): row for row in rows}
    checked = 0
    for one in sums:
        for estimate in one.estimates:
            labels = estimate.labels
            if estimate.metric == "D_spec" and labels.get("type") == labels.get("stratum") == ALL:
                row = mine[one.name, labels["task"], int(labels["k"]), labels["family"]]
                assert (row["D_spec"], row["D_spec_low"], row["n"]) == (estimate.value, estimate.low, estimate.n)
                checked += 1
    assert checked >= 2 * len(sums)
    assert {row["verified"] for row in rows} == {"verified"}


def test_the_same_table_in_every_form(board_folder):
    rows = json.loads((board_folder / "board.json").read_text())
    with (board_folder / "board.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["run"] for row in table] == [row["run"] for row in rows]
    assert [float(row["D_spec"]) for row in table if row["D_spec"]] == [
        row["D_spec"] for row in rows if row["D_spec"] is not None
    ]
    markdown = (board_folder / "board.md").read_text()
    assert len([line for line in markdown.splitlines() if line.startswith("| ")]) == len(rows) + 2
    assert "<img" not in markdown
    latex = (board_folder / "board.tex").read_text()
    assert len(re.findall(r" \\\\$", latex, re.MULTILINE)) == len(rows) + 1
    assert r"D\_spec" in latex


def test_two_builds_are_equal(sums, site_registry):
    runs = [replace(sums[2], checks=()), sums[0]]
    first, second = (dict(files_of(site_of(runs, site_registry.evaluations))) for _ in range(2))
    assert first == second
    assert b">unchecked<" in first["index.html"]
    assert b">verified<" in first["index.html"]


def test_a_run_that_was_changed_is_marked_and_gets_no_rank(site_runs, tmp_path, capsys):
    for name in ("steady", "brittle"):
        shutil.copytree(site_runs[name], tmp_path / "runs" / name)
    results = tmp_path / "runs" / "brittle" / "results.json"
    told = json.loads(results.read_text())
    for row in told["estimates"]:
        if row["metric"] == "D_spec":
            row["value"] = 0.0
    results.write_text(json.dumps(told))
    assert call([str(tmp_path / "runs"), "--output", str(tmp_path / "site"), *FLAGS]) == 1
    said = capsys.readouterr().out
    assert "differs    brittle" in said
    rows = json.loads((tmp_path / "site" / "board.json").read_text())
    forged = [row for row in rows if row["run"] == "brittle"]
    assert forged
    assert all(row["rank_best"] is None and "verification differs" in row["not_ranked"] for row in forged)
    assert all(row["ranked"] == 1 for row in rows if row["run"] == "steady")
    page = (tmp_path / "site" / "models" / "brittle.html").read_text()
    assert "estimates: differs" in page
    assert "changed: results.json" in page


def test_what_could_not_be_verified_is_said(site_runs, site_registry):
    """Without its constraint types a run's verdicts cannot be made anew."""
    [one] = read_submissions([site_runs["steady"]], replace(site_registry, constraint_types={}), {})
    assert [check.name for check in one.failed] == ["versions"]
    assert [check.name for check in one.unknown] == ["verdicts"]
    assert one.standing == "differs"


def test_the_records_of_a_submission_may_be_damaged(site_runs, site_registry, tmp_path):
    shutil.copytree(site_runs["steady"], tmp_path / "run")
    records = tmp_path / "run" / "records.jsonl"
    records.write_bytes(records.read_bytes()[:5000] + b"\n{]\n")
    found = read_submissions([tmp_path / "run"], site_registry, {})
    assert all(line.rank is None for line in ranked(lines_of(found), compared(found)))
    with pytest.raises(HarnessError, match="not a record"):
        read_submissions([tmp_path / "run"], site_registry, {}, checked=False)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ("{}", "not the results of a run"),
        ('{"schema": 2, "funnel": {}, "reasons": {}, "estimates": []}', "missing required field"),
        (
            (
                '{"schema": 2, "funnel": {}, "reasons": {}, "estimates": [1], "model": {}, "plan": {}, "tasks": {},'
                ' "evaluation": {"name": "sustainscore", "version": "1"}, "metrics": {}, "constraint_types": {}}'
            ),
            "estimates",
        ),
    ],
)
def test_what_is_no_run_is_refused_by_name(results, words, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").write_text(results)
    with pytest.raises(HarnessError, match=words):
        call([str(tmp_path / "run"), "--output", str(tmp_path / "site"), *FLAGS])
    with pytest.raises(HarnessError, match="neither a finished run"):
        call([str(tmp_path / "nothing"), "--output", str(tmp_path / "site"), *FLAGS])


def test_a_lineage_tells_of_models_by_any_of_their_names(board_folder):
    facts = read_facts(str(board_folder.parent / "lineage.yaml"))
    assert facts["sums:steady"] == facts["first"]
    assert facts["plain"].parent == facts["first"].name
    rows = json.loads((board_folder / "board.json").read_text())
    known = {(row["model"], row["model_family"], row["stage"]) for row in rows if row["stage"]}
    assert known == {("steady", "sums", "base"), ("plain", "sums", "sft"), ("brittle", "sums", "rlvr")}
    ladder = (board_folder / "pictures" / "ladder.svg").read_text()
    assert ladder.index(">base<") < ladder.index(">sft<") < ladder.index(">rlvr<")


class Elements(HTMLParser):
    """The elements of a page with their attributes, as a browser reads them."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_no_page_runs_or_loads_what_is_not_ours(board_folder):
    pages = sorted(board_folder.rglob("*.html"))
    assert len(pages) >= 10
    for path in pages:
        text = path.read_text()
        assert "\u202e" not in text
        elements = Elements(text).found
        assert any(
            "default-src 'none'; script-src 'self'" in attributes.get("content", "")
            for tag, attributes in elements
            if tag == "meta"
        )
        for tag, attributes in elements:
            assert not [name for name in attributes if name == "style" or name.startswith("on")], path
            assert tag != "script" or attributes.get("src", "").endswith(".js"), path
            for link in (attributes.get("src"), attributes.get("href")):
                if link is not None and not link.startswith("#"):
                    assert not re.match(r"[a-z]+:|//", link), (path, link)
                    assert (path.parent / link.partition("#")[0]).exists(), (path, link)


def test_what_is_not_ours_is_what_it_was():
    folder = resources.files("harness_site") / "static" / "vendor"
    sums = [line.split() for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert sums
    for digest, name in sums:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (
        f"DataTables {re.search(r'`datatables.net` ([0-9.]+) ', (folder / 'README.md').read_text())[1]}"
        in (folder / "dataTables.min.js").read_text()
    )


def test_the_first_board_is_light(board_folder):
    page = board_folder / "index.html"
    loaded = re.findall(r'(?:src|href)="(static/[^"]*)"', page.read_text())
    assert "static/dataTables.min.js" in loaded
    assert page.stat().st_size + sum((board_folder / path).stat().st_size for path in loaded) < 1_000_000


def test_pictures_are_drawn_of_the_board(board_folder):
    drawn = {path.stem for path in (board_folder / "pictures").glob("*.svg")}
    assert drawn == {"forest", "drop_by_k", "drop_by_accuracy", "ladder"}


def test_the_ordinal_board_holds_the_ratings(board_folder):
    rows = json.loads((board_folder / "ordinal.json").read_text())
    assert {row["task"] for row in rows} == {"stars"}
    assert all(-1 <= row["qwk"] <= 1 for row in rows if row.get("qwk") is not None)
    assert "ordinal.html" in (board_folder / "index.html").read_text()
