"""Ordinal evaluation: heads, losses, decodings and metrics for ordered categories.

    from harness_ordinal import CornHead, corn_loss, decoded, METRICS, predictions_of

Sources: CORN (Shi, Cao, Raschka, arXiv 2111.08851), CORAL (arXiv 1901.07884) and their neighbours. The names below
are found when they are asked for, so that the command line does not wait for torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from harness import Backend, Command, Evaluation, Metric, TaskSuite, hookimpl
from harness.faces import face

if TYPE_CHECKING:
    from harness_ordinal.conformal import Calibrated, calibrated, rank_scores
    from harness_ordinal.convex import Fitted, fitted_head
    from harness_ordinal.decoding import DECODINGS, argmax_rank, decoded, mean_rank, median_rank, quantile_rank
    from harness_ordinal.errors import OrdinalError
    from harness_ordinal.heads import (
        HEADS,
        CoralHead,
        CornHead,
        CumulativeLinkHead,
        IndependentHead,
        OrdinalHead,
        SoftmaxHead,
        head_named,
    )
    from harness_ordinal.losses import (
        cdw_loss,
        ce_loss,
        clm_loss,
        coral_loss,
        corn_loss,
        levels,
        ornn_loss,
        rps_loss,
        sord_loss,
        squared_steps_loss,
    )
    from harness_ordinal.metrics import (
        METRICS,
        OrdinalMetric,
        Predictions,
        Ratings,
        agreement,
        compared,
        estimated,
        metric_named,
        predictions_of,
        ratings_of,
    )
    from harness_ordinal.primitives import (
        class_exceedance,
        class_log_probabilities,
        class_probabilities,
        cumulative_exceedance,
        cumulative_log_probabilities,
        downward_exceedance,
        independent_exceedance,
        repaired,
        sequential_exceedance,
        sequential_log_probabilities,
    )

__all__ = [
    "DECODINGS",
    "HEADS",
    "METRICS",
    "Calibrated",
    "CoralHead",
    "CornHead",
    "CumulativeLinkHead",
    "Fitted",
    "IndependentHead",
    "OrdinalError",
    "OrdinalHead",
    "OrdinalMetric",
    "Predictions",
    "Ratings",
    "SoftmaxHead",
    "agreement",
    "argmax_rank",
    "calibrated",
    "cdw_loss",
    "ce_loss",
    "class_exceedance",
    "class_log_probabilities",
    "class_probabilities",
    "clm_loss",
    "compared",
    "coral_loss",
    "corn_loss",
    "cumulative_exceedance",
    "cumulative_log_probabilities",
    "decoded",
    "downward_exceedance",
    "estimated",
    "fitted_head",
    "head_named",
    "independent_exceedance",
    "levels",
    "mean_rank",
    "median_rank",
    "metric_named",
    "ornn_loss",
    "predictions_of",
    "quantile_rank",
    "rank_scores",
    "ratings_of",
    "repaired",
    "rps_loss",
    "sequential_exceedance",
    "sequential_log_probabilities",
    "sord_loss",
    "squared_steps_loss",
]

#: Where the public names live, in the order in which they are looked for: the light modules first.
MODULES = ("primitives", "decoding", "errors", "metrics", "conformal", "losses", "heads", "convex")


@hookimpl
def harness_evaluations() -> Iterable[Evaluation]:
    """Yield the evaluations of rating tasks, by asking and by heads on hidden states, and of trained heads."""
    from harness_ordinal.probe.evaluation import PROBE
    from harness_ordinal.ratings.evaluation import RATINGS
    from harness_ordinal.training.evaluation import ORDINAL_TRAIN

    yield RATINGS
    yield PROBE
    yield ORDINAL_TRAIN


@hookimpl
def harness_metrics() -> Iterable[Metric[Any]]:
    """Yield the figures of rating tasks, probes, ordinal metrics of task files, and the sustain curve."""
    from harness_ordinal.probe.evaluation import FIGURES as PROBES
    from harness_ordinal.ratings.figures import FIGURES
    from harness_ordinal.sustain.figures import SUSTAIN_CURVE
    from harness_ordinal.task_figures import TASK_FIGURES
    from harness_ordinal.training.evaluation import FIGURES as TRAIN_FIGURES

    yield FIGURES
    yield PROBES
    yield TASK_FIGURES
    yield SUSTAIN_CURVE
    yield TRAIN_FIGURES


@hookimpl
def harness_task_suites() -> Iterable[TaskSuite]:
    """Yield the data sets that heads are trained on."""
    from harness_ordinal.training.tasks import FILES, SUITE

    yield SUITE
    yield FILES


@hookimpl
def harness_backends() -> Iterable[Backend]:
    """Yield the backend `train`."""
    from harness_ordinal.training.backend import BACKEND

    yield BACKEND


@hookimpl
def harness_commands() -> Iterable[Command]:
    """Yield `harness ordinal`."""
    yield Command(
        name="ordinal", summary="agreement of raters, and heads on features, in tables of yours", call=ordinal
    )


def ordinal(words: Sequence[str]) -> int:
    """Call `harness ordinal`."""
    from harness_ordinal.commands import call

    return call(words)


if not TYPE_CHECKING:
    __getattr__ = face(__name__, __all__, MODULES)
