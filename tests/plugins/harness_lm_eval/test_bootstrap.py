"""Standard errors are those of lm-eval's bootstrap, draw for draw."""

import random

import pytest

from harness_lm_eval.bootstrap import resampled, standard_error, vectorised
from harness_lm_eval.engine import prepare

DRAWN = random.Random(3)
NUMBERS = [DRAWN.gauss(-2, 1) for _ in range(37)]
PAIRS = [(DRAWN.randint(0, 1), DRAWN.randint(0, 1)) for _ in range(23)]


@pytest.mark.parametrize("name", ["perplexity", "median", "nanmean"])
def test_the_draws_of_lm_eval(name):
    prepare()
    from lm_eval.api import metrics

    function = getattr(metrics, name)
    theirs = metrics.stderr_for_metric(metric=function, bootstrap_iters=3000)(NUMBERS)
    assert standard_error(function, NUMBERS, name, 3000) == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("name", ["f1_score", "matthews_corrcoef"])
def test_pairs_are_counted_as_by_scikit_learn(name):
    prepare()
    from lm_eval.api import metrics

    function = getattr(metrics, name)
    ours = vectorised(function, PAIRS)(1, 50)
    drawn = random.Random(1)
    assert ours == pytest.approx([function(drawn.choices(PAIRS, k=len(PAIRS))) for _ in range(50)], rel=1e-12)


def test_statistics_without_a_short_cut_take_lm_evals_own():
    prepare()
    from lm_eval.api import metrics

    pairs = [("a cat sat", "a cat sits"), ("no", "no"), ("one two", "one")]
    assert vectorised(metrics.chrf, pairs) is None
    assert len(resampled(metrics.chrf, pairs, 10)) == 10
    assert standard_error(metrics.brier_score, [(0, [0.5, 0.5])] * 3, "brier_score") is None
    assert standard_error(metrics.mean, [1.0], "acc") is None
