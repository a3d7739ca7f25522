"""A planted effect is found with its sign, its place and its size; without one, nothing is."""

import asyncio

import numpy as np
import pytest

from harness_attention import analyse
from harness_attention.report import by_labels
from harness_backends import HfOptions, open_hf
from tests.plugins.harness_attention.conftest import HEAD, HEADS, LAYER, LOGIT, planted_record, save_planted, save_run

ITEMS, LAYERS = 9, 3
OUTCOMES = (True, False, True, False, True, True)


def planted_lift(index):
    """Return the lift of the planted head in a wrong answer: the only one that is not 1."""
    span, strength = 3 + index % 4, np.exp(LOGIT)
    content = 20 + index + 1 + span - 4  # words, the header and the rule, without the first four tokens
    return strength * content / (strength * span + content - span)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    home = tmp_path_factory.mktemp("planted")
    save_planted(home / "model")
    run = save_run(home / "run", [planted_record(index, OUTCOMES) for index in range(ITEMS)])

    async def analysed():
        async with open_hf(str(home / "model"), HfOptions(device="cpu")) as model:
            return analyse(run, model)

    return asyncio.run(analysed())


def whole(analysis, span):
    cells = by_labels(analysis.estimates, "task", "position", "span", "quantity", "phase")
    return cells["all", "all", span, "lift", "final"]


def test_every_answer_is_measured(analysis):
    assert len(analysis.measurement.trials) == 2 * ITEMS * len(OUTCOMES)
    assert not analysis.measurement.left_out
    assert analysis.measurement.passes == 2 * ITEMS * 5  # six draws, of which two are the same answer


def test_sign_and_size_are_those_that_were_planted(analysis):
    cell = whole(analysis, "constraint")
    expected = np.array([-(planted_lift(index) - 1) / (LAYERS * HEADS) for index in range(ITEMS)])
    assert cell["difference"].value == pytest.approx(expected.mean(), abs=1e-5)
    assert cell["d_z"].value == pytest.approx(expected.mean() / expected.std(ddof=1), rel=1e-3)
    assert cell["right"].value == pytest.approx(1.0, abs=1e-5)
    assert cell["auc"].value == 0.0
    assert cell["difference"].p == pytest.approx(2 / 2**ITEMS)
    assert cell["difference"].high < 0


def test_the_planted_head_is_found_and_no_other(analysis):
    heads = by_labels(analysis.estimates, "span", "layer", "head")
    found = {key: cell["difference"] for key, cell in heads.items() if cell["difference"].p_adjusted < 0.05}
    assert list(found) == [("constraint", str(LAYER), str(HEAD))]
    expected = -np.mean([planted_lift(index) - 1 for index in range(ITEMS)])
    assert next(iter(found.values())).value == pytest.approx(expected, abs=1e-4)


def test_the_planted_layer_is_found_and_no_other(analysis):
    layers = by_labels(analysis.estimates, "span", "layer")
    assert [key for key, cell in layers.items() if cell["difference"].p_adjusted < 0.05] == [("constraint", str(LAYER))]


def test_the_effect_is_everywhere_along_the_answer(analysis):
    tenths = by_labels(analysis.estimates, "span", "decile")
    own = [cell["difference"].value for (span, _), cell in tenths.items() if span == "constraint"]
    assert len(own) >= 6
    assert max(own) < -0.1


def test_a_placebo_that_nothing_looks_at_shows_nothing(analysis):
    cell = whole(analysis, "placebo")
    assert cell["difference"].value == pytest.approx(0.0, abs=1e-6)
    gap = whole(analysis, "constraint - placebo")["difference"]
    assert gap.value == pytest.approx(whole(analysis, "constraint")["difference"].value, abs=1e-5)
    assert gap.high < 0


def test_what_the_constraint_takes_the_question_loses(analysis):
    assert whole(analysis, "question")["difference"].value > 0
    assert whole(analysis, "constraint - question")["difference"].high < 0


def test_an_outcome_that_attention_settles_is_no_finite_effect(analysis):
    lift = by_labels(analysis.estimates, "task", "model", "effect")["all", "conditional", "lift"]["log odds"]
    assert lift.value is None
    assert "separates" in lift.note
