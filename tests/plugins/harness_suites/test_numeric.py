"""Numbers are found where they are stated, and compared exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_suites.grading import numeric


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is $18.", 18),
        ("The answer is 1,080 dollars.", 1080),
        ("so he has -5 left", -5),
        ("a loss of −$5", -5),  # noqa: RUF001  # a sign as models write it
        ("That makes 3/4 of it.", Fraction(3, 4)),
        ("It is .5", Fraction(1, 2)),
        ("Thus the final answer is **42**.", 42),
        ("16 - 7 = 9\n#### 9", 9),
        ("\\boxed{12} is it, out of 15", 12),
        ("Final Answer: How many are left? 3 + 4 = 7", 7),
        ("Answer: 7 apples, for 2 each", 7),
        ("The answer is $22. She has 9 eggs (16-3-4=9), which gives $18.", 22),
        ("16 - 7", 7),
        ("no number", None),
        ("", None),
        ("version v2 of x1", None),
    ],
)
def test_the_stated_number(text: str, number: Fraction | int | None):
    assert numeric.stated(text) == number


@pytest.mark.parametrize(
    ("number", "gold", "right"), [("120,006", "120,000", False), ("51", "51.0", True), ("18.0", "18", True)]
)
def test_equality_is_exact(number: str, gold: str, right: bool):
    assert numeric.equal(numeric.stated(number), gold) is right


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_an_integer_is_read_back_with_separators_and_without(value: int):
    assert numeric.stated(f"The answer is {value}.") == value
    assert numeric.stated(f"The answer is {value:,}.") == value


@given(st.text())
def test_reading_never_fails(text: str):
    numeric.stated(text)


@pytest.mark.parametrize("model", ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"])
def test_recorded_gsm8k_solutions_are_graded_as_their_authors_graded_them(model: str, rows, expected):
    solutions = rows("gsm8k_openai_solutions/example_model_solutions.jsonl.gz")
    graded = [
        numeric.equal(numeric.marked(row[model]["solution"], [r"(?m:^A:)"]), row["ground_truth"].rpartition("\nA:")[2])
        for row in solutions
    ]
    assert graded == [row[model]["is_correct"] for row in solutions]
    assert sum(graded) == expected("gsm8k_openai_solutions")[model]["flag_correct"]


@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "text003", "code002"])
@pytest.mark.parametrize("prompt", ["standard", "COT", "LtM"])
def test_recorded_gsm8k_completions_get_the_figure_of_a_robust_extractor(
    model: str, prompt: str, recorded, rows, expected
):
    golds = {row["id"]: row["answer"].rpartition("####")[2] for row in rows("faithful_cot_gsm8k/gold_test.jsonl")}
    file = next(recorded("faithful_cot_gsm8k").glob(f"{model}__{prompt}.jsonl*"))
    hits = sum(
        numeric.equal(numeric.stated(row["completion"]), golds[row["id"]])
        for row in rows(f"faithful_cot_gsm8k/{file.name}")
    )
    figure = expected("faithful_cot_gsm8k")[f"{model}__{prompt}"]["own_extractor_correct"]
    assert abs(hits - figure) <= 2  # eight of nine agree to the item; one gives 499 for 497
