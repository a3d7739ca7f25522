"""Portable constraints: met by a success of every model, natural to each, refused where versions differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from harness import Constraint, ConstraintType, HarnessError, Record, Response, Score, Trial, Verdict
from harness.testing import ListTask
from harness_sustainscore import portable
from harness_sustainscore.evaluation import ready
from harness_sustainscore.export import NONE_SHARED, NOT_ASKED, NOT_SOLVED, Wanted, exported
from harness_sustainscore.options import SustainOptions

TASK = ListTask(name="t", rows=tuple({"question": f"What is {n} + {n}?", "answer": f"{2 * n}"} for n in range(40, 44)))


def word_type(word, *, stratum="strict", version="1"):
    """A type that wants a word which its source uses."""

    def check(_, response):
        return Verdict(met=word in response.text.split())

    made = Constraint(
        type=word, family=word, version=version, params={"item": word}, text=f'Use "{word}".', stratum=stratum
    )
    return ConstraintType(
        name=word,
        family=word,
        summary="",
        version=version,
        extract=lambda answered: (made,) if check(made, answered.response).met else (),
        check=check,
    )


TYPES = {word: word_type(word) for word in ("alpha", "beta", "gamma")}


def record(index, *answers):
    """Base answers (text, solved) to a document."""
    trials = [
        Trial(arm="base", draw=n, responses=(Response(text=text),), score=Score(solved=solved))
        for n, (text, solved) in enumerate(answers)
    ]
    return Record(doc=f"t/{index}", task="t", index=index, trials=tuple(trials))


def of(*answers, solved=True):
    return {"t/0": record(0, *((text, solved) for text in answers))}


def found(one, other, **wanted):
    items, without = exported(TASK, {"one": one, "other": other}, TYPES, Wanted(**wanted))
    return [its.constraint.type for its in items.get("t/0", ())], dict(without)


def test_what_every_model_meets_is_shared():
    assert found(of("alpha beta", "alpha beta"), of("alpha gamma", "alpha gamma")) == (["alpha"], {})


def test_it_must_be_natural_to_each_model():
    one, other = of("alpha beta", "alpha beta"), of("alpha", "alpha", "beta", "beta")
    assert found(one, other) == ([], {NONE_SHARED: 1})
    assert found(one, other, least_q=0.3)[0]


def test_its_source_does_not_speak_for_its_own_model():
    one, other = of("alpha", "so", "so", "so"), of("alpha", "alpha", "alpha", "alpha")
    assert found(one, other) == ([], {NONE_SHARED: 1})


def test_every_model_must_have_solved_it_and_been_asked():
    assert found(of("alpha", "alpha"), of("alpha", "alpha", solved=False)) == ([], {NOT_SOLVED: 1})
    assert found(of("alpha", "alpha"), {}) == ([], {NOT_ASKED: 1})


def test_several_are_met_together_by_one_success_of_every_model():
    apart = of("alpha", "beta", "alpha", "beta")
    assert len(found(apart, of("alpha beta", "alpha beta"), count=2, least_q=0.3)[0]) == 1
    both = of("alpha beta", "beta alpha")
    assert sorted(found(both, both, count=4)[0]) == ["alpha", "beta"]


def test_one_greedy_answer_is_judged_by_the_declared_stratum():
    assert found(of("alpha"), of("alpha")) == (["alpha"], {})
    forcing = {"alpha": word_type("alpha", stratum="forcing")}
    items, without = exported(TASK, {"one": of("alpha"), "other": of("alpha")}, forcing, Wanted())
    assert (items, without) == ({}, {NONE_SHARED: 1})


def test_thinking_is_left_out():
    thought = of("<think>alpha alpha</think>beta", "<think>alpha</think>beta", "<think>alpha")
    assert found(thought, of("alpha beta", "alpha beta"))[0] == ["beta"]


def test_the_choice_depends_on_the_document_and_the_seed_alone():
    both = of("alpha beta gamma", "alpha beta gamma")
    drawn = [found(both, both, seed=seed)[0][0] for seed in range(30)]
    assert drawn == [found(both, both, seed=seed)[0][0] for seed in range(30)]
    assert set(drawn) == {"alpha", "beta", "gamma"}


@pytest.fixture
def file(tmp_path):
    def write(**changes):
        both = of("alpha beta", "alpha beta")
        items, without = exported(TASK, {"one": both, "other": both}, TYPES, Wanted(count=2))
        content = portable.Portable(
            harness="0",
            seed=0,
            least_q=0.8,
            runs=(),
            tasks={"t": {}},
            constraint_types={"alpha": "1", "beta": "1"},
            items=items,
            without=dict(without),
        )
        path = tmp_path / "portable.json"
        path.write_bytes(portable.written(replace(content, **changes)))
        return str(path)

    return write


def test_what_is_written_is_read(file):
    path = file()
    content = portable.read(path)
    assert [its.constraint.text for its in content.items["t/0"]]
    assert portable.written(content) == Path(path).read_bytes()


@pytest.mark.parametrize(
    ("changes", "types", "message"),
    [
        ({}, {**TYPES, "alpha": word_type("alpha", version="2")}, "alpha is version 1 there and 2 here"),
        ({}, {"alpha": TYPES["alpha"]}, "type beta is not among the chosen ones"),
        ({"tasks": {"u": {}}}, TYPES, r"task t is not in it \(it has u\)"),
        ({"tasks": {"t": {"docs": 9}}}, TYPES, "docs is 9 there and None here"),
        ({"schema": 9}, TYPES, "schema 9 is not 1"),
    ],
)
def test_a_file_that_does_not_go_with_the_run_is_refused_before_anything_is_asked(file, changes, types, message):
    options = SustainOptions(constraint_source="portable", constraint_file=file(**changes))
    with pytest.raises(HarnessError, match=message):
        ready(options, {"t": TASK}, types)


def test_a_file_that_is_none_is_refused(tmp_path):
    path = tmp_path / "x.json"
    with pytest.raises(HarnessError, match="No such file"):
        portable.read(str(path))
    path.write_text(msgspec.json.encode({"schema": 1}).decode())
    with pytest.raises(HarnessError, match="no file of portable constraints"):
        portable.read(str(path))


@pytest.mark.parametrize("options", [{"constraint_source": "portable"}, {"constraint_file": "f"}])
def test_source_and_file_belong_together(options):
    with pytest.raises(ValueError, match="harness constraints export"):
        SustainOptions(**options)
