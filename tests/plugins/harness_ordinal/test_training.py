"""Training: seeded, chosen on validation alone, remembered by the store, compared head by head in a run."""

import asyncio
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from harness import HarnessError, Message, Plan, Prompt, Request, RequestFailed, TaskError, TaskSettings, UnknownName
from harness.registry import load_registry
from harness.run import run
from harness_ordinal.data.dataset import Dataset
from harness_ordinal.data.splits import stratified
from harness_ordinal.training.backend import TrainOptions, open_train
from harness_ordinal.training.evaluation import TrainEvaluationOptions, fit, over_seeds
from harness_ordinal.training.inputs import inputs_of, standardised
from harness_ordinal.training.loop import trained
from harness_ordinal.training.recipe import RECIPES, Recipe
from harness_ordinal.training.tasks import TrainSource

QUICK = Recipe(hidden=(16,), epochs=15, batch_size=32, lr=1e-2)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def table(rows=300, size=4):
    random = np.random.default_rng(0)
    inputs = random.normal(size=(rows, 5))
    score = inputs @ [2.0, -1.0, 0.5, 0, 0] + random.logistic(size=rows) * 0.5
    ranks = np.searchsorted(np.quantile(score, np.arange(1, size) / size), score)
    return Dataset(name="toy", inputs=inputs, ranks=ranks, labels=tuple(map(str, range(size))))


def texts():
    words = ("awful", "poor", "fine", "great")
    random = np.random.default_rng(0)
    ranks = random.integers(0, 4, 200)
    said = tuple(f"the {words[rank]} thing number {number}" for number, rank in enumerate(ranks))
    return Dataset(name="said", inputs=said, ranks=ranks, labels=words)


@pytest.mark.parametrize("head", ["corn", "coral", "ornn", "clm", "ce", "rps", "cdw", "sord"])
def test_every_head_learns(head):
    data = table()
    split = stratified(data, seed=0)
    run_ = trained(data, split, head, QUICK, seed=0)
    assert min(run_.history) < run_.history[0] or min(run_.history) < 0.6
    assert run_.logits.shape[0] == len(split.test)
    assert run_.history[run_.epoch - 1] == min(run_.history)


def test_a_seed_gives_the_same_digits_and_leaves_the_random_numbers_of_others():
    data = table()
    split = stratified(data, seed=0)
    recipe = replace(QUICK, dropout=0.3, normalize=True)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first = trained(data, split, "corn", recipe, seed=1)
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(first.logits, trained(data, split, "corn", recipe, seed=1).logits)
    assert not np.array_equal(first.logits, trained(data, split, "corn", recipe, seed=2).logits)


def test_the_test_part_has_no_say_in_training():
    data = table()
    split = stratified(data, seed=0)
    first = trained(data, split, "corn", QUICK, seed=0)
    ranks = data.ranks.copy()
    ranks[split.test] = 0
    second = trained(replace(data, ranks=ranks), split, "corn", QUICK, seed=0)
    assert np.array_equal(first.logits, second.logits)
    assert first.history == second.history


def test_patience_stops_early():
    data = table()
    run_ = trained(data, stratified(data, seed=0), "ce", replace(QUICK, epochs=200, patience=3), seed=0)
    assert run_.epochs < 200
    assert run_.epochs - run_.epoch == 3


def test_labels_in_the_wrong_order_cost_what_order_is_worth():
    data = table(600)
    split = stratified(data, seed=0)
    scrambled = np.array([2, 0, 3, 1])[data.ranks]
    errors = [
        min(trained(replace(data, ranks=ranks), split, "coral", QUICK, seed=0).history)
        for ranks in (data.ranks, scrambled)
    ]
    assert errors[1] > 1.5 * errors[0]


@pytest.mark.parametrize("backbone", ["bag", "lstm"])
def test_texts_are_learnt(backbone):
    data = texts()
    recipe = Recipe(backbone=backbone, hidden=(16,), embedding=16, epochs=12, lr=1e-2, batch_size=16)
    assert min(trained(data, stratified(data, seed=0), "corn", recipe, seed=0).history) < 0.3


def test_a_vocabulary_comes_from_the_training_part_alone():
    data = texts()
    split = stratified(data, seed=0)
    inputs = inputs_of(data, split, Recipe(backbone="bag"))
    assert inputs.width == 2 + len({word for row in split.train for word in data.inputs[row].split()})


def test_columns_are_standardised_by_the_training_rows():
    features = np.array([[1.0, 5.0], [3.0, 5.0], [100.0, 6.0]])
    assert standardised(features, [0, 1])[:2].tolist() == [[-1, 0], [1, 0]]


def test_a_table_is_standardised_unless_the_recipe_says_raw():
    data = table()
    split = stratified(data, seed=0)
    raw = inputs_of(data, split, replace(QUICK, standardize=False)).batch(torch.arange(5))
    assert torch.equal(raw, torch.tensor(data.inputs[:5], dtype=torch.float32))
    assert not torch.equal(inputs_of(data, split, QUICK).batch(torch.arange(5)), raw)


def test_a_transformers_backbone_is_trained(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "awful", "poor", "fine", "great", "the", "thing", "number"]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(tmp_path)
    torch.manual_seed(0)
    config = BertConfig(vocab_size=9, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(tmp_path)
    data = texts()
    recipe = Recipe(backbone="transformer", checkpoint=str(tmp_path), epochs=10, lr=5e-3, batch_size=16)
    assert min(trained(data, stratified(data, seed=0), "corn", recipe, seed=0).history) < 0.6


def test_a_backbone_that_cannot_read_the_inputs_is_named():
    data = texts()
    with pytest.raises(TaskError, match="said is texts: backbone mlp cannot read it"):
        trained(data, stratified(data, seed=0), "corn", QUICK, seed=0)


@pytest.mark.parametrize(
    ("change", "message"), [({"lr": 0.0}, "lr 0.0 must be positive"), ({"dropout": 1.0}, "below 1")]
)
def test_a_recipe_that_cannot_be_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(QUICK, **change).checked()


def csv(folder):
    data = table(160)
    lines = [",".join([str(rank), *map(str, row)]) for rank, row in zip(data.ranks, data.inputs, strict=True)]
    path = folder / "grades.csv"
    path.write_text("response,a,b,c,d,e\n" + "\n".join(lines) + "\n")
    return path


def plan(folder, **change):
    given = {
        "tasks": (str(csv(folder)),),
        "evaluation": "ordinal-train",
        "model": "train:table",
        "model_option": {"epochs": 4, "hidden": [8]},
        "option": {"heads": ["corn", "ce"]},
        "limit": 2,
        "output": str(folder / "runs"),
    }
    return Plan(**(given | change))


def test_a_run_trains_every_head_once_and_the_next_one_trains_nothing(tmp_path):
    registry = load_registry()
    first = asyncio.run(run(plan(tmp_path), registry))
    assert first.funnel == {"asked": 2, "unscored": 0, "trained": 2}
    assert first.manifest["requests"]["answered"] == 4
    rows = {(one.labels["head"], one.labels.get("decoding", ""), one.metric): one for one in first.estimates}
    assert rows["ce", "argmax (published)", "mae"].n == 2
    assert rows["corn", "median (published)", "mae"].n == 2
    assert rows["ce", "median", "mae minus corn's"].p is not None
    assert rows["corn", "", "inconsistent_share"].value == 0
    again = asyncio.run(run(plan(tmp_path), registry))
    assert again.manifest["requests"]["answered"] == 0
    assert again.estimates == first.estimates
    facts = json.loads((again.folder / "manifest.json").read_text())["tasks"][str(tmp_path / "grades.csv")]
    assert facts["leaks_of_seed_0"] == {"duplicates": 0, "contradictions": 0, "contradictory_rows": 0}


def test_changed_rows_are_trained_again(tmp_path):
    registry = load_registry()
    asyncio.run(run(plan(tmp_path, limit=1), registry))
    one = plan(tmp_path, limit=1)
    path = tmp_path / "grades.csv"
    path.write_text(path.read_text() + "0,9,9,9,9,9\n")
    from harness_ordinal.training.tasks import opened

    opened.cache_clear()
    assert asyncio.run(run(one, registry)).manifest["requests"]["answered"] == 2


def test_what_does_not_go_together_is_said_before_anything_is_trained(tmp_path):
    registry = load_registry()
    with pytest.raises(HarnessError, match="head 'cornn' is unknown"):
        asyncio.run(run(plan(tmp_path, option={"heads": ["cornn"]}), registry))
    with pytest.raises(HarnessError, match="holds no data to train on"):
        fit({"gsm8k": object()}, TrainEvaluationOptions(), None)
    with pytest.raises(UnknownName, match="no recipe named 'tabel'; did you mean table"):
        asyncio.run(run(plan(tmp_path, model="train:tabel"), registry))
    with pytest.raises(HarnessError, match="--dataset-root"):
        TrainSource().open("ordinal_lev", TaskSettings(), None, "")


def test_a_recipe_answers_nothing_else():
    async def ask():
        async with open_train("table", TrainOptions()) as model:
            await model.generate(
                Request(kind="generate", prompt=Prompt(messages=(Message(role="user", content="Hi"),)))
            )

    with pytest.raises(RequestFailed, match="not a training run"):
        asyncio.run(ask())


def test_the_published_recipes_are_sound():
    for recipe in RECIPES.values():
        recipe.checked()


def test_the_spread_over_seeds_is_students():
    found = over_seeds("mae", [0.3, 0.4, 0.5], {}, test=True)
    assert (found.low, found.high) == (
        pytest.approx(0.4 - 4.302653 * 0.1 / 3**0.5),
        pytest.approx(0.4 + 4.302653 * 0.1 / 3**0.5),
    )
    assert found.p == pytest.approx(0.0202, abs=1e-4)
    assert over_seeds("mae", [], {}).value is None
