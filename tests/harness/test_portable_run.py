"""A run with portable constraints uses those of its file and no others, in every position, and accounts for the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from harness import Constraint, HarnessError
from harness.run import run
from harness_sustainscore import portable
from harness_sustainscore.evaluation import NOT_PORTABLE

DOCUMENTS = 12


def shared(text):
    made = Constraint(type="short", family="length", version="1", params={"most": 100}, text=text)
    return portable.PortableConstraint(constraint=made, q={})


@pytest.fixture
def file(tmp_path):
    def write(text="Use at most 100 words, all told.", version="1"):
        content = portable.Portable(
            harness="0",
            seed=0,
            least_q=0.8,
            runs=(),
            tasks={"sums": {}},
            constraint_types={"short": version},
            items={f"sums/{n}": (shared(text),) for n in range(DOCUMENTS)},
            without={},
        )
        path = tmp_path / "portable.json"
        path.write_bytes(portable.written(content))
        return str(path)

    return write


def options(path, **more):
    return {"constraint_source": "portable", "constraint_file": path, "draws": "1", "base_draws": "1", **more}


def ran(plan, registry):
    return asyncio.run(run(plan, registry))


def test_exactly_the_constraints_of_the_file_are_asked_for(world, file):
    plan, registry, _ = world(option=options(file()), limit=DOCUMENTS + 3)
    end = ran(plan, registry)
    texts = Counter(record.constraints[0].text if record.constraints else "" for record in end.records)
    assert texts == {"Use at most 100 words, all told.": DOCUMENTS, "": 3}
    assert end.reasons == {NOT_PORTABLE: 3}
    assert end.funnel["solved"] == DOCUMENTS + 3
    assert end.funnel["constrained"] == DOCUMENTS


def test_positions_take_turns_and_the_placebo_stands_in_the_same_one(world, file):
    plan, registry, _ = world(
        option=options(file(), position="appended,prepended,system"), limit=DOCUMENTS, greedy=False
    )
    records = list(ran(plan, registry).records)
    seen = Counter(record.arm("constrained")[0].position for record in records)
    assert seen == {"appended": 4, "prepended": 4, "system": 4}
    for record in records:
        (treated,), (idle,) = record.arm("constrained"), record.arm("placebo")
        assert treated.position == idle.position
        (span,), (other,) = treated.spans, idle.spans
        assert (span.message, span.label, other.label) == (other.message, "c0", "placebo")
        assert span.end - span.start == len(record.constraints[0].text)
        assert record.arm("base")[0].position is None


def test_another_version_is_refused_before_anything_is_asked(world, file):
    plan, registry, model = world(option=options(file(version="2")), limit=2)
    with pytest.raises(HarnessError, match="constraint type short is version 2 there and 1 here"):
        ran(plan, registry)
    assert model.seen == []
    assert not Path(plan.output).exists()


def test_a_changed_file_is_another_run_and_the_manifest_has_its_hash(world, file):
    path = file()
    first = ran(*world(option=options(path), limit=2)[:2])
    file("Use no more than 100 words.")
    second = ran(*world(option=options(path), limit=2)[:2])
    hashes = [end.manifest["files"]["constraint_file"] for end in (first, second)]
    assert len(set(hashes)) == 2
    assert first.folder != second.folder
