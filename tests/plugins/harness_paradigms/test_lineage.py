"""A lineage file says what is known and what is not; every fault in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harness import HarnessError
from harness_paradigms.lineage import FURTHER, READY, REQUIRED, read_lineages
from harness_paradigms.steps import steps_of

PLAIN = {
    "repo": "unknown",
    "revision": "unknown",
    "parent": "unknown",
    "stage": "unknown",
    "reasoning": "unknown",
    "template_hash": "unknown",
    "data": "unknown",
}


def member(name, **more):
    return {"name": name, **PLAIN, **more}


def read(tmp_path, *members, **more):
    path = tmp_path / "lineage.yaml"
    path.write_text(yaml.safe_dump({"schema": 1, "lineages": [{"id": "a", "members": list(members), **more}]}))
    return read_lineages(path)


def test_unknown_is_none_and_no_parent_is_another_thing_than_an_unknown_one(tmp_path):
    [lineage] = read(tmp_path, member("x", parent="none"), member("y", parent="x", runs=["runs/y"], licence="MIT"))
    first, second = lineage.members
    assert (first.parent, second.parent) == ("", "x")
    assert (first.repo, first.stage, first.data, first.reasoning_mode, first.reasoning_used) == (None,) * 5
    assert second.runs == (tmp_path / "runs/y",)
    assert lineage.family is None


@pytest.mark.parametrize("key", REQUIRED[1:])
def test_what_is_not_known_must_be_said_to_be_unknown(tmp_path, key):
    lacking = {name: value for name, value in member("x").items() if name != key}
    with pytest.raises(HarnessError, match=rf"member 'x' says nothing of {key}: write `unknown`"):
        read(tmp_path, lacking)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"stage": "SFT"}, r"stage 'SFT' is none of base, sft"),
        ({"parent": "z"}, r"parent 'z' is no other member \(y\)"),
        ({"parent": "x"}, r"parent 'x' is no other member"),
        ({"reasoning": True}, r"reasoning True is not"),
        ({"reasoning": {"mode": "toggle"}}, r"nor `mode` and `used`"),
        ({"reasoning": {"mode": "often", "used": True}}, r"reasoning mode 'often'"),
        ({"reasoning": {"mode": "toggle", "used": 1}}, r"reasoning used 1 is not true, false"),
        ({"data": "c4"}, r"data 'c4' is neither"),
        ({"runs": "runs/a"}, r"runs 'runs/a' is no list"),
        ({"repo": 3}, r"repo 3 is no text"),
        ({"parents": "y"}, r"no such key: parents"),
    ],
)
def test_a_wrong_value_is_named_with_its_member(tmp_path, change, fault):
    with pytest.raises(HarnessError, match=rf"lineage 'a', member 'x'.*{fault}"):
        read(tmp_path, member("x", **change), member("y"))


def test_all_faults_are_told_at_once(tmp_path):
    members = (member("x", stage="one"), member("x", stage="two"), {"name": "y"}, 3)
    with pytest.raises(HarnessError) as caught:
        read(tmp_path, *members)
    told = str(caught.value)
    assert all(
        part in told for part in ("'one'", "'two'", "two members are called 'x'", "'y' says nothing", "member 4")
    )


def test_a_circle_of_parents_is_refused(tmp_path):
    with pytest.raises(HarnessError, match="is a circle"):
        read(tmp_path, member("x", parent="y"), member("y", parent="x"))


@pytest.mark.parametrize("text", ["", "[]", "lineages: []", "a: [", "lineages: [3]", "lineages: [{id: a}]"])
def test_what_is_no_lineage_file_is_said_to_be_none(tmp_path, text):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(HarnessError, match="lineage file"):
        read_lineages(path)
    with pytest.raises(HarnessError, match="No such file"):
        read_lineages(tmp_path / "absent.yaml")


def test_members_of_unknown_parents_are_compared_with_the_first(tmp_path):
    [lineage] = read(tmp_path, member("x"), member("y", parent="x"), member("z"), member("w", parent="none"))
    assert [(step.name, step.descends) for step in steps_of(lineage)] == [
        ("x → y", True),
        ("x → z", False),
        ("x → w", False),
    ]


@pytest.mark.parametrize("path", sorted(READY.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_ready_made_files_are_read_and_have_steps(path):
    for lineage in read_lineages(path):
        assert list(steps_of(lineage))


def test_public_families_say_unknown_where_nothing_is_known():
    members = [one for lineage in read_lineages(READY / "public.yaml") for one in lineage.members]
    assert all(one.repo is None and one.revision is None and one.data is None for one in members)
    assert set(FURTHER).isdisjoint(REQUIRED)
    assert Path(READY / "tiny.yaml").is_file()
