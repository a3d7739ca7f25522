"""A run with portable constraints uses those of its file and no others, in every position, and accounts for the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Constraint, ConstraintType, HarnessError, Verdict
from harness.run import run
from harness.testing import ScriptedModel
from harness_sustainscore import portable
from harness_sustainscore.evaluation import NOT_PORTABLE

DOCUMENTS = 12


def right(request):
    """Answer every sum."""
    number = int(request.prompt.asked.content.split("What is ")[1].split(" +")[0])
    return f"Adding the two gives us {2 * number}"


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
    """Carry out a plan without figures or reports, which are not what is asked here."""
    return asyncio.run(run(plan, replace(registry, metrics={}, reporters={})))


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


def mark(name):
    """A type that any answer meets which has a word; the bank's shouting does not."""

    def check(_, response):
        return Verdict(met=bool(response.text) and not response.text.isupper())

    made = Constraint(type=name, family=name, version="1", params={}, text=f"Use no {name} here.")
    return ConstraintType(name=name, family=name, summary="", extract=lambda _: (made,), check=check)


MARKS = tuple(mark(name) for name in ("tables", "links", "emoji", "footnotes", "headings", "quotes"))


def drawn(world, **changes):
    model = ScriptedModel(script=right, identity={"backend": "scripted", "model": changes.pop("name", "one")})
    option = {"draws": "1", "base_draws": "1", "constraint_count": "1,2,4"}
    plan, registry, _ = world(model=model, types=MARKS, option=option, limit=10, **changes)
    return [[one.type for one in record.constraints] for record in ran(plan, registry).records]


def test_the_draw_depends_on_the_document_the_model_and_the_seed_and_on_nothing_else(world):
    first = drawn(world)
    assert drawn(world) == first
    assert len({tuple(one) for one in first}) > 3
    assert drawn(world, seed=1) != first
    assert drawn(world, name="other") != first
    assert all(len(one) == len(set(one)) == 4 for one in first)
