"""Every way to a rating on a model whose log-odds are known: what each is worth when the model is noisy or unsure.

    .venv/bin/python benchmarks/elicitation.py [--items 4000] [--seed 0]

The truth is a cumulative logit model: thresholds evenly from -3 to 3, items normal with standard deviation 2. The
model's log-odds of each question are a * true + bias + noise of standard deviation s. The questions go through the
evaluation's own code; only the model is a script. Figures are those of the median decoding.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import re
import time
from dataclasses import dataclass, field

import numpy as np

from harness import Message, Prompt, Request, Response, Sampling
from harness_ordinal import class_probabilities, metric_named, predictions_of
from harness_ordinal.ratings.elicitation import Question, conditional, labels, threshold
from harness_ordinal.ratings.options import RatingOptions
from harness_ordinal.ratings.scale import Scale
from harness_ordinal.ratings.wording import down_question, threshold_question, up_question

#: (K, a, bias, s) of each row.
CELLS = [
    (k, a, b, s)
    for k in (5, 10)
    for a, b, s in ((1, 0, 0.5), (1, 0, 1.5), (0.5, 0, 0.5), (0.25, 0, 0.5), (1, 0.7, 0.5))
]
WAYS = ("labels", "threshold_raw", "threshold", "up_chain", "down_chain", "both_chains")


@dataclass(frozen=True, kw_only=True)
class World:
    """Items with a known truth, and a model with known log-odds."""

    truth: np.ndarray
    #: Label scores (n, K), and log-odds of threshold, up and down questions (n, K-1).
    scores: np.ndarray
    threshold: np.ndarray
    up: np.ndarray
    down: np.ndarray
    scale: Scale = field(init=False)
    questions: dict[str, tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        classes = self.scores.shape[1]
        scale = Scale(labels=tuple(str(label) for label in range(1, classes + 1)))
        known = {}
        for k in range(classes - 1):
            known[down_question(scale, k)] = ("down", k)
            known[up_question(scale, k)] = ("up", k)
            known[threshold_question(scale, k)] = ("threshold", k)
        object.__setattr__(self, "scale", scale)
        object.__setattr__(self, "questions", known)

    def prompt(self, item: int) -> Prompt:
        """Return the prompt of an item."""
        text = f"Item {item}.\nRating:"
        return Prompt(messages=(Message(role="user", content=text),), slot=len(text) - len("\nRating:"))

    def answer(self, request: Request) -> Response:
        """Return what the model says: one spelling has all the probability."""
        content = request.prompt.asked.content
        item = int(re.match(r"Item (\d+)", content)[1])
        said = request.continuation
        asked = content.split("\n\n")[1].split("\nRating:")[0] if "\n\n" in content else ""
        if not asked:
            rank = self.scale.rank(said.strip())
            given = said in (f" {self.scale.labels[rank]}", f" {self.scale.labels[rank]}\n")
            return Response(logprob=float(self.scores[item, rank]) if given else -math.inf)
        kind, k = self.questions[asked]
        z = getattr(self, kind)[item, k]
        if said not in (" yes", " no"):
            return Response(logprob=-math.inf)
        return Response(logprob=-float(np.logaddexp(0.0, -z if said == " yes" else z)))


def world(classes: int, a: float, bias: float, spread: float, items: int, seed: int) -> World:
    """Return items and a model."""
    random = np.random.default_rng(seed)
    place = random.normal(0, 2, items)
    above = 1 / (1 + np.exp(np.linspace(-3, 3, classes - 1)[None, :] - place[:, None]))
    truth = (random.random(items)[:, None] < above).sum(axis=1)
    ones = np.ones((items, 1))
    below = 1 - above
    logit = lambda p: np.log(p) - np.log1p(-p)  # noqa: E731
    noise = lambda columns: random.normal(0, spread, (items, columns))  # noqa: E731
    scores = a * np.log(class_probabilities(above)) + noise(classes)
    return World(
        truth=truth,
        scores=scores - np.logaddexp.reduce(scores, axis=1, keepdims=True),
        threshold=a * logit(above) + bias + noise(classes - 1),
        up=a * logit(above / np.hstack([ones, above[:, :-1]])) + bias + noise(classes - 1),
        down=a * logit(below / np.hstack([below[:, 1:], ones])) + bias + noise(classes - 1),
    )


async def elicited(one: World, items: range) -> dict[str, list]:
    """Return P(y > k) of every item, by way."""
    found = {name: [] for name in WAYS}

    async def ask(request: Request) -> Response:
        return one.answer(request)

    for item in items:
        question = Question(
            prompt=one.prompt(item),
            scale=one.scale,
            ask=ask,
            options=RatingOptions(),
            reading="loglikelihood",
            sampling=Sampling(),
        )
        for way in (labels, threshold, conditional):
            for said in await way(question):
                found[said.name].append(said.exceedance)
    return found


def figures(one: World, found: dict[str, list]) -> dict[str, tuple[float, float, float]]:
    """Return MAE, RPS and mean signed error, by way."""
    results = {}
    for name, above in found.items():
        predictions = predictions_of(one.truth, len(one.scale), exceedance=above)
        signed = float((predictions.ranks - predictions.truth).mean())
        results[name] = (metric_named("mae").value(predictions), metric_named("rps").value(predictions), signed)
    raw = predictions_of(one.truth, len(one.scale), exceedance=found["threshold_raw"])
    results["inconsistent"] = (metric_named("inconsistent_share").value(raw), math.nan, math.nan)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    start = time.perf_counter()
    print("| K | a, bias, s | labels | thresholds raw (rows inconsistent) | sorted | up-chain (shift) | both chains |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for classes, a, bias, spread in CELLS:
        one = world(classes, a, bias, spread, given.items, given.seed)
        got = figures(one, asyncio.run(elicited(one, range(given.items))))
        pair = {name: f"{mae:.3f} / {rps:.3f}" for name, (mae, rps, _) in got.items()}
        share, shift = got["inconsistent"][0], got["up_chain"][2]
        print(
            f"| {classes} | {a:g}, {bias:g}, {spread:g} | {pair['labels']} | {pair['threshold_raw']} ({share:.0%}) | "
            f"{pair['threshold']} | {pair['up_chain']} ({shift:+.2f}) | {pair['both_chains']} |"
        )
    print(f"\n{given.items:,} items, seed {given.seed}, MAE / RPS of the median, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
