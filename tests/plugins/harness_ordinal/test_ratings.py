"""Ratings: the order of labels is checked, every elicitation gives the distribution it should, nothing is guessed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness import HarnessError, Message, Prompt, Response, TaskError, TaskSpec
from harness.run import run
from harness.testing import ListTask
from harness_ordinal import (
    class_exceedance,
    downward_exceedance,
    independent_exceedance,
    predictions_of,
    repaired,
    sequential_exceedance,
)
from harness_ordinal.ratings.elicitation import ending
from harness_ordinal.ratings.figures import order_doubts
from harness_ordinal.ratings.options import RatingOptions
from harness_ordinal.ratings.questions import spaced
from harness_ordinal.ratings.reading import rating_in, yes_in
from harness_ordinal.ratings.scale import Scale, check_order
from harness_ordinal.ratings.wording import content_free, with_question

FIVE = Scale(labels=("1", "2", "3", "4", "5"))
WORDS = Scale(labels=("bad", "good", "very good"))


# ---------------------------------------------------------------- the order of the labels


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("5", "1", "4", "3", "2"), "do not ascend"),
        (("5", "4", "3", "2", "1"), "do not ascend"),
        (("1",), "at least two"),
        (("1", " "), "at least two"),
        (("low", "Low", "high"), "twice"),
        (("never", "always", "sometimes"), "out of order"),
        (("disagree", "strongly disagree", "neutral", "agree"), "out of order"),
    ],
)
def test_labels_that_are_no_order_are_refused(labels, words):
    with pytest.raises(TaskError, match=words):
        check_order(labels, "task t")


@pytest.mark.parametrize(
    "labels", [FIVE.labels, ("-1", "0", "0.5"), ("strongly agree", "agree", "neutral", "disagree"), ("a", "b")]
)
def test_labels_in_order_pass(labels):
    check_order(labels, "task t")


ROWS = tuple({"question": f"Item {n}.", "answer": str(n % 5 + 1)} for n in range(20))


def listed(rows=ROWS, labels=FIVE.labels):
    return ListTask(name="stars", rows=rows, spec=TaskSpec(name="stars", labels=labels))


async def test_a_task_without_an_order_is_refused_and_the_option_gives_one(rating_run):
    plan, registry, _ = rating_run(listed(labels=()), lambda request: Response(logprob=-1.0))
    with pytest.raises(TaskError, match="declares no ordered labels"):
        await run(plan, registry)
    plan, registry, _ = rating_run(
        listed(labels=()), lambda request: Response(logprob=-1.0), option={"labels": "1,2,3,4,5"}
    )
    assert (await run(plan, registry)).funnel["rated"] == 20


async def test_a_right_label_off_the_scale_stops_the_run_before_the_first_request(rating_run):
    plan, registry, model = rating_run(
        listed((*ROWS, {"question": "Item 20.", "answer": "0"})), lambda request: Response(logprob=-1.0)
    )
    with pytest.raises(TaskError, match=r"stars/20: its right label is '0', none of 1, 2, 3, 4, 5"):
        await run(plan, registry)
    assert not model.seen


def test_ratings_in_the_opposite_order_of_the_labels_raise_a_doubt():
    random = np.random.default_rng(0)
    truth = random.integers(0, 5, 400)
    ratings = np.clip(truth + random.normal(0, 0.7, 400), 0, 4)
    permuted = np.array([3, 0, 4, 1, 2])[truth]
    flat = np.full(400, 2.0)
    assert not list(order_doubts(predictions_of(truth, 5, ranks=ratings), "x"))
    (doubt,) = order_doubts(predictions_of(permuted, 5, ranks=ratings), "x")
    assert "declared rank 2 above rank 3" in doubt
    assert not list(order_doubts(predictions_of(permuted, 5, ranks=flat), "x"))


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("4", 3),
        ("  **4**.", 3),
        ("4.0", 3),
        ("Rating: 4/5 because it is good", 3),
        ("I would give it 2 out of 5 stars.", 1),
        ("<think>3 or 4? 4.</think>\nMy rating is 5.", 4),
        ("4\n\nReview: bad\nStars: 1", 3),
        ("The review deserves a 3", 2),
        ("4.5", None),
        ("7", None),
        ("-1", None),
        ("between 2 and 3", None),
        ("great!", None),
        ("", None),
        ("<think>5", None),
    ],
)
def test_a_rating_is_read_or_is_none(text, rank):
    assert rating_in(text, FIVE) == rank


@pytest.mark.parametrize(
    ("text", "rank"), [("Very good!", 2), ("It is good.", 1), ("neither good nor bad", None), ("goodness", None)]
)
def test_a_worded_rating_is_read_by_whole_words_the_longest_first(text, rank):
    assert rating_in(text, WORDS) == rank


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes", True),
        ("no.", False),
        ("NO - it is not", False),
        ("I think yes", True),
        ("yes or no?", None),
        ("unclear", None),
        ("<think>no</think> yes", True),
        ("", None),
    ],
)
def test_yes_and_no_are_read_or_none(text, said):
    assert yes_in(text) is said


def test_a_label_that_begins_another_is_ended():
    assert ending(Scale(labels=tuple(map(str, range(1, 11))))) == "\n"
    assert ending(FIVE) == ""


def test_a_continuation_is_weighed_with_and_without_its_space_where_one_may_stand():
    ask = Prompt(messages=(Message(role="user", content="Stars:"),))
    assert spaced(ask, "4") == (" 4", "4")
    assert spaced(Prompt(messages=(Message(role="user", content="Stars: "),)), "4") == ("4",)
    assert spaced(Prompt(messages=ask.messages, chat=True), "4") == ("4",)


def test_a_question_stands_at_the_slot_and_a_content_free_prompt_has_no_content():
    text = "Review: It is fine.\nStars:"
    prompt = Prompt(messages=(Message(role="user", content=text),), slot=text.index("\nStars:"))
    assert with_question(prompt, "Is it?").text == "Review: It is fine.\n\nIs it?\nStars:"
    assert content_free(prompt, ("It is fine.",)).text == "Review: N/A\nStars:"
    assert content_free(prompt, ("another",)) is None


@pytest.mark.parametrize(
    "wrong", [{"decoding": ("mode",)}, {"decoding": ()}, {"question_draws": 0}, {"temperature": 0.0}, {"max_tokens": 0}]
)
def test_options_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RatingOptions(**wrong)


# ---------------------------------------------------------------- elicitation


@pytest.mark.parametrize("classes", [3, 5])
async def test_every_elicitation_of_a_run_is_that_of_the_known_log_odds(classes, elicitation, rating_run, item_task):
    world = elicitation.world(classes, 0.5, 0.3, 1.0, 12, seed=1)
    plan, registry, _ = rating_run(item_task(world), world.answer)
    end = await run(plan, registry)
    assert end.funnel == {"asked": 12, "unscored": 0, "cut": 0, "rated": 12, "unread": 0}
    up = np.hstack([world.threshold[:, :1], world.up[:, 1:]])  # the first question of the chain is that threshold
    chain, down = sequential_exceedance(up), downward_exceedance(world.down)
    raw = independent_exceedance(world.threshold)
    wanted = {
        "labels": class_exceedance(np.exp(world.scores)),
        "threshold_raw": raw,
        "threshold": repaired(raw, "sort"),
        "up_chain": chain,
        "down_chain": down,
        "both_chains": (chain + down) / 2,
    }
    for place, record in enumerate(end.records):
        assert [trial.arm for trial in record.trials] == list(wanted)
        for trial in record.trials:
            assert np.allclose(trial.score.values["exceedance"], wanted[trial.arm][place], atol=1e-9)
            assert trial.score.values["gold"] == world.truth[place]
    shown = {(one.labels["elicitation"], one.labels["decoding"]): one for one in end.estimates if one.metric == "mae"}
    median = (wanted["both_chains"] > 0.5).sum(axis=1)
    assert shown["both_chains", "median"].value == pytest.approx(abs(median - world.truth).mean())
    gap = next(one.value for one in end.estimates if one.metric == "chain_direction_gap")
    assert gap == pytest.approx(abs(chain - down).sum(axis=1).mean())


# MAE and RPS of the specification's table; four standard errors of 400 items and of the table's 4,000.
PUBLISHED = {
    (5, 0.25, 0, 0.5): {"labels": (0.801, 0.571), "threshold": (0.801, 0.644), "up_chain": (1.073, 0.703), "both_chains": (0.753, 0.574)},
    (5, 1, 0, 1.5): {"labels": (0.834, 0.606), "threshold_raw": (0.762, 0.594), "threshold": (0.762, 0.540), "both_chains": (0.712, 0.502)},
}  # fmt: skip


@pytest.mark.parametrize("cell", PUBLISHED)
async def test_the_published_simulation_comes_out_again(cell, elicitation):
    items = 400
    world = elicitation.world(*cell, items, seed=3)
    found = elicitation.figures(world, await elicitation.elicited(world, range(items)))
    for name, (mae, rps) in PUBLISHED[cell].items():
        assert found[name][0] == pytest.approx(mae, abs=4 * 0.85 * math.sqrt(1 / items + 1 / 4000))
        assert found[name][1] == pytest.approx(rps, abs=4 * 0.60 * math.sqrt(1 / items + 1 / 4000))
    assert found["up_chain"][2] < 0  # the plain chain drifts to the low ranks


async def test_labels_that_begin_one_another_are_weighed_with_their_end(rating_run):
    rows = tuple({"question": f"Item {n}.", "answer": str(n + 1)} for n in range(10))
    task = ListTask(name="ten", rows=rows, spec=TaskSpec(name="ten", labels=tuple(map(str, range(1, 11)))))
    plan, registry, model = rating_run(
        task,
        lambda request: Response(logprob=-0.1 if request.continuation == " 10\n" else -9.0),
        option={"elicitation": "labels"},
    )
    end = await run(plan, registry)
    assert {request.continuation for request in model.seen} == {f"{s}{n}\n" for n in range(1, 11) for s in ("", " ")}
    assert all(trial.score.values["exceedance"][8] > 0.9 for record in end.records for trial in record.trials)


async def test_calibration_divides_by_the_content_free_labels(rating_run):
    def script(request):
        rank = int(request.continuation) - 1
        biased = (0.5, 0.2, 0.1, 0.1, 0.1)[rank]
        if "N/A" in request.prompt.text:
            return Response(logprob=math.log(biased / 2))
        return Response(logprob=math.log(biased * (3.0 if rank == 4 else 1.0) / 4))

    plan, registry, _ = rating_run(listed(), script, option={"elicitation": "labels", "calibrate": "true"})
    end = await run(plan, registry)
    plain, calibrated = next(iter(end.records)).trials
    assert plain.score.values["exceedance"][0] == pytest.approx(0.7 / 1.2)
    assert np.allclose(calibrated.score.values["exceedance"], [6 / 7, 5 / 7, 4 / 7, 3 / 7])
    assert plain.score.values["mass"] == pytest.approx(0.6)


async def test_what_cannot_be_read_is_counted_and_spoils_nothing_else(rating_run):
    def script(request):
        if request.kind == "generate":
            return "no idea" if "Item 3." in request.prompt.text else "4"
        if "Item 5." in request.prompt.text:
            return Response(logprob=-math.inf)
        return Response(logprob=-2.0)

    option = {"elicitation": "labels,generated"}
    plan, registry, _ = rating_run(listed(), script, can=("loglikelihood", "generate"), option=option)
    end = await run(plan, registry)
    assert end.funnel == {"asked": 20, "unscored": 0, "cut": 0, "rated": 20, "unread": 2}
    unread = {one.labels["elicitation"]: one.value for one in end.estimates if one.metric == "unread"}
    assert unread == {"labels": 1, "generated": 1}
    assert not any(one.metric == "log_score" and one.labels["elicitation"] == "generated" for one in end.estimates)


async def test_questions_are_read_from_drawn_answers_where_there_is_nothing_else(rating_run):
    def script(request):
        if "yes or no" not in request.prompt.text:
            return "3"
        return "Yes." if int(request.draw.rpartition("/")[2]) < 6 else "perhaps"

    plan, registry, model = rating_run(listed(), script, can=("generate",), limit=2)
    end = await run(plan, registry)
    record = next(iter(end.records))
    assert [trial.arm for trial in record.trials] == [
        "generated",
        "threshold_raw",
        "threshold",
        "up_chain",
        "down_chain",
        "both_chains",
    ]
    raw = record.trials[1].score.values
    assert raw["logits"] == pytest.approx([math.log(7)] * 4)
    assert raw["mass"] == pytest.approx(6 / 8)
    assert (
        len({request.draw for request in model.seen if "above 1?" in request.prompt.text}) == 16
    )  # threshold 0, and up 0


async def test_labels_are_weighed_even_where_questions_are_drawn(rating_run):
    def script(request):
        return Response(logprob=-1.0) if request.kind == "loglikelihood" else "yes"

    can = ("generate", "loglikelihood")
    plan, registry, model = rating_run(
        listed(), script, can=can, limit=1, option={"reading": "sampling", "elicitation": "labels,threshold"}
    )
    end = await run(plan, registry)
    assert end.funnel["unread"] == 0
    assert {request.kind for request in model.seen} == set(can)


@pytest.mark.parametrize(
    ("option", "can", "words"),
    [
        ({"elicitation": "labels"}, ("generate",), "needs log-likelihoods or top-logprobs"),
        ({"elicitation": "generated"}, ("loglikelihood",), "can do generate"),
        ({"reading": "alternatives"}, ("generate",), "can do alternatives"),
    ],
)
async def test_what_the_model_cannot_do_is_said_before_the_first_request(option, can, words, rating_run):
    plan, registry, model = rating_run(listed(), lambda request: "4", can=can, option=option)
    with pytest.raises(HarnessError, match=words):
        await run(plan, registry)
    assert not model.seen
