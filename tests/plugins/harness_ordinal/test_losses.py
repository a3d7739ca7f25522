"""Losses: the identities that hold between them, their gradients, their ends, and what they refuse."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_ordinal import (
    HEADS,
    OrdinalError,
    cdw_loss,
    ce_loss,
    clm_loss,
    coral_loss,
    corn_loss,
    cumulative_log_probabilities,
    head_named,
    levels,
    rps_loss,
    sequential_exceedance,
    sequential_log_probabilities,
    sord_loss,
    squared_steps_loss,
)

THRESHOLDED = [corn_loss, coral_loss, clm_loss, squared_steps_loss]
ON_CLASSES = [ce_loss, rps_loss, cdw_loss, sord_loss]


def batch(rows, size, columns, seed=0, dtype=torch.float64):
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(rows, columns, generator=random, dtype=dtype) * 2
    return logits, torch.randint(0, size, (rows,), generator=random)


def inputs_for(loss, rows=7, size=5, seed=0):
    """Return what a loss takes: logits, ordered ones where it needs them, probabilities where it takes those."""
    columns = size if loss in ON_CLASSES else size - 1
    logits, labels = batch(rows, size, columns, seed)
    if loss is clm_loss:
        logits = logits.sort(-1, descending=True).values
    return (logits.sigmoid() if loss is squared_steps_loss else logits), labels


SIZES = st.tuples(st.integers(1, 30), st.integers(2, 100), st.integers(0, 10_000))


@settings(deadline=None, max_examples=50)
@given(SIZES)
def test_corn_times_its_task_examples_is_the_negative_log_likelihood(case):
    rows, size, seed = case
    logits, labels = batch(rows, size, size - 1, seed)
    likelihood = -sequential_log_probabilities(logits)[torch.arange(rows), labels].sum()
    examples = (labels.clamp(max=size - 2) + 1).sum()
    assert torch.isclose(corn_loss(logits, labels, size) * examples, likelihood, rtol=1e-12)
    assert torch.isclose(corn_loss(logits, labels, size, reduction="nll") * rows, likelihood, rtol=1e-12)
    assert torch.isclose(corn_loss(logits, labels, size, reduction="sum"), likelihood, rtol=1e-12)
    assert torch.isclose(corn_loss(logits, labels, size, reduction="none").sum(), likelihood, rtol=1e-12)


@settings(deadline=None, max_examples=50)
@given(SIZES)
def test_condors_loss_is_corns_with_the_reduction_nll(case):
    rows, size, seed = case
    logits, labels = batch(rows, size, size - 1, seed)
    # Jenkinson et al. (arXiv 2110.07470): the tasks up to min(y, K-2), each a cross-entropy with its own logit
    condor = sum(
        torch.nn.functional.binary_cross_entropy_with_logits(
            logits[row, : min(int(label), size - 2) + 1],
            (label > torch.arange(min(int(label), size - 2) + 1)).double(),
            reduction="sum",
        )
        for row, label in enumerate(labels)
    )
    assert torch.isclose(corn_loss(logits, labels, size, reduction="nll"), condor / rows, rtol=1e-12)


def test_the_gradient_of_corn_is_that_of_the_likelihood():
    logits, labels = batch(40, 9, 8)
    logits.requires_grad_()
    (ours,) = torch.autograd.grad(corn_loss(logits, labels, 9, reduction="nll"), logits)
    likelihood = -sequential_log_probabilities(logits)[torch.arange(40), labels].mean()
    (theirs,) = torch.autograd.grad(likelihood, logits)
    assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-15)


def test_task_mean_is_the_mean_over_tasks_of_their_means():
    logits, labels = batch(50, 4, 3)
    means = []
    for task in range(3):
        rows = labels >= task
        target = (labels[rows] > task).double()
        means.append(torch.nn.functional.binary_cross_entropy_with_logits(logits[rows, task], target))
    assert torch.isclose(corn_loss(logits, labels, 4, reduction="task_mean"), torch.stack(means).mean(), rtol=1e-12)


def test_emd_squared_is_the_ranked_probability_score():
    logits, labels = batch(30, 6, 6)
    probabilities = logits.softmax(-1)
    target = torch.nn.functional.one_hot(labels, 6).double()
    emd = ((probabilities.cumsum(-1) - target.cumsum(-1)) ** 2).sum(-1).mean()  # Hou et al. (arXiv 1611.05916)
    assert torch.isclose(rps_loss(logits, labels, 6), emd, rtol=1e-12)


def test_rps_from_a_softmax_is_that_of_its_exceedance():
    logits, labels = batch(30, 6, 6)
    exceedance = 1 - logits.softmax(-1).cumsum(-1)[:, :-1]
    assert torch.isclose(rps_loss(logits, labels, 6), squared_steps_loss(exceedance, labels, 6))


def test_ce_is_torchs_cross_entropy_with_class_weights():
    logits, labels = batch(30, 6, 6)
    weights = torch.arange(1.0, 7.0, dtype=torch.float64)
    theirs = torch.nn.functional.cross_entropy(logits, labels, weight=weights)
    assert torch.isclose(ce_loss(logits, labels, 6, class_weights=weights), theirs)


def test_clm_is_the_likelihood_of_the_difference_of_two_sigmoids():
    logits, labels = inputs_for(clm_loss, rows=30)
    exceedance = torch.cat([torch.ones(30, 1), logits.sigmoid(), torch.zeros(30, 1)], 1)
    chosen = (exceedance[:, :-1] - exceedance[:, 1:])[torch.arange(30), labels]
    assert torch.isclose(clm_loss(logits, labels, 5), -chosen.log().mean())


def test_clm_keeps_its_gradient_where_the_difference_underflows():
    logits = torch.tensor([[-80.0, -81.0]], dtype=torch.float64, requires_grad=True)
    clm_loss(logits, [1], 3).backward()
    assert logits.grad.abs().min() > 0.1


def test_cdw_by_hand():
    logits = torch.tensor([[0.0, 1.0, 2.0]], dtype=torch.float64)
    p = logits.softmax(-1)[0]
    expected = -(2 * torch.log(1 - p[2]) + torch.log(1 - p[1]))
    assert torch.isclose(cdw_loss(logits, [0], 3), expected)
    assert torch.isclose(cdw_loss(logits, [0], 3, power=2.0), -(4 * torch.log(1 - p[2]) + torch.log(1 - p[1])))


def test_cdw_of_a_logit_of_a_hundred_is_a_number():
    logits = torch.tensor([[100.0, 0.0, 0.0]], requires_grad=True)
    loss = cdw_loss(logits, [2], 3)
    loss.backward()
    assert loss.item() == pytest.approx(2 * (100 - np.log(2)), rel=1e-6)
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(("distance", "power"), [("absolute", 1), ("squared", 2)])
def test_sord_by_hand(distance, power):
    logits, labels = batch(5, 4, 4)
    soft = torch.exp(-1.5 * (labels[:, None] - torch.arange(4)).abs() ** power.__float__())
    soft = soft / soft.sum(-1, keepdim=True)
    expected = -(soft * logits.log_softmax(-1)).sum(-1).mean()
    assert torch.isclose(sord_loss(logits, labels, 4, scale=1.5, distance=distance), expected)


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_gradients_are_those_of_finite_differences(loss, reduction):
    inputs, labels = inputs_for(loss)
    weights = {"class_weights": torch.arange(1.0, 6.0), "sample_weights": torch.arange(7.0)}
    inputs.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, labels, 5, reduction=reduction, **weights), (inputs,))
    if loss in {corn_loss, coral_loss, rps_loss, squared_steps_loss}:
        assert torch.autograd.gradcheck(lambda x: loss(x, labels, 5, importance=[1.0, 2.0, 0.0, 3.0]), (inputs,))


@pytest.mark.parametrize("reduction", ["pooled", "task_mean", "nll", "sum", "none"])
def test_gradients_of_every_reduction_of_corn(reduction):
    inputs, labels = inputs_for(corn_loss)
    inputs.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: corn_loss(x, labels, 5, reduction=reduction), (inputs,))
    assert torch.autograd.gradgradcheck(lambda x: corn_loss(x, labels, 5, reduction=reduction), (inputs,))


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
def test_a_weight_of_two_is_the_row_twice(loss):
    inputs, labels = inputs_for(loss, rows=20)
    times = torch.randint(0, 4, (20,), generator=torch.Generator().manual_seed(3))
    repeated = loss(inputs.repeat_interleave(times, 0), labels.repeat_interleave(times), 5)
    assert torch.isclose(loss(inputs, labels, 5, sample_weights=times), repeated)


@pytest.mark.parametrize("reduction", ["pooled", "task_mean", "nll", "sum"])
def test_a_weight_of_two_is_the_row_twice_in_every_reduction_of_corn(reduction):
    inputs, labels = inputs_for(corn_loss, rows=20)
    times = torch.randint(0, 4, (20,), generator=torch.Generator().manual_seed(3))
    weighted = corn_loss(inputs, labels, 5, sample_weights=times, reduction=reduction)
    rows = inputs.repeat_interleave(times, 0), labels.repeat_interleave(times)
    assert torch.isclose(weighted, corn_loss(*rows, 5, reduction=reduction))


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
def test_class_weights_are_the_weights_of_their_rows(loss):
    inputs, labels = inputs_for(loss, rows=20)
    weights = torch.tensor([1.0, 0.0, 2.0, 0.5, 3.0], dtype=torch.float64)
    by_class = loss(inputs, labels, 5, class_weights=weights)
    assert torch.isclose(by_class, loss(inputs, labels, 5, sample_weights=weights[labels]))


@pytest.mark.parametrize("loss", [corn_loss, coral_loss, squared_steps_loss], ids=lambda loss: loss.__name__)
def test_importance_weighs_thresholds_in_the_numerator(loss):
    inputs, labels = inputs_for(loss)
    assert torch.isclose(loss(inputs, labels, 5, importance=[3.0] * 4), 3 * loss(inputs, labels, 5))
    parts = sum(loss(inputs, labels, 5, importance=torch.eye(4)[k]) for k in range(4))
    assert torch.isclose(parts, loss(inputs, labels, 5))


@pytest.mark.parametrize("loss", [coral_loss, clm_loss], ids=lambda loss: loss.__name__)
def test_reversing_the_scale_mirrors_cumulative_losses(loss):
    inputs, labels = inputs_for(loss, rows=30)
    assert torch.isclose(loss(inputs, labels, 5), loss(-inputs.flip(-1), 4 - labels, 5))


@pytest.mark.parametrize("loss", ON_CLASSES, ids=lambda loss: loss.__name__)
def test_reversing_the_scale_mirrors_losses_on_classes_and_a_shift_changes_nothing(loss):
    inputs, labels = inputs_for(loss, rows=30)
    assert torch.isclose(loss(inputs, labels, 5), loss(inputs.flip(-1), 4 - labels, 5))
    assert torch.isclose(loss(inputs, labels, 5), loss(inputs + 3.5, labels, 5))


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
def test_the_order_of_rows_changes_nothing(loss):
    inputs, labels = inputs_for(loss, rows=30)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(1))
    assert torch.isclose(loss(inputs, labels, 5), loss(inputs[order], labels[order], 5), rtol=1e-12)


def test_certainty_that_is_right_costs_nothing_and_has_a_gradient():
    inf = torch.inf
    for loss in (corn_loss, coral_loss, clm_loss):
        logits = torch.tensor([[inf, inf, -inf, -inf]], requires_grad=True)
        value = loss(logits, [2], 5)
        assert value.item() == 0, loss.__name__
        if loss is not clm_loss:
            value.backward()
            assert logits.grad.isfinite().all()


@pytest.mark.parametrize("scale", [1e4, -1e4, torch.inf, -torch.inf])
def test_corn_is_never_nan_at_the_ends(scale):
    for label in range(4):
        logits = torch.full((1, 3), scale, requires_grad=True)
        value = corn_loss(logits, [label], 4, reduction="nll")
        value.backward()
        assert not value.isnan()
        assert logits.grad.isfinite().all()
    assert corn_loss(torch.full((1, 3), 1e4), [3], 4).item() == 0


def test_a_task_that_is_not_asked_has_no_part_in_it():
    logits = torch.tensor([[0.0, torch.nan, torch.inf]], requires_grad=True)
    value = corn_loss(logits, [0], 4)
    value.backward()
    assert value.item() == pytest.approx(np.log(2))
    assert logits.grad.tolist() == [[0.5, 0.0, 0.0]]


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
def test_an_empty_batch_is_zero_with_a_gradient(loss):
    inputs, labels = inputs_for(loss, rows=0)
    inputs.requires_grad_()
    value = loss(inputs, labels, 5)
    value.backward()
    assert value.item() == 0
    assert inputs.grad.shape == inputs.shape


@pytest.mark.parametrize("reduction", ["pooled", "task_mean", "nll"])
def test_tasks_without_rows_are_no_division_by_zero(reduction):
    logits, _ = batch(6, 5, 4)
    value = corn_loss(logits, torch.zeros(6, dtype=torch.long), 5, reduction=reduction)
    assert value.isfinite()
    assert corn_loss(logits, [0] * 6, 5, sample_weights=[0.0] * 6, reduction=reduction).item() == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
def test_halves_are_reckoned_in_single_precision(loss, dtype):
    inputs, labels = inputs_for(loss, rows=60_000, size=10)
    halves = inputs.to(dtype)
    found = loss(halves, labels, 10)
    assert found.dtype == torch.float32
    assert torch.isclose(found.double(), loss(halves.double(), labels, 10), rtol=1e-4)


def test_autocast_does_not_lower_the_precision():
    logits, labels = batch(4096, 10, 9, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        head = head_named("corn", 9, 10)
        raw = head(logits)
        assert raw.dtype == torch.bfloat16
        found = head.loss(raw, labels)
    assert found.dtype == torch.float32
    assert torch.isclose(found.double(), corn_loss(raw.double(), labels, 10), rtol=1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_of_a_hundred_ranks_is_finite(name):
    head = head_named(name, 4, 100)
    logits = head(torch.randn(50, 4, generator=torch.Generator().manual_seed(0)) * 100)
    value = head.loss(logits, torch.arange(50) * 2)
    value.backward()
    assert value.isfinite()
    assert all(one.grad.isfinite().all() for one in head.parameters())


WRONG = [
    ([0, -1], r"1 of 2 labels are off the scale 0 .. 4 \(-1\)"),
    ([0, 5], r"\(5\); number the ranks from 0"),
    ([0, 99], r"\(99\)"),
    (torch.tensor([0, 2.5]), r"\(2.5\)"),
    (torch.tensor([0, float("nan")]), r"\(nan\)"),
    (torch.tensor([[0], [1]]), r"labels of shape \(2, 1\)"),
    ([0], r"labels of shape \(1,\)"),
]


@pytest.mark.parametrize("loss", THRESHOLDED + ON_CLASSES, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize(("labels", "message"), WRONG)
def test_wrong_labels_are_named(loss, labels, message):
    inputs, _ = inputs_for(loss, rows=2)
    with pytest.raises(OrdinalError, match=message):
        loss(inputs, labels, 5)


@pytest.mark.parametrize("loss", [corn_loss, coral_loss, clm_loss], ids=lambda loss: loss.__name__)
def test_a_head_made_for_cross_entropy_is_named(loss):
    with pytest.raises(ValueError, match="5 ranks have 4 thresholds, so this head needs 4 outputs, not 5"):
        loss(torch.zeros(2, 5), [0, 1], 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class_weights": [1.0] * 4}, r"class_weights of shape \(4,\): one for each class"),
        ({"sample_weights": [1.0]}, r"sample_weights of shape \(1,\)"),
        ({"sample_weights": [1.0, -1.0]}, "must not be negative"),
        ({"importance": [1.0]}, "one for each threshold"),
        ({"reduction": "avg"}, "reduction 'avg' is unknown; use pooled, task_mean, nll"),
    ],
)
def test_wrong_settings_are_named(change, message):
    with pytest.raises(OrdinalError, match=message):
        corn_loss(torch.zeros(2, 4), [0, 1], 5, **change)


def test_whole_labels_in_other_types_are_taken():
    logits, labels = batch(6, 5, 4)
    expected = corn_loss(logits, labels, 5)
    for other in (labels.tolist(), labels.numpy(), labels.double(), labels.int(), labels.to(torch.uint8)):
        assert corn_loss(logits, other, 5) == expected


def test_further_axes_are_rows():
    logits, labels = batch(12, 5, 4)
    folded = corn_loss(logits.reshape(3, 4, 4), labels.reshape(3, 4), 5, reduction="none")
    assert folded.shape == (3, 4)
    assert torch.equal(folded.flatten(), corn_loss(logits, labels, 5, reduction="none"))


def test_levels_are_one_for_every_threshold_below_the_rank():
    assert levels(torch.tensor([0, 2, 4]), 5).tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]]
    with pytest.raises(OrdinalError, match=r"\(-1\)"):
        levels([-1], 5)


@pytest.mark.parametrize("name", [name for name in HEADS if name != "ornn"])
def test_every_consistent_head_is_consistent(name):
    random = torch.Generator().manual_seed(0)
    for seed in range(5):
        torch.manual_seed(seed)
        head = head_named(name, 6, 12)
        with torch.no_grad():
            for one in head.parameters():
                one.mul_(3) if name == "coral" else one.add_(torch.randn(one.shape, generator=random) * 2)
        logits = head(torch.randn(200, 6, generator=random) * 3)
        exceedance = head.exceedance(logits)
        assert (exceedance.diff(dim=-1) <= 1e-6).all()
        probabilities = head.log_probabilities(logits).exp()
        assert torch.allclose(probabilities.sum(-1), torch.ones(200), atol=1e-4)


def test_or_nn_contradicts_itself_until_it_is_repaired():
    logits = torch.tensor([[0.0, 2.0, -1.0]])
    assert (head_named("ornn", 2, 4).exceedance(logits).diff() > 0).any()
    assert (head_named("ornn", 2, 4, repair="sort").exceedance(logits).diff() <= 0).all()


def test_a_loss_that_does_not_fit_a_head_is_named():
    with pytest.raises(OrdinalError, match="head 'cornn' is unknown"):
        head_named("cornn", 2, 4)


def test_equal_thresholds_leave_no_room_for_a_rank():
    assert cumulative_log_probabilities(torch.tensor([1.0, 1.0]))[1] == -torch.inf
    assert sequential_exceedance(torch.zeros(0, 3)).shape == (0, 3)
