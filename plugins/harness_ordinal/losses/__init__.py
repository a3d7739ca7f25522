"""Losses of ordinal regression on torch tensors; each returns nats, and names its denominator."""

from harness_ordinal.losses.classes import cdw_loss, ce_loss, sord_loss
from harness_ordinal.losses.cumulative import clm_loss
from harness_ordinal.losses.ranked import rps_loss, squared_steps_loss
from harness_ordinal.losses.sequential import corn_loss
from harness_ordinal.losses.thresholds import coral_loss, levels, ornn_loss

__all__ = [
    "cdw_loss",
    "ce_loss",
    "clm_loss",
    "coral_loss",
    "corn_loss",
    "levels",
    "ornn_loss",
    "rps_loss",
    "sord_loss",
    "squared_steps_loss",
]
