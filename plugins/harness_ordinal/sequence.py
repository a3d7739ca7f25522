"""Sequence classification on any transformers model with an ordinal head; saves, loads and trains like one of its own.

    model = OrdinalForSequenceClassification.from_encoder("path/of/a/model", num_classes=5, head="corn")
    Trainer(model=model, ...).train()
    model.save_pretrained("out")
    OrdinalForSequenceClassification.from_pretrained("out")

Source of the wish: coral-pytorch's tutorial does this by hand, with one output too many.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from harness_ordinal.decoding import decoded
from harness_ordinal.heads import head_named


class OrdinalConfig(PretrainedConfig):  # type: ignore[misc]
    """The encoder's configuration, and what its head is."""

    model_type = "harness_ordinal"

    def __init__(
        self, encoder: dict[str, Any] | None = None, num_classes: int = 2, head: str = "corn", **rest: Any
    ) -> None:
        """Keep the encoder's configuration as JSON.

        Args:
            encoder: as `PretrainedConfig.to_dict` gives it.
            num_classes: K.
            head: as `head_named` takes it.
            rest: what every configuration has.
        """
        super().__init__(**rest)
        self.encoder = encoder or {}
        self.num_classes = num_classes
        self.head = head

    def encoder_config(self) -> Any:
        """Return the encoder's configuration."""
        held = dict(self.encoder)
        return AutoConfig.for_model(held.pop("model_type"), **held)


class OrdinalForSequenceClassification(PreTrainedModel):  # type: ignore[misc]
    """An encoder, the mean of its last states over what is not padding, and an ordinal head."""

    config_class = OrdinalConfig
    base_model_prefix = "encoder"

    def __init__(self, config: OrdinalConfig) -> None:
        """Make encoder and head with random weights; `from_encoder` takes trained ones."""
        super().__init__(config)
        inner = config.encoder_config()
        self.encoder = AutoModel.from_config(inner)
        self.head = head_named(config.head, int(inner.hidden_size), config.num_classes)
        self.post_init()

    @classmethod
    def from_encoder(
        cls, path: str | Path, *, num_classes: int, head: str = "corn"
    ) -> OrdinalForSequenceClassification:
        """Return a model on a trained encoder, its head new.

        Args:
            path: folder or name of a transformers model.
            num_classes: K.
            head: as `head_named` takes it.
        """
        encoder = AutoModel.from_pretrained(path)
        model = cls(OrdinalConfig(encoder=encoder.config.to_dict(), num_classes=num_classes, head=head))
        model.encoder.load_state_dict(encoder.state_dict())
        return model

    def _init_weights(self, module: Any) -> None:
        """Leave heads and encoder as their own constructors made them."""

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        **more: Any,
    ) -> SequenceClassifierOutput:
        """Return the head's logits, shape (B, K-1) or (B, K), and the loss where labels are given.

        Raises:
            OrdinalError: labels off the scale.
        """
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state
        there = torch.ones_like(states[..., 0]) if attention_mask is None else attention_mask.to(states.dtype)
        weights = there.unsqueeze(-1)
        features = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
        logits = self.head(features)
        loss = None if labels is None else self.head.loss(logits, labels)
        return SequenceClassifierOutput(loss=loss, logits=logits)

    def exceedance(self, logits: Tensor) -> Tensor:
        """Return G_k = P(y > k), shape (B, K-1)."""
        return self.head.exceedance(logits)

    def ranks(self, logits: Tensor, decoding: str = "median") -> Tensor:
        """Return decoded ranks, shape (B,)."""
        return decoded(self.exceedance(logits), decoding)
