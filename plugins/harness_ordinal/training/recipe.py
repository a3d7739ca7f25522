"""How a model is trained: every choice in one value, so that a stored result says what it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness_ordinal.errors import OrdinalError

Backbone = Literal["mlp", "bag", "lstm", "transformer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A backbone and its training; the same for every head that is compared."""

    backbone: Backbone = "mlp"
    #: Widths of the hidden layers.
    hidden: tuple[int, ...] = (64, 64)
    #: Whether a table's columns are standardised by the training rows; FIREMAN's published figures are of raw columns.
    standardize: bool = True
    #: Batch normalisation after each hidden layer.
    normalize: bool = False
    dropout: float = 0.0
    optimizer: Literal["adamw", "adam"] = "adamw"
    lr: float = 1e-3
    weight_decay: float = 0.01
    batch_size: int = 32
    epochs: int = 100
    #: What is lowest at the epoch that is kept, on the validation part alone, under the head's own decoding.
    select: Literal["mae", "rmse"] = "mae"
    #: Stop after this many epochs without a better one; 0: never.
    patience: int = 0
    #: Width of word vectors (texts).
    embedding: int = 128
    #: Words kept, by frequency in train (texts).
    vocabulary: int = 20_000
    #: Words read of a text (texts).
    length: int = 400
    #: Folder of a transformers checkpoint (`transformer`).
    checkpoint: str = ""

    def checked(self) -> Recipe:
        """Return the recipe itself.

        Raises:
            OrdinalError: a number that cannot be; the message names it.
        """
        for name in ("lr", "batch_size", "epochs", "embedding", "vocabulary", "length"):
            if not getattr(self, name) > 0:
                raise OrdinalError(f"recipe: {name} {getattr(self, name)!r} must be positive")
        if not 0 <= self.dropout < 1:
            raise OrdinalError(f"recipe: dropout {self.dropout!r} must be at least 0 and below 1")
        if self.backbone == "transformer" and not self.checkpoint:
            raise OrdinalError("recipe: the transformer backbone needs a checkpoint folder")
        return self


#: Recipes by name: those of the published comparison at the size of a laptop.
RECIPES = {
    "cement": Recipe(normalize=True, dropout=0.2, select="rmse"),
    "fireman_fast": Recipe(
        hidden=(300, 300),
        standardize=False,
        normalize=True,
        dropout=0.2,
        lr=3e-3,
        weight_decay=0.2,
        batch_size=512,
        epochs=30,
        select="rmse",
    ),
    "coursera": Recipe(
        backbone="bag",
        hidden=(256,),
        dropout=0.5,
        optimizer="adam",
        lr=2e-3,
        weight_decay=0.0,
        batch_size=64,
        epochs=12,
        vocabulary=10_000,
        length=200,
    ),
    "lstm": Recipe(
        backbone="lstm",
        hidden=(256,),
        dropout=0.5,
        optimizer="adam",
        lr=1e-3,
        weight_decay=0.0,
        batch_size=32,
        epochs=12,
    ),
    "table": Recipe(),
}
