"""A world in memory: sums as a task, a scripted model, two constraint types, and a registry of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness import (
    Constraint,
    ConstraintType,
    Plan,
    Record,
    Response,
    Sampling,
    Score,
    TaskSpec,
    TaskSuite,
    Trial,
    Verdict,
)
from harness.registry import load_registry
from harness.testing import ListSource, ListTask, ScriptedModel

SUMS = tuple({"question": f"What is {a} + {a}?", "answer": str(2 * a)} for a in range(40))


def right(request):
    """Answer every sum, with a sentence around the number."""
    text = request.prompt.asked.content
    number = int(text.split("What is ")[1].split(" +")[0])
    return f"Adding the two gives us {2 * number}"


def offer_short(source):
    if not source.response.text:
        return ()
    most = len(source.response.text.split()) + 94  # 100: the answer of no sum, so the guard against leaks lets it pass
    return (
        Constraint(
            type="short", family="length", version="1", params={"most": most}, text=f"Use at most {most} words."
        ),
    )


def is_short(constraint, response):
    return Verdict(met=0 < len(response.text.split()) <= constraint.params["most"])


SHORT = ConstraintType(name="short", family="length", summary="few words", extract=offer_short, check=is_short)


@pytest.fixture
def world(tmp_path):
    """Return make(script, **changes) -> (plan, registry, model)."""

    def make(script=right, *, rows=SUMS, greedy=True, model=None, types=(SHORT,), task=ListTask, **changes):
        sampling = Sampling() if greedy else Sampling(temperature=0.7)
        opened = task(name="sums", rows=tuple(rows), sampling=sampling, spec=TaskSpec(name="sums"))
        suite = TaskSuite(
            name="tests", summary="", tasks=(TaskSpec(name="sums"),), source=ListSource(tasks={"sums": opened})
        )
        model = model or ScriptedModel(script=script)
        installed = load_registry(disabled=("suites", "backends", "lm_eval", "constraints", "tiny"))
        registry = replace(
            installed,
            suites={"tests": suite},
            backends={"scripted": model.backend()},
            constraint_types={kind.name: kind for kind in types},
        )
        plan = Plan(tasks=("sums",), model="scripted", output=str(tmp_path / "runs"), **changes)
        return plan, registry, model

    return make


@pytest.fixture
def record_of():
    """Return what makes the record of a document by its index, in a run of one constraint; one draw in seven fails."""
    return small_record


def small_record(index):
    """Return what a run of one constraint leaves of a document; one draw in seven fails."""
    made = Constraint(type="k", family="length", version="1", params={}, text="x", stratum="strict")
    trials = tuple(
        Trial(
            arm=arm,
            draw=draw,
            k=k,
            responses=(Response(text=f"{arm} {draw} of {index} " + "word " * 60),),
            score=Score(values={"acc,none": 1.0}, filtered={"none": "x" * 40}, solved=(index + draw) % 7 > 0),
            verdicts=(Verdict(met=True),),
        )
        for arm, k in (("base", 0), ("repeat", 0), ("placebo", 1), ("constrained", 1))
        for draw in range(2)
    )
    guards = {family: {"candidates": 40 + index % 3, "vacuous": 3} for family in ("length", "format", "process")}
    return Record(doc=f"t/{index}", task="t", index=index, source=0, constraints=(made,), guards=guards, trials=trials)
