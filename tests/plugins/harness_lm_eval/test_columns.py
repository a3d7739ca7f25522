"""Scores by column are the scores that were put in; rows in blocks are the rows that there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Score
from harness_lm_eval.blocks import SIZE, Blocks, in_blocks
from harness_lm_eval.columns import Scores

VALUES = st.one_of(
    st.floats(allow_nan=False), st.integers(), st.booleans(), st.none(), st.lists(st.sampled_from(["", "x"]))
)
SCORES = st.builds(
    Score,
    values=st.dictionaries(st.sampled_from("abcd"), VALUES),
    solved=st.sampled_from([True, False, None]),
    lenient=st.sampled_from([True, False, None]),
    note=st.sampled_from(["", "failed"]),
)


@given(st.lists(SCORES, max_size=12))
def test_scores_come_back_as_they_were(scores):
    kept = Scores()
    for score in scores:
        kept.append(score)
    assert list(kept) == scores
    assert len(kept) == len(scores)
    assert [kept[number] for number in range(len(scores))] == scores
    assert kept[1:3] == scores[1:3]
    assert all(
        type(ours) is type(theirs)
        for one, score in zip(kept, scores, strict=True)
        for ours, theirs in zip(one.values.values(), score.values.values(), strict=False)
        if one.values.keys() == score.values.keys() and list(one.values) == list(score.values)
    )


def test_there_is_nothing_beyond_the_last():
    kept = Scores()
    kept.append(Score())
    assert kept[-1] == Score()
    with pytest.raises(IndexError):
        kept[1]


def rows(count):
    import datasets

    nested = [{"n": n, "many": [{"a": n}, {"a": None}], "text": None if n % 3 else "x"} for n in range(count)]
    return datasets.Dataset.from_list(nested)


@pytest.mark.parametrize("count", [1, SIZE, SIZE + 1, 3 * SIZE - 1])
def test_rows_in_blocks_are_those_one_by_one(count):
    dataset = rows(count)
    blocks = in_blocks(dataset)
    assert isinstance(blocks, Blocks)
    assert len(blocks) == count
    one_by_one = [dataset[n] for n in range(count)]
    assert [blocks[n] for n in range(count)] == one_by_one
    assert [blocks[n] for n in reversed(range(count))] == one_by_one[::-1]
    assert blocks[-1] == one_by_one[-1]
    with pytest.raises(IndexError):
        blocks[count]


def test_a_list_of_rows_stays_one():
    listed = [{"n": 1}]
    assert in_blocks(listed) is listed
