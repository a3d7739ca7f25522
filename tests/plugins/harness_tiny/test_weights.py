"""The weights that ship: small, loaded without code of their own, and good enough to measure something with."""

from __future__ import annotations

import hashlib
import random

import pytest

from harness_paradigms import lineages_of
from harness_tiny.distractions import unseen
from harness_tiny.evaluate import WEIGHTS, solved, writer
from harness_tiny.generator import DOMAINS, problems
from harness_tiny.members import MEMBERS
from harness_tiny.prompts import prompt

COUNT = 60
LEAST = {"words": 0.95, "facts": 0.90, "code": 0.90}


@pytest.fixture(scope="module")
def model():
    return writer(WEIGHTS)


@pytest.fixture(scope="module")
def base():
    return writer(MEMBERS["base"].folder)


def test_the_weights_are_small():
    assert (WEIGHTS / "model.safetensors").stat().st_size <= 12_000_000


def test_the_model_is_a_plain_llama_of_at_most_three_million_parameters(model):
    assert type(model.model).__name__ == "LlamaForCausalLM"
    assert sum(one.numel() for one in model.model.parameters()) <= 3_000_000
    assert model.model.config.max_position_embeddings >= 512


def test_the_tokenizer_gives_back_every_text_and_ends_at_the_end_token(model):
    for text in ('Question: 1234 apples?\n\nConstraint: Use "total".\nAnswer:', "é ü 漢字 \t``` x[::-1]"):
        ids = model.tokenizer(text)["input_ids"]
        assert model.tokenizer.decode(ids) == text
    assert [model.tokenizer.decode([one]) for one in model.tokenizer("1234")["input_ids"]] == list("1234")
    assert model.tokenizer.eos_token_id == model.model.generation_config.eos_token_id


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_is_of_one_make(name):
    folder = MEMBERS[name].folder
    assert (folder / "model.safetensors").stat().st_size <= 5_000_000
    for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        assert (folder / file).read_bytes() == (WEIGHTS / file).read_bytes()


def test_the_lineage_file_names_the_weights_that_ship():
    (lineage,) = lineages_of("tiny")
    told = {member.name: member.revision for member in lineage.members}
    held = {
        name: hashlib.sha256((one.folder / "model.safetensors").read_bytes()).hexdigest()[:16]
        for name, one in MEMBERS.items()
    }
    assert told == held


@pytest.mark.parametrize("domain", DOMAINS)
def test_base_solves_held_out_problems_without_ever_having_seen_an_instruction(base, domain):
    rows = problems(domain, 99, COUNT)
    natural = solved(rows, base.answers([prompt(row["question"]) for row in rows]))
    assert sum(natural) >= 0.9 * COUNT


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_model_solves_held_out_problems_and_an_irrelevant_sentence_changes_little(model, domain):
    rows = problems(domain, 99, COUNT)
    natural = solved(rows, model.answers([prompt(row["question"]) for row in rows]))
    assert sum(natural) >= LEAST[domain] * COUNT
    rng = random.Random(0)
    asked = [prompt(row["question"], f"Note: {unseen(rng)}") for row in rows]
    placebo = solved(rows, model.answers(asked))
    kept = [now for now, before in zip(placebo, natural, strict=True) if before]
    assert sum(kept) >= 0.9 * len(kept)
