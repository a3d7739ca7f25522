"""The tokenizer: byte-level BPE with single digits, trained on the generator's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness_tiny.generator import sample
from harness_tiny.mixtures import BARE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

END = "<|end|>"
PAD = "<|pad|>"
SIZE = 1000
SAMPLES = 12_000


def number_of(tokenizer: Tokenizer, token: str) -> int:
    """Return the id of a special token."""
    found: int = tokenizer.encode(token).ids[0]
    return found


def trained_tokenizer(seed: int) -> Tokenizer:
    """Return a tokenizer trained on samples of every kind."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (one.prompt + one.answer for one in (sample(seed, number) for number in range(BARE, BARE + SAMPLES)))
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
