"""Convex heads: the published optimum to six digits, whatever the start; CORAL is the all-threshold logistic model."""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from harness_ordinal import METRICS, OrdinalError, fitted_head, predictions_of
from harness_ordinal.data.published import CATALOGUE
from harness_ordinal.training.inputs import standardised

SHARED = Path(__file__).parents[4] / "shared" / "data" / "ordinal"
NEEDS_DATA = pytest.mark.skipif(not SHARED.exists(), reason=f"the ordinal data are not at {SHARED}")
#: head: objective, median MAE, RMSE, argmax accuracy, QWK, RPS, NLL, share of inconsistent rows.
PUBLISHED = {
    "ce": (0.976541, 0.4950, 0.7583, 0.5250, 0.7916, 0.3342, 1.0024, 0),
    "ornn": (1.133709, 0.5050, 0.7714, 0.5100, 0.7854, 0.3471, 1.0543, 0.02),
    "coral": (1.293433, 0.5800, 0.8602, 0.4700, 0.7240, 0.4178, 1.1552, 0),
    "clm": (1.128484, 0.5850, 0.8689, 0.4750, 0.7275, 0.4180, 1.1555, 0),
    "corn:nll": (0.965730, 0.5000, 0.7681, 0.5400, 0.7906, 0.3325, 0.9965, 0),
    "corn": (0.399005, 0.4950, 0.7649, 0.5200, 0.7888, 0.3380, 1.0104, 0),
}


@NEEDS_DATA
@pytest.mark.parametrize("name", PUBLISHED)
def test_the_cement_table_is_reproduced_to_its_last_digit(name):
    known = CATALOGUE["cement"]
    data = known.open(SHARED)
    split = known.split_for(SHARED, data, 0)
    inputs = standardised(data.inputs, split.train)
    fit = np.concatenate([split.train, split.valid])
    found = fitted_head(name, inputs[fit], data.ranks[fit], 5)
    exceedance = found.exceedance(inputs[split.test])
    median, argmax = (
        predictions_of(data.ranks[split.test], 5, exceedance=exceedance, decoding=rule) for rule in ("median", "argmax")
    )
    figures = [METRICS[key].value(median) for key in ("mae", "rmse")]
    figures += [METRICS["accuracy"].value(argmax)]
    figures += [METRICS[key].value(median) for key in ("qwk", "rps", "log_score", "inconsistent_share")]
    assert round(found.objective, 6) == PUBLISHED[name][0]
    assert np.round(figures, 4).tolist() == list(PUBLISHED[name][1:])


def toy(rows=200):
    random = np.random.default_rng(0)
    features = random.normal(size=(rows, 3))
    score = features @ [1.0, -0.5, 0.2] + random.logistic(size=rows)
    return features, np.digitize(score, [-1.0, 0.0, 1.5])


def test_coral_is_the_all_threshold_logistic_model():
    features, ranks = toy()
    signs = np.where(ranks[:, None] > np.arange(3), 1.0, -1.0)

    def objective(flat):  # Rennie and Srebro (2005), written apart from the losses
        margins = signs * ((features @ flat[:3])[:, None] - flat[3:])
        slope = -signs * expit(-margins) / len(ranks)
        value = np.logaddexp(0, -margins).sum() / len(ranks) + 0.0005 * flat[:3] @ flat[:3]
        return value, np.concatenate([features.T @ slope.sum(1) + 0.001 * flat[:3], -slope.sum(0)])

    theirs = minimize(objective, np.zeros(6), jac=True, method="BFGS", options={"gtol": 1e-9})
    head = fitted_head("coral", features, ranks, 4).head
    assert head.linear.weight.detach().numpy()[0] == pytest.approx(theirs.x[:3], abs=1e-6)
    assert head.bias.detach().numpy() == pytest.approx(-theirs.x[3:], abs=1e-6)


@pytest.mark.parametrize("name", ["ce", "coral", "clm", "corn:nll", "ornn"])
def test_a_weight_of_two_is_the_row_twice(name):
    features, ranks = toy(60)
    times = np.random.default_rng(1).integers(1, 4, 60)
    weighted = fitted_head(name, features, ranks, 4, sample_weights=times)
    repeated = fitted_head(name, np.repeat(features, times, axis=0), np.repeat(ranks, times), 4)
    assert weighted.objective == pytest.approx(repeated.objective, abs=1e-9)
    assert weighted.logits(features) == pytest.approx(repeated.logits(features), abs=1e-4)


def test_corn_has_a_direction_and_the_others_have_none():
    features, ranks = toy(120)
    for name, directed in (("corn:nll", True), ("ce", False), ("coral", False), ("clm", False), ("ornn", False)):
        forward = fitted_head(name, features, ranks, 4)
        backward = fitted_head(name, features, 3 - ranks, 4)
        mirrored = 1 - backward.exceedance(features)[:, ::-1]
        assert np.allclose(forward.exceedance(features), mirrored, atol=1e-5) != directed, name


@pytest.mark.parametrize(
    ("features", "settings", "message"),
    [
        (np.zeros((3, 2)), {"l2": 0.0}, "must be positive"),
        (np.zeros(3), {}, r"shape \(n, d\)"),
        (np.full((3, 2), np.nan), {}, "nan or infinity"),
    ],
)
def test_what_has_no_optimum_is_an_error(features, settings, message):
    with pytest.raises(OrdinalError, match=message):
        fitted_head("ce", features, [0, 1, 2], 3, **settings)
