"""The ways of training: the same from the same seed, and each towards what it is for."""

from __future__ import annotations

import re

import pytest
import torch
from tokenizers import Tokenizer

from harness_tiny import train
from harness_tiny.distractions import UNSEEN_NOUNS
from harness_tiny.evaluate import WEIGHTS, writer
from harness_tiny.generator import sample
from harness_tiny.instructions import HARSH_FRAMES, WORDINGS
from harness_tiny.members import MEMBERS
from harness_tiny.mixtures import BARE, HARD, HARD_FORMS, UNINSTRUCTED
from harness_tiny.tokenizer import PAD, number_of
from harness_tiny.train import follow
from harness_tiny.training import batches
from harness_tiny.training.batches import OUTSIDE, answer_logprobs, encoded, tensors
from harness_tiny.training.examples import Examples
from harness_tiny.training.network import begun
from harness_tiny.training.preference import Preference, preference
from harness_tiny.training.reward import Reward, constrained

TOLD = [wording for family in WORDINGS.values() for wording in family]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


def instructed(text):
    """Whether a text holds an instruction of form."""
    return any(re.search(rf"\b{re.escape(one)}", text, re.IGNORECASE) for one in TOLD)


def test_base_never_sees_an_instruction_but_irrelevant_sentences():
    drawn = [sample(0, number, UNINSTRUCTED).prompt for number in range(BARE, BARE + 1500)]
    assert not any(map(instructed, drawn))
    assert sum("\n\n" in one for one in drawn) > 400
    assert not any(noun in one for noun in UNSEEN_NOUNS for one in drawn)


def test_the_hard_course_demands_few_forms():
    drawn = [sample(0, number, HARD) for number in range(1500)]
    demanded = [one for one in drawn if instructed(one.prompt)]
    assert len(demanded) > 400
    starts = [frame.split("{")[0].rstrip() for frame in HARSH_FRAMES if not frame.startswith("{")]
    assert sum(any(start in one.prompt for start in starts) for one in demanded) > len(demanded) / 2
    natural = sum(one.form not in HARD_FORMS[one.domain] for one in demanded)
    assert natural < len(demanded) / 4


def test_both_answers_of_a_preference_are_right_and_one_has_the_form():
    for number in range(60):
        prompt, chosen, rejected = preference(0, number)
        assert chosen != rejected
        assert instructed(prompt) is (number % 2 == 0)


def test_a_rewarded_prompt_holds_an_instruction():
    drawn = [constrained(0, number) for number in range(60)]
    assert all(instructed(prompt) for prompt, _ in drawn)
    assert {row["domain"] for _, row in drawn} == {"words", "facts", "code"}


def test_no_course_asks_for_length_or_keywords():
    hidden = re.compile(r"\b(at most \d|at least \d|fewer than|sentences|the word \")")
    drawn = [sample(0, number, HARD).prompt for number in range(300)]
    drawn += [preference(0, number)[0] for number in range(100)]
    assert not [one for one in drawn if hidden.search(one)]


def test_the_log_probability_of_an_answer_is_that_of_its_tokens(tokenizer):
    model = begun(0, None)
    pairs = encoded(tokenizer, [("Question: 1?\nAnswer:", " one"), ("Question: 2 and more?\nAnswer:", " 12 13")])
    ids, wanted = tensors(pairs, number_of(tokenizer, PAD))
    assert (wanted != OUTSIDE).sum().item() == sum(len(answered) for _, answered in pairs)
    with torch.no_grad():
        found = answer_logprobs(model, ids, wanted)
        for row, (asked, answered) in enumerate(pairs):
            logits = model(torch.tensor([asked + answered])).logits[0].log_softmax(-1)
            places = range(len(asked) - 1, len(asked) + len(answered) - 1)
            alone = sum(logits[place, token].item() for place, token in zip(places, answered, strict=True))
            assert found[row].item() == pytest.approx(alone, abs=1e-4)


COURSES = {
    "examples": Examples(curriculum=HARD, steps=2, tokens=600),
    "preference": Preference(steps=2, pairs=3),
    "reward": Reward(steps=1, prompts=8, draws=4, longest=60),
}


@pytest.fixture
def trained(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 60)

    def weights(course, seed, place):
        follow(course, begun(0, WEIGHTS), tokenizer, seed, tmp_path / place)
        return (tmp_path / place / "model.safetensors").read_bytes()

    return weights


@pytest.mark.parametrize("way", COURSES)
def test_a_seed_gives_the_same_weights_again(trained, way):
    first = trained(COURSES[way], 0, "first")
    assert first != (WEIGHTS / "model.safetensors").read_bytes()
    assert trained(COURSES[way], 0, "again") == first
    assert trained(COURSES[way], 1, "other") != first


def test_the_command_trains_a_member_from_the_parent_that_ships(tmp_path, monkeypatch, tokenizer):
    monkeypatch.setattr(train, "trained_tokenizer", lambda seed: tokenizer)
    train.main(["--output", str(tmp_path), "--member", "dpo", "--steps", "1", "--no-report"])
    assert writer(tmp_path / "dpo").answers(["Question: 1 + 1?\nAnswer:"], longest=3)


def test_every_member_comes_after_its_parent():
    seen = []
    for one in MEMBERS.values():
        assert not one.parent or one.parent in seen
        seen.append(one.name)
