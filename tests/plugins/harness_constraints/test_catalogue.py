"""The YAML language: what it refuses, and how it says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest
import yaml

from harness.testing import answered
from harness_constraints.catalogue import CatalogueError, catalogue, folder, load, types_of, validate_file
from harness_constraints.document import markdown
from harness_constraints.measurements import MEASUREMENTS
from harness_constraints.relations import RELATIONS
from harness_constraints.schema import json_schema

GOOD = """
family: length
types:
  - name: few_words
    summary: Few words.
    measure: word_count
    relation: at_most
    slack: 20
    step: human
    unit: word
    stratum: soft
    example: {bound: 50}
    wordings:
      imperative: Use at most {amount}.
      declarative: There are at most {amount}.
      polite: Please use at most {bound} words.
      checklist: At most {bound} words.
"""


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "x.yaml"
        path.write_text(content)
        return path

    return write


def test_a_good_file_is_a_type_without_any_code(file):
    path = file(GOOD)
    assert validate_file(path) == []
    (rule,) = load(path)
    assert rule.name == "few_words"
    assert rule.family == "length"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: word_count", "measure: word_cuont", "did you mean word_count"),
        ("relation: at_most", "relation: at_moist", "at_moist"),
        ("relation: at_most", "relation: starts_with", "word_count gives a count"),
        ("relation: at_most", "relation: between", "example has the keys ['bound']; between has ['high', 'low']"),
        ("slack: 20", "slakc: 20", "slakc"),
        ("slack: 20", "slack: -1", "slack"),
        ("slack: 20", "slack: a fifth", "slack"),
        ("slack: 20", "slack: 20\n    pick: content_word", "takes no `pick`"),
        ("slack: 20", "slack: 20\n    args: {scope: code}", "word_count has no argument 'scope'"),
        ("slack: 20", "slack: 20\n    hint: 3", "hint"),
        ("slack: 20", "slack: 20\n    slack: 30", "'slack' is given twice"),
        ("stratum: soft", "stratum: sofft", "stratum"),
        ("step: human", "step: 0", "step is 0"),
        (
            "{bound} words.\n      checklist",
            "{bond} words.\n      checklist",
            "{bond} is no parameter; there are: amount, bound",
        ),
        ("checklist: At", "check: At", "check"),
        ("name: few_words", "name: Few words", "name"),
        ("family: length", "familie: length", "`family: NAME`"),
        ("family: length", "family: length\nextra: 1", "unknown key 'extra'"),
        ("types:", "types: {}\nmore:", "`types:`, a list"),
        ("summary: Few words.", "summary: [", "not YAML"),
        ("summary: Few words.", "", "summary"),
    ],
)
def test_a_mistake_is_named_with_its_file(file, old, new, said):
    assert old in GOOD
    path = file(GOOD.replace(old, new, 1))
    problems = validate_file(path)
    assert problems
    assert said in problems[0]
    assert problems[0].startswith("x.yaml: ")
    with pytest.raises(CatalogueError, match=r"x\.yaml"):
        load(path)


def test_any_measurement_goes_with_any_relation_that_suits_it(file):
    """A user may combine what the catalogue does not: each combination extracts and checks, and never raises."""
    example = {"bound": 1, "low": 1, "high": 1, "value": 1, "item": "so", "times": 1, "items": ["a", "b"]}
    entries = []
    for measurement in MEASUREMENTS.values():
        for relation in map(RELATIONS.__getitem__, measurement.relations):
            keys = {key: example[key] for key in relation.keys}
            entries.append({
                "name": f"{measurement.name}__{relation.name}",
                "summary": "Any.",
                "measure": measurement.name,
                "relation": relation.name,
                "stratum": "soft",
                "example": keys,
                **({"pick": "content_word"} if relation.picks else {}),
                "wordings": dict.fromkeys(("imperative", "declarative", "polite", "checklist"), "Do so."),
            })  # fmt: skip
    path = file(yaml.safe_dump({"family": "any", "types": entries}))
    assert validate_file(path) == []
    kinds = types_of(path)
    assert len(kinds) > 300
    for text in ("So it is: 3 + 4 = 7.", "def f(n):\n    return sum(n)", "<think>hm"):
        source = answered(text)
        for kind in kinds:
            for constraint in kind.extract(source):
                assert kind.check(constraint, source.response).met is True, kind.name


def test_a_missing_file_is_named(tmp_path):
    assert "cannot be read" in validate_file(tmp_path / "none.yaml")[0]


def test_two_types_of_one_name_are_refused(file):
    entry = GOOD.split("types:\n")[1]
    assert "declared twice" in validate_file(file(GOOD + entry))[0]


def test_a_relation_of_items_says_where_they_come_from(file):
    wrong = GOOD.replace("word_count", "word_uses").replace("at_most", "lacks").replace("bound: 50", "item: so")
    assert any("lacks needs `pick`" in problem for problem in validate_file(file(wrong)))


@pytest.mark.parametrize("path", sorted(folder().glob("*.yaml")), ids=lambda path: path.name)
def test_the_catalogue_is_valid(path):
    assert validate_file(path) == []
    assert yaml.safe_load(path.read_text())["family"] == path.stem


def test_the_published_schema_is_current():
    assert (folder() / "schema.json").read_text() == json_schema(), (
        "write it: python -m harness_constraints.document --schema"
    )
    assert json.loads(json_schema())["$defs"]["Entry"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("measure: word_count", "measure: 3"),
        ("relation: at_most", "relation: at_moist"),
        ("slack: 20", "slakc: 20"),
        ("slack: 20", "slack: -1"),
        ("slack: 20", "slack: a fifth"),
        ("slack: 20", "hint: 3"),
        ("slack: 20", "offers: 0"),
        ("slack: 20", "words: 3"),
        ("step: human", "step: ten"),
        ("stratum: soft", "stratum: sofft"),
        ("stratum: soft", "tight: true"),
        ("stratum: soft", "stratum: soft\n    tight: 'yes'"),
        ("stratum: soft", "stratum: soft\n    domains: [math, cooking]"),
        ("checklist: At", "check: At"),
        ("name: few_words", "name: Few words"),
        ("summary: Few words.", ""),
        ("example: {bound: 50}", "example: {bound: 5.5}"),
    ],
)
def test_the_schema_and_the_loader_say_the_same(file, old, new):
    """An editor that follows the published schema marks what the loader refuses, and nothing else."""
    content = yaml.safe_load(GOOD.replace(old, new, 1))
    schema = json.loads((folder() / "schema.json").read_text())
    fits = jsonschema.Draft202012Validator(schema).is_valid(content)
    assert fits is (validate_file(file(GOOD.replace(old, new, 1))) == [])


def test_the_page_is_current():
    page = folder().parent / "docs" / "constraints.md"
    if not page.exists():
        pytest.skip("not a checkout: no docs folder beside the catalogue")
    assert page.read_text() == markdown(), "write it: python -m harness_constraints.document"


def test_the_catalogue_has_the_families_of_the_specification():
    families = {rule.family for rule in catalogue()}
    assert families == {
        "format", "length", "keyword", "punctuation", "case", "start_end", "numeric", "language", "process", "qa", "code",
    }  # fmt: skip
    assert len(catalogue()) >= 60


def test_the_catalogue_loads_quickly_and_nothing_heavy():
    program = (
        "import time, sys, harness_constraints.catalogue as c\n"
        "c.catalogue(); c.catalogue.cache_clear()\n"
        "t = time.process_time(); c.catalogue(); print(time.process_time() - t)\n"
        "assert 'markdown_it' not in sys.modules and 'torch' not in sys.modules\n"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert float(ran.stdout) < 0.25  # 0.03 on a free core
