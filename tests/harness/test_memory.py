"""What a run keeps of a document is small: a run of ten times as many takes hardly more memory."""

import tracemalloc

from harness import Constraint, Record, Response, Score, Trial, Verdict
from harness.registry import load_registry
from harness.summary import summary_of
from harness.testing import ListTask

TASK = ListTask(name="t", rows=(), domain="math")


def record(index):
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


def kept_bytes(count, row, kept):
    """Return what is kept of so many records."""
    tracemalloc.start()
    try:
        rows = kept()
        for index in range(count):
            found = row(record(index), TASK)
            if found is not None:
                rows.append(found)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_no_metric_keeps_more_than_some_numbers_of_a_document():
    for metric in load_registry().metrics.values():
        if metric.evaluation != "sustainscore":
            continue
        few, many = (kept_bytes(count, metric.row, metric.kept) for count in (200, 1200))
        assert (many - few) / 1000 < 700, metric.name


def test_a_metric_may_bring_a_place_of_its_own_for_its_rows():
    from dataclasses import replace

    class Sum:
        def __init__(self):
            self.total = 0

        def append(self, row):
            self.total += row

    metric = next(one for one in load_registry().metrics.values() if one.evaluation == "sustainscore")
    seen = []
    own = replace(
        metric,
        row=lambda record, task: record.index,
        kept=Sum,
        estimate=lambda rows, tasks: seen.append(rows.total) or (),
    )
    summary_of((record(index) for index in range(5)), [own], {"t": TASK}, ())
    assert seen == [10]
