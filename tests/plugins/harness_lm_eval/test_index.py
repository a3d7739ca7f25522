"""The index of task files: what lm-eval's holds, kept on disk, made anew when a file changes."""

import os
import random
import time

import pytest

from harness import TaskError, TaskSettings
from harness_lm_eval import index as indexing
from harness_lm_eval.index import cache_folder, default_root, index, kept_tree, read_settings
from harness_lm_eval.outline import branch_of
from harness_lm_eval.source import LmEvalSource


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("HARNESS_CACHE", str(folder))
    return folder


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "_base_yaml").write_text("output_type: multiple_choice\ntag: mine\n")
    (folder / "a.yaml").write_text("include: _base_yaml\ntask: a\n")
    (folder / "b.yaml").write_text("task: b\ntag: [mine, other]\n")
    (folder / "group.yaml").write_text("group: both\ntask: [a, {task: b, num_fewshot: 2}]\n")
    return folder


def test_names_kinds_and_tags(cache, folder):
    entries = kept_tree(folder.resolve()).entries
    assert {(entry.name, entry.kind, entry.output) for entry in entries} == {
        ("a", "task", "multiple_choice"),
        ("b", "task", ""),
        ("both", "group", ""),
        ("mine", "tag", ""),
        ("other", "tag", ""),
    }
    assert {entry.name: entry.members for entry in entries if entry.kind == "tag"} == {
        "mine": ("a", "b"),
        "other": ("b",),
    }


def test_it_is_parsed_once(cache, folder, monkeypatch):
    first = kept_tree(folder)

    def refuse(*_):
        raise AssertionError("parsed again")

    monkeypatch.setattr(indexing, "parsed_tree", refuse)
    assert kept_tree(folder) == first


@pytest.mark.parametrize("name", ["a.yaml", "_base_yaml"])
def test_a_changed_file_is_noticed(cache, folder, name):
    kept_tree(folder)
    (folder / name).write_text("task: c\n")
    os.utime(folder / name, ns=(1, 1))
    assert "c" in {entry.name for entry in kept_tree(folder).entries} or name == "_base_yaml"
    assert kept_tree(folder).fingerprint == indexing.fingerprint(folder)


def test_a_new_file_is_noticed(cache, folder):
    kept_tree(folder)
    (folder / "new.yaml").write_text("task: new\n")
    assert "new" in {entry.name for entry in kept_tree(folder).entries}


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema": 1}', b"\xff\xfe"])
def test_a_damaged_cache_is_made_again(cache, folder, damage):
    tree = kept_tree(folder)
    for file in cache_folder().iterdir():
        file.write_bytes(damage)
    assert kept_tree(folder) == tree


def test_a_cache_that_cannot_be_written_is_no_error(folder, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", "/proc/nowhere")
    assert len(kept_tree(folder).entries) == 5


def test_a_later_folder_wins(folder, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "gsm8k.yaml").write_text("task: gsm8k\n")
    assert index((str(folder), str(own))).path("gsm8k") == own / "gsm8k.yaml"
    assert index((str(folder),)).path("gsm8k") == default_root() / "gsm8k" / "gsm8k.yaml"


def test_a_folder_that_is_not_there():
    with pytest.raises(TaskError, match="no folder of task files at '/nowhere'"):
        index(("/nowhere",))


def test_what_names_stand_for(folder):
    source, settings = LmEvalSource(), TaskSettings(include_path=(str(folder),))
    assert source.find("a", settings) == ("a",)
    assert source.find("mine", settings) == ("a", "b")
    assert source.find("both", settings) == ("a", "both::b")
    assert source.find("both::b", settings) == ("both::b",)
    assert source.find(str(folder / "a.yaml"), settings) == ("a",)
    assert source.find(str(folder), settings) == ("a", "b", "both::b")
    assert source.find(str(folder / "*.yaml"), TaskSettings()) == ("a", "b", "both::a", "both::b")
    assert source.find("no such task", settings) == ()
    assert len(source.find("mmlu", settings)) == 57
    assert len(source.find("gsm8k*", settings)) > 5


def test_a_group_in_a_group_hands_its_settings_down(folder):
    (folder / "outer.yaml").write_text(
        "group: outer\nnum_fewshot: 3\ntask:\n  - both\n  - {group: inner, task: [a, {task: inline, dataset_path: json}]}\n"
    )
    leaves = {leaf.name: leaf for leaf in branch_of(index((str(folder),)), "outer").leaves()}
    assert {name: leaf.overrides.get("num_fewshot") for name, leaf in leaves.items()} == {
        "outer::both::a": 3,
        "outer::both::b": 2,
        "outer::inner::a": 3,
        "outer::inner::inline": 3,
    }
    assert leaves["outer::inner::inline"].called == "outer::inner::inline"
    assert leaves["outer::both::a"].called == "a"


def test_groups_that_hold_each_other_are_named(folder):
    (folder / "x.yaml").write_text("group: x\ntask: [y]\n")
    (folder / "y.yaml").write_text("group: y\ntask: [x]\n")
    with pytest.raises(TaskError, match="group 'x' holds itself: x > y > x"):
        LmEvalSource().find("x", TaskSettings(include_path=(str(folder),)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("task: [unclosed\n", "ParserError"),
        ("include: nowhere_yaml\ntask: bad\n", "nowhere_yaml"),
        ("include: bad.yaml\ntask: bad\n", "Include cycle"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_when_it_is_wanted(folder, text, reason):
    (folder / "bad.yaml").write_text(text)
    source, settings = LmEvalSource(), TaskSettings(include_path=(str(folder),))
    assert source.find("a", settings) == ("a",)
    with pytest.raises(TaskError, match=rf"bad\.yaml.*{reason}"):
        source.find("bad", settings)


def test_a_wide_selection_of_lm_eval_has_the_right_kind():
    known = index()
    assert len(known.entries) > 14_000
    assert not known.broken
    drawn = random.Random(0)
    for output in ("multiple_choice", "generate_until", "loglikelihood", "loglikelihood_rolling", ""):
        names = [
            name for name, entry in sorted(known.entries.items()) if entry.kind == "task" and entry.output == output
        ]
        for name in drawn.sample(names, min(30, len(names))):
            settings = read_settings(known.path(name))
            assert settings["task"] == name
            assert settings.get("output_type", "") == output
    for name in drawn.sample([name for name, entry in sorted(known.entries.items()) if entry.kind == "group"], 20):
        assert all(leaf.file is None or leaf.file.is_file() for leaf in branch_of(known, name).leaves())


def test_the_catalogue_is_quick_once_the_index_is_kept():
    list(LmEvalSource().catalogue(TaskSettings()))
    start = time.perf_counter()
    rows = list(LmEvalSource().catalogue(TaskSettings()))
    assert time.perf_counter() - start < 2
    assert {"name": "gsm8k", "kind": "task", "path": "gsm8k/gsm8k.yaml", "output_type": "generate_until"} in rows
