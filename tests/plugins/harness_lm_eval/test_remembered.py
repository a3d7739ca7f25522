"""Renderings of a task are worked out once for each example and each document in flight, and never mixed up."""

from harness_lm_eval.shots import KEPT, Remembered


def test_each_document_in_flight_is_rendered_once():
    asked = []

    def render(row, template="own"):
        asked.append((row["n"], template))
        return f"{template} {row['n']}"

    pool = [{"n": -1}]
    rendered = Remembered(render, pool)
    rows = [{"n": number} for number in range(KEPT - 1)]
    for _ in range(3):
        assert [rendered(row) for row in rows] == [f"own {row['n']}" for row in rows]
        assert rendered(pool[0]) == "own -1"
    assert len(asked) == len(rows) + 1
    assert rendered(rows[0], "other") == "other 0"
    assert rendered(rows[0]) == "own 0"


def test_rows_that_come_and_go_are_told_apart_and_few_are_held():
    rendered = Remembered(lambda row: row["n"], ())
    assert [rendered({"n": number}) for number in range(3 * KEPT)] == list(range(3 * KEPT))
    assert len(rendered.recent) <= KEPT
