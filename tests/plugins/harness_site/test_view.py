"""The viewer: any page is found at once, a growing file is followed, and the server tells nobody but this machine."""

import re
import time

import httpx
import pytest

from harness import HarnessError
from harness.ledger import Records
from harness_site.view.answers import columns_of, inserted_pieces
from harness_site.view.command import bound, call
from harness_site.view.folders import folders_of
from harness_site.view.formatted import formatted
from harness_site.view.index import Choice, Index
from harness_site.view.marking import Mark, added, pieces

from .hostile import TEXTS

ALL_TIME = float("inf")


@pytest.fixture
def index(site_runs):
    found = Index(site_runs["brittle"] / "records.jsonl")
    found.read_on(ALL_TIME)
    return found


def test_every_record_is_found_by_its_number_and_by_its_document(index, site_runs):
    records = list(Records(site_runs["brittle"] / "records.jsonl"))
    assert len(index) == len(records)
    assert [index.record(number) for number in range(len(index))] == records
    assert index.number_of(records[5].doc) == 5
    assert index.number_of("sums/999") is index.number_of("none/1") is index.number_of("") is None
    with pytest.raises(IndexError):
        index.record(len(records))


def test_outcomes_are_those_of_the_records(index):
    lost = index.chosen(Choice(outcome="lost"))
    assert 0 < len(lost) < len(index)
    for number in range(len(index)):
        record = index.record(number)
        wrong = any(not trial.score.solved for trial in record.arm("constrained"))
        assert (number in lost) == wrong  # steady but for constraints: its controls are right
    assert index.chosen(Choice(task="other")) == []
    assert index.chosen(Choice()) == list(range(len(index)))


def test_a_growing_file_is_followed_and_a_new_one_is_begun_anew(site_runs, tmp_path):
    lines = (site_runs["steady"] / "records.jsonl").read_bytes().splitlines(keepends=True)
    path = tmp_path / "records.jsonl"
    found = Index(path)
    found.read_on(ALL_TIME)
    assert len(found) == 0
    path.write_bytes(lines[0] + lines[1][:100])
    found.read_on(ALL_TIME)
    assert len(found) == 1
    with path.open("ab") as file:
        file.write(lines[1][100:] + lines[2])
    found.read_on(ALL_TIME)
    assert [found.record(number).doc for number in range(3)] == ["sums/0", "sums/1", "sums/2"]
    path.write_bytes(lines[4])
    found.read_on(ALL_TIME)
    assert [found.record(0).doc, len(found)] == ["sums/4", 1]
    assert found.marks["solved"] == 1


def test_a_line_that_is_no_record_is_named(tmp_path):
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"doc": 1}\n')
    with pytest.raises(HarnessError, match=r"records.jsonl, record 0"):
        Index(path).read_on(ALL_TIME)


@pytest.mark.parametrize("name", ["brittle", "hostile"])
def test_the_prompt_as_sent_holds_the_inserted_text_where_it_was(name, site_runs):
    seen = 0
    for record in Records(site_runs[name] / "records.jsonl"):
        for trial in record.trials:
            found = inserted_pieces(record, trial)
            whole = "".join(piece.text for piece in found)
            marked = "".join(piece.text for piece in found if piece.look)
            assert marked == trial.inserted
            for span in trial.spans if trial.arm == "constrained" else ():
                assert whole[span.start : span.end] == record.constraints[int(span.label[1:])].text
                seen += 1
    assert seen


def test_arms_stand_side_by_side(index):
    [number, *_] = index.chosen(Choice(outcome="lost"))
    columns = columns_of(index.record(number), ())
    assert [column.title for column in columns] == [
        "base",
        "repeat",
        "placebo, k = 1",
        "constrained, k = 1",
        "placebo, k = 2",
        "constrained, k = 2",
    ]
    wrong = [answer for column in columns[2:] for answer in column.answers if answer.grade == "wrong"]
    assert wrong
    assert all(any(piece.look == "added" for piece in answer.shown) for answer in wrong)


def test_pieces_are_the_text_again():
    text = "one two three"
    marks = [Mark(start=0, end=7, look="added"), Mark(start=4, end=40, look="evidence", title="why")]
    found = pieces(text, marks)
    assert "".join(piece.text for piece in found) == text
    assert [(piece.text, piece.look) for piece in found] == [
        ("one ", "added"),
        ("two", "added evidence"),
        (" three", "evidence"),
    ]
    assert pieces("", marks) == []


def test_differences_of_long_texts_are_found_by_lines():
    lines = [f"line {n} of many words here\n" for n in range(600)]
    changed = [*lines[:300], "another\n", *lines[301:]]
    [mark] = added("".join(lines), "".join(changed))
    assert "".join(changed)[mark.start : mark.end] == "another\n"
    start = time.monotonic()
    list(added("a b " * 4000, "b a " * 4000))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_markdown_that_is_shown_as_such_holds_only_its_own_elements(text):
    tags = set(re.findall(r"<\s*/?\s*([a-z0-9]+)", str(formatted(text))))
    assert tags <= {"p", "code", "pre", "strong", "em", "ul", "ol", "li", "br", "blockquote", "h1", "h2"}


def test_a_folder_that_is_not_there_and_a_port_that_is_taken_are_said(tmp_path):
    with pytest.raises(HarnessError, match="no such folder"):
        call([str(tmp_path / "none")])
    taken = bound(0)
    try:
        with pytest.raises(HarnessError, match="choose another"):
            bound(taken.getsockname()[1])
    finally:
        taken.close()
    assert taken.getsockname is not None


def test_runs_of_one_name_are_told_apart(tmp_path, site_runs):
    for place in ("a", "b"):
        (tmp_path / place / "run").mkdir(parents=True)
        (tmp_path / place / "run" / "manifest.json").write_bytes((site_runs["steady"] / "manifest.json").read_bytes())
    found = folders_of([tmp_path / "a", tmp_path / "b"])
    assert len(found.look()) == 2
    assert found.look().keys() == found.look().keys()


@pytest.fixture(scope="module")
def client(viewer):
    with httpx.Client(base_url=viewer, timeout=60, trust_env=False) as client:
        yield client


def test_every_answer_forbids_what_is_not_ours(client, site_runs):
    name = site_runs["hostile"].name
    for path in (
        "/",
        f"/runs/{name}/",
        f"/runs/{name}/samples",
        f"/runs/{name}/samples/0",
        "/static/site.css",
        "/none",
    ):
        answer = client.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status_code == (404 if path == "/none" else 200)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_another_name_for_this_machine_gets_no_answer(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/runs/../../../etc/passwd",
        "/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd/",
        "/static/..%2f..%2fsite.py",
        "/static/%2fetc%2fpasswd",
        "/board/../../../etc/passwd",
        "/runs/none/",
        "/runs/none/samples/0",
    ],
)
def test_no_file_but_those_of_the_runs_is_served(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_only_reading_is_answered(client):
    assert {client.request(method, "/").status_code for method in ("POST", "PUT", "DELETE")} == {405}


def test_a_whole_answer_comes_part_by_part_and_as_a_file(client, site_runs):
    path = f"/runs/{site_runs['hostile'].name}/samples/7/answers/0"
    record = Index(site_runs["hostile"] / "records.jsonl")
    record.read_on(ALL_TIME)
    text = record.record(7).trials[0].response.text
    whole = client.get(path, params={"whole": ""})
    assert whole.text == text
    assert whole.headers["content-disposition"].startswith("attachment")
    part = client.get(path, params={"from": len(text) - 10})
    assert (part.text, part.headers["x-characters-left"]) == (text[-10:], "0")
    assert part.headers["content-type"].startswith("text/plain")
    assert client.get(f"/runs/{site_runs['hostile'].name}/samples/7/answers/999").status_code == 404
    assert "⟨U+202E⟩" in client.get(f"/runs/{site_runs['hostile'].name}/samples/5/answers/0").text


def test_an_unfinished_run_shows_what_is_there_and_grows(client, unfinished, site_runs):
    page = client.get(f"/runs/{unfinished.name}/")
    assert "9 asked" in page.text
    assert "figures are those of the first 9 records" in page.text
    assert "data-live" in page.text
    assert "SustainScore" in page.text
    lines = (site_runs["brittle"] / "records.jsonl").read_bytes().splitlines(keepends=True)
    before = (unfinished / "records.jsonl").read_bytes()
    try:
        (unfinished / "records.jsonl").write_bytes(b"".join(lines[:14]))
        assert "14 asked" in client.get(f"/runs/{unfinished.name}/").text
        assert "sums/13" in client.get(f"/runs/{unfinished.name}/samples").text
    finally:
        (unfinished / "records.jsonl").write_bytes(before)
    assert "9 asked" in client.get(f"/runs/{unfinished.name}/").text


def test_a_document_is_found_by_its_name(client, site_runs):
    answer = client.get(f"/runs/{site_runs['brittle'].name}/samples", params={"doc": "sums/3"}, follow_redirects=True)
    assert "<h1>sums/3</h1>" in answer.text
    missing = client.get(f"/runs/{site_runs['brittle'].name}/samples", params={"doc": "sums/99"})
    assert "no document" in missing.text


def test_the_leaderboard_is_there_too(client, board_folder):
    answer = client.get("/board/index.html")
    assert answer.status_code == 200
    assert ">unchecked<" in answer.text
    assert client.get("/board/board.csv").text.count("\n") == (board_folder / "board.csv").read_text().count("\n")


def test_pictures_of_a_run_folder_are_shown_caged_and_none_from_elsewhere(client, unfinished, tmp_path):
    (unfinished / "attention" / "pictures").mkdir(parents=True)
    (unfinished / "attention" / "pictures" / "map.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    secret = tmp_path / "secret.svg"
    secret.write_text("secret")
    (unfinished / "pictures").mkdir()
    (unfinished / "pictures" / "way_out.svg").symlink_to(secret)
    base = f"/runs/{unfinished.name}"
    page = client.get(f"{base}/").text
    assert "exhibits/attention/pictures/map.svg" in page
    assert "way_out" not in page
    answer = client.get(f"{base}/exhibits/attention/pictures/map.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers["content-security-policy"]
    for name in ("pictures/way_out.svg", "manifest.json", "../../etc/passwd"):
        assert client.get(f"{base}/exhibits/{name}").status_code == 404
