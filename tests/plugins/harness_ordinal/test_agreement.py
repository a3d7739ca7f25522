"""`harness ordinal agreement`: figures equal scipy's and scikit-learn's definitions, what is missing is counted."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness import HarnessError
from harness_ordinal.commands import call

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "ordinal" / "judge"


@pytest.fixture
def agreed(tmp_path, capsys):
    """Return agreed(rows, *words) -> estimates by (labels' values, metric)."""

    def told(rows, *words, names=("item", "rater", "rating")):
        path = tmp_path / "judgements.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([names, *rows])
        assert call(["agreement", str(path), *words, "--json"]) == 0
        return {(*one["labels"].values(), one["metric"]): one for one in json.loads(capsys.readouterr().out)}

    return told


ROWS = [
    ("a", "people", "1"), ("b", "people", "2"), ("c", "people", "4"), ("d", "people", "5"), ("e", "people", ""),
    ("a", "judge", "2"), ("b", "judge", "2"), ("c", "judge", "5"), ("d", "judge", "cannot tell"), ("e", "judge", "3"),
]  # fmt: skip


def test_what_is_missing_is_counted_and_pairs_are_of_those_that_both_rated(agreed):
    found = agreed(ROWS, "--scale", "1,2,3,4,5", "--reference", "people")
    assert found["judge", "coverage"]["value"] == pytest.approx(0.8)
    assert found["judge", "abstained"]["value"] == 1
    assert found["people", "abstained"]["value"] == 1
    assert found["judge", "ties"]["value"] == pytest.approx(1 / 6)
    pair = {metric: one for (label, metric), one in found.items() if label == "judge - people"}
    assert pair["mae"]["value"] == pytest.approx(2 / 3)
    assert pair["mae"]["n"] == 3
    assert pair["spearman"]["value"] == pytest.approx(stats.spearmanr([1, 2, 4], [2, 2, 5]).statistic)
    assert pair["kendall_tau_b"]["value"] == pytest.approx(stats.kendalltau([1, 2, 4], [2, 2, 5]).statistic)
    assert pair["kappa"]["value"] == pytest.approx((1 / 3 - 2 / 9) / (1 - 2 / 9))
    assert ("all", "krippendorff_alpha") in found


def test_without_a_scale_only_what_needs_none_is_given(agreed):
    found = agreed(ROWS)
    assert found["judge - people", "spearman"]["value"] is not None
    assert found["judge - people", "qwk"]["value"] is None
    assert "needs --scale" in found["all", "krippendorff_alpha"]["note"]


def test_several_people_are_averaged_and_their_own_agreement_is_told(agreed):
    random = np.random.default_rng(0)
    truth = random.integers(0, 5, 80)
    noisy = {name: np.clip(truth + random.integers(-1, 2, 80), 0, 4) + 1 for name in ("ann", "bob", "judge")}
    rows = [(f"i{n}", name, value) for name, values in noisy.items() for n, value in enumerate(values)]
    found = agreed(rows, "--scale", "1,2,3,4,5", "--reference", "ann,bob")
    mean = (noisy["ann"] + noisy["bob"]) / 2
    pair = found["judge - people", "spearman"]
    assert pair["value"] == pytest.approx(stats.spearmanr(mean, noisy["judge"]).statistic)
    assert pair["low"] < pair["value"] < pair["high"]
    assert found["reference", "krippendorff_alpha"]["value"] > 0.6
    assert found["all", "gwet_ac2"]["n"] == 80


def test_a_cluster_widens_the_interval(agreed):
    random = np.random.default_rng(1)
    blocks = random.integers(0, 5, (20, 1)) + np.zeros((20, 6), dtype=int)
    other = np.clip(blocks + random.integers(-2, 3, (20, 1)), 0, 4)
    rows = [
        (f"{b}.{n}", rater, int(values[b, n]) + 1, b)
        for rater, values in (("x", blocks), ("y", other))
        for b in range(20)
        for n in range(6)
    ]
    names = ("item", "rater", "rating", "block")
    own = agreed(rows, names=names)["y - x", "spearman"]
    shared = agreed(rows, "--cluster", "block", names=names)["y - x", "spearman"]
    assert shared["value"] == own["value"]
    assert shared["high"] - shared["low"] > 1.5 * (own["high"] - own["low"])


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        ([*ROWS, ("f", "judge", "9")], ["--scale", "1,2,3,4,5"], r"row 11 \(item f, rater judge\): rating '9' is none of"),
        ([*ROWS, ("a", "judge", "1")], ["--scale", "1,2,3,4,5"], "rates item 'a' twice"),
        (ROWS, ["--scale", "1,3,2"], "do not ascend"),
        (ROWS, ["--reference", "nobody"], "--reference nobody: the raters are people, judge"),
        (ROWS, ["--rating", "stars"], "no column 'stars', only item, rater, rating"),
        (ROWS[:4], [], "agreement takes two raters"),
        ([*ROWS, ("f", "judge", "4", "5")], [], "row 11 has more cells than the first line has names"),
        ([], [], "has no rows"),
    ],
)  # fmt: skip
def test_a_table_that_is_not_as_it_should_be_is_told(rows, words, message, agreed):
    with pytest.raises(HarnessError, match=message):
        agreed(rows, *words)


@pytest.mark.parametrize("words", [["nothing.csv"], ["table.xlsx"]])
def test_a_file_that_is_not_there_or_no_table_is_told(words):
    with pytest.raises(HarnessError, match=r"there is no file|a table is a file that ends with"):
        call(["agreement", *words])


def test_means_count_as_the_nearest_label_only_if_asked(agreed):
    rows = [("a", "x", "1.5"), ("b", "x", "2.4"), ("a", "y", "2"), ("b", "y", "2")]
    with pytest.raises(HarnessError, match="--nearest"):
        agreed(rows, "--scale", "1,2,3")
    assert agreed(rows, "--scale", "1,2,3", "--nearest")["y - x", "accuracy"]["value"] == 1.0


def test_the_judge_of_unieval_agrees_with_people_as_scipy_says(agreed):
    path = DATA / "sfhot_result.json"
    if not path.is_file():
        pytest.skip("the judgements (shared/data/ordinal/judge) are not here")
    rows = json.loads(path.read_text())
    people = [row["scores"]["naturalness"] for row in rows]
    judge = [row["predict_scores"]["naturalness"] for row in rows]
    told = [(row["doc_id"], name, value) for name, values in (("people", people), ("judge", judge))
            for row, value in zip(rows, values, strict=True)]  # fmt: skip
    pair = agreed(told, "--reference", "people")["judge - people", "spearman"]
    assert pair["value"] == pytest.approx(stats.spearmanr(people, judge).statistic, abs=1e-12)
    assert pair["value"] == pytest.approx(0.320, abs=0.0005)
    assert 0.24 < pair["low"] < 0.28
    assert pair["n"] == 875
