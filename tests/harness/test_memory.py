"""What a run keeps of a document is small: a run of ten times as many takes hardly more memory."""

import sys
import tracemalloc

from harness.ledger import Records, line_of
from harness.registry import load_registry
from harness.summary import summary_of
from harness.testing import ListTask

TASK = ListTask(name="t", rows=(), domain="math")


def kept_bytes(records, row, kept):
    """Return what is kept of records by a process that has seen none: other tests fill what functions remember."""
    for name, module in list(sys.modules.items()):
        if name.startswith("harness_sustainscore"):
            for one in vars(module).values():
                getattr(one, "cache_clear", bool)()
    tracemalloc.start()
    try:
        rows = kept()
        for record in records:
            found = row(record, TASK)
            if found is not None:
                rows.append(found)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_no_metric_keeps_more_than_some_numbers_of_a_document(record_of):
    for metric in load_registry().metrics.values():
        if metric.evaluation != "sustainscore":
            continue
        few, many = (kept_bytes(map(record_of, range(count)), metric.row, metric.kept) for count in (200, 1200))
        assert (many - few) / 1000 < 700, metric.name


def test_a_metric_may_bring_a_place_of_its_own_for_its_rows(tmp_path, record_of):
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
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join(line_of(record_of(index)) + b"\n" for index in range(5)))
    summary_of(Records(path), [own], {"t": TASK}, ())
    assert seen == [10]
