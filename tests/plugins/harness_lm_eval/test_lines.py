"""A long file of rows gives the dataset that a short one gives, without a list of all its rows."""

import json

import pytest

from harness import DataUnavailable
from harness_lm_eval import lines

ROWS = [
    {"n": 1, "text": "2024-01-02", "parts": [{"a": 1}]},
    {"n": 2, "text": "ü\n", "parts": []},
    {"n": 2.5, "parts": [{"a": None, "b": "x"}]},
    {"text": None, "late": True},
    {"n": 4, "text": "", "parts": None, "late": None},
]


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n")
    return path


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_blocks_make_no_difference(tmp_path, monkeypatch, most):
    file = written(tmp_path / "test.jsonl", ROWS)
    whole = lines.rows(file, "here")
    monkeypatch.setattr(lines, "MOST", most)
    parts = lines.rows(file, "here")
    assert list(parts) == list(whole)
    assert parts.features == whole.features
    assert parts.cache_files


def test_what_is_no_object_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST", 2)
    file = written(tmp_path / "test.jsonl", [*ROWS, [1, 2]])
    with pytest.raises(DataUnavailable, match=r"here, test.jsonl: .* one JSON object a line"):
        lines.rows(file, "here")


def test_fields_of_two_types_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST", 1)
    file = written(tmp_path / "test.jsonl", [{"n": 1}, {"n": "one"}])
    with pytest.raises(DataUnavailable, match=r"here, test.jsonl"):
        lines.rows(file, "here")
