"""Data: the order of labels is told, splits are looked through, generated data have the error that theory gives."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from harness import DataUnavailable, TaskError
from harness_ordinal import METRICS, decoded, predictions_of
from harness_ordinal.data.dataset import Dataset, numeric_order, ranks_of
from harness_ordinal.data.friedman import friedman, oracle_exceedance, response_mean
from harness_ordinal.data.images import read_images
from harness_ordinal.data.published import CATALOGUE
from harness_ordinal.data.splits import leaks_of, split_of, stratified
from harness_ordinal.data.tables import read_skordinal, read_table

SHARED = Path(__file__).parents[4] / "shared" / "data" / "ordinal"
NEEDS_DATA = pytest.mark.skipif(not SHARED.exists(), reason=f"the ordinal data are not at {SHARED}")


def test_the_irreducible_error_of_friedman_is_the_known_one():
    made = friedman(seed=3)
    exceedance = oracle_exceedance(made.mean, made.cuts)
    found = predictions_of(made.dataset.ranks, 16, exceedance=exceedance)
    assert METRICS["mae"].value(found) == pytest.approx(0.693, abs=0.012)
    assert METRICS["rmse"].value(found) == pytest.approx(1.007, abs=0.015)
    assert METRICS["accuracy"].value(found) == pytest.approx(0.448, abs=0.008)
    assert METRICS["rps"].value(found) == pytest.approx(0.490, abs=0.01)
    assert METRICS["threshold_ece"].value(found) < 0.005
    mean = predictions_of(made.dataset.ranks, 16, ranks=decoded(exceedance, "mean"))
    assert METRICS["rmse"].value(mean) < METRICS["rmse"].value(found)
    assert METRICS["mae"].value(mean) > METRICS["mae"].value(found)


@NEEDS_DATA
def test_the_published_fireman_is_friedman_with_unit_noise():
    data = CATALOGUE["fireman"].open(SHARED)
    mean = response_mean(data.inputs)
    quantiles = norm.ppf((data.ranks + 0.5) / 16)
    assert np.corrcoef(mean, quantiles)[0, 1] > 0.94
    idle = [abs(np.corrcoef(data.inputs[:, place], quantiles)[0, 1]) for place in range(5, 10)]
    assert max(idle) < 0.02


@NEEDS_DATA
@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "friedman"])
def test_every_published_file_is_read_and_split(name):
    known = CATALOGUE[name]
    data = known.open(SHARED)
    split = known.split_for(SHARED, data, 1)
    assert data.facts["as_published"]
    assert set(np.unique(data.ranks)) <= set(range(data.num_classes))
    assert len(split.train) > len(split.test) > 0
    assert len({*split.train, *split.valid, *split.test}) == len(split.train) + len(split.valid) + len(split.test)


@NEEDS_DATA
def test_the_leaks_of_the_coursera_split_are_counted():
    known = CATALOGUE["coursera"]
    data = known.open(SHARED)
    leaks = leaks_of(data, known.split_for(SHARED, data, 0))
    assert leaks.duplicates > 0
    assert leaks.contradictions > 0
    assert leaks_of(data, stratified(data, seed=0)).duplicates == 0


def test_labels_are_ranked_in_the_order_that_is_told():
    assert ranks_of(["5", "1"], ["1", "2", "3", "4", "5"], "x").tolist() == [4, 0]
    assert ranks_of(["bad", "good"], ["bad", "fair", "good"], "x").tolist() == [0, 2]


def test_numbering_by_frequency_is_a_different_scale():
    stars = ["5"] * 3 + ["1"] * 2 + ["3"]
    by_frequency = ["5", "1", "3"]
    told = ranks_of(stars, numeric_order(stars, "x"), "x")
    assert told.tolist() == [2, 2, 2, 0, 0, 1]
    assert ranks_of(stars, by_frequency, "x").tolist() == [0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("labels", "message"), [(["1", "2"], "1 of 2 labels are not among 1, 2: '6'"), (["1", "1"], "name one twice")]
)
def test_labels_off_the_scale_are_named(labels, message):
    with pytest.raises(TaskError, match=message):
        ranks_of(["1", "6"], labels, "stars.csv")


def test_labels_without_numbers_need_their_order_told():
    with pytest.raises(TaskError, match="need their order told"):
        numeric_order(["good", "bad"], "x.csv")


def test_tables_are_read_and_what_is_wrong_is_named(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,response,b\n1,2,3\n4,1,6\n\n")
    data = read_table(path)
    assert data.inputs.tolist() == [[1, 3], [4, 6]]
    assert data.ranks.tolist() == [1, 0]
    with pytest.raises(TaskError, match="no column 'grade'"):
        read_table(path, response="grade")
    path.write_text("a,response\nx,2\n")
    with pytest.raises(TaskError, match="must hold numbers"):
        read_table(path)
    with pytest.raises(DataUnavailable, match="--dataset-root"):
        read_table(tmp_path / "none.csv")
    path.write_text("a,response\n1,2,3\n4,5,6\n")
    with pytest.raises(TaskError, match="row 1 has 3 cells, the first line 2 names"):
        read_table(path)


def test_skordinal_files_name_their_labels(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("2,2,L,B,R\n1,2,0\n3,4,2\n")
    data = read_skordinal(path)
    assert data.labels == ("L", "B", "R")
    assert data.ranks.tolist() == [0, 2]


def toy():
    return Dataset(
        name="toy",
        inputs=np.array([[0.0], [0.0], [1.0], [2.0], [2.0], [3.0]]),
        ranks=np.array([0, 0, 1, 1, 0, 1]),
        labels=("a", "b"),
    )


def test_leaks_are_duplicates_and_contradictions():
    leaks = leaks_of(toy(), split_of({"train": [0, 3], "valid": [2], "test": [1, 4, 5]}, 6, "x"))
    assert (leaks.duplicates, leaks.contradictions, leaks.contradictory_rows) == (1, 1, 2)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"train": [0], "valid": [1], "test": [1]}, "1 rows stand in two parts"),
        ({"train": [0], "valid": [1], "test": [9]}, "row 9 of a table of 6"),
        ({"train": [0], "valid": [], "test": [1]}, "no rows in valid"),
    ],
)
def test_a_split_that_cannot_be_is_named(parts, message):
    with pytest.raises(TaskError, match=message):
        split_of(parts, 6, "x")


def test_equal_rows_stay_on_one_side():
    random = np.random.default_rng(0)
    inputs = random.integers(0, 3, size=(300, 3)).astype(float)
    data = Dataset(name="x", inputs=inputs, ranks=random.integers(0, 3, 300), labels=("a", "b", "c"))
    leaks = leaks_of(data, stratified(data, seed=1))
    assert leaks.duplicates == leaks.contradictions == 0


def test_a_seed_without_a_published_split_is_named(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "splits").mkdir()
    (tmp_path / "text/coursera_balanced.csv").write_text("TEXT_COLUMN_NAME,LABEL_COLUMN_NAME\nfine,4\nbad,1\nok,3\n")
    split = {"0": {"train": [0], "valid": [1], "test": [2]}}
    (tmp_path / "splits/coursera_seeds_0-4.json.gz").write_bytes(gzip.compress(json.dumps(split).encode()))
    known = CATALOGUE["coursera"]
    data = known.open(tmp_path)
    assert data.facts["as_published"] is False
    assert known.split_for(tmp_path, data, 0).test.tolist() == [2]
    with pytest.raises(TaskError, match="no split for seed 7; it has 0"):
        known.split_for(tmp_path, data, 7)


def images(folder, kind, sizes):
    for part, count in zip(("train", "valid", "test"), sizes, strict=True):
        names = [f"{part}{number}.jpg" for number in range(count)]
        for name in names:
            (folder / name).write_bytes(b"")
        lines = "".join(f",{place},{name},{place % 3}\n" for place, name in enumerate(names))
        (folder / f"{kind}_{part}.csv").write_text(",x,file,age\n" + lines)


def test_images_are_found_and_their_parts_are_what_the_files_say(tmp_path):
    images(tmp_path, "morph2", (5, 2, 3))
    found = read_images(tmp_path, "morph2", num_classes=3)
    assert [len(found.split.part(part)) for part in ("train", "valid", "test")] == [5, 2, 3]
    assert found.dataset.inputs[0].endswith("train0.jpg")
    swapped = read_images(tmp_path, "morph2", num_classes=3, as_published=True)
    assert len(swapped.split.test) == 2
    assert "swapped" in swapped.dataset.facts["parts"]


def test_images_that_are_missing_or_off_the_scale_are_named(tmp_path):
    images(tmp_path, "afad", (2, 1, 1))
    (tmp_path / "train1.jpg").unlink()
    with pytest.raises(DataUnavailable, match=r"1 images of afad are not there: .*train1.jpg"):
        read_images(tmp_path, "afad", num_classes=3)
    with pytest.raises(DataUnavailable, match="aes_train"):
        read_images(tmp_path, "aes", num_classes=3)
    with pytest.raises(TaskError, match="'faces' is no image set"):
        read_images(tmp_path, "faces", num_classes=3)
