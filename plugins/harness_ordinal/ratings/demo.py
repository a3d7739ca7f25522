"""Reviews with stars, generated from a known truth: nothing is downloaded, and the best possible error is known.

Each review says something of three things, each good, fair or bad. The stars follow a cumulative logit model of how
many are good, so that two equal reviews may have different stars, as real ones do.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

#: Of each thing what is said of it, from bad to good.
SAID = {
    "food": ("the food was cold and bland", "the food was as expected", "the food was fresh and delicious"),
    "staff": ("the staff ignored us", "the staff did their job", "the staff were warm and helpful"),
    "room": ("the room was dirty and loud", "the room was plain", "the room was clean and quiet"),
    "price": ("we paid far too much", "the price was fair", "it was worth every penny"),
    "wait": ("we waited for an hour", "we waited a little", "we were served at once"),
}
#: Logit of P(stars > k) is SLOPE times the sum of what is said, -3 to 3, minus the threshold.
SLOPE = 1.4
THRESHOLDS = (-3.2, -1.1, 1.1, 3.2)


def above(quality: int) -> tuple[float, ...]:
    """Return the true P(rank > k) of a review whose parts sum to a quality.

    >>> [round(value, 2) for value in above(0)]
    [0.96, 0.75, 0.25, 0.04]
    """
    return tuple(1 / (1 + math.exp(threshold - SLOPE * quality)) for threshold in THRESHOLDS)


def review(random: Random) -> dict[str, Any]:
    """Return one review with its rank, 0 to 4, and its quality."""
    things = random.sample(sorted(SAID), 3)
    parts = [random.choice((-1, 0, 1)) for _ in things]
    quality = sum(parts)
    chance = random.random()
    text = ", ".join(SAID[thing][part + 1] for thing, part in zip(things, parts, strict=True))
    return {
        "text": text[0].upper() + text[1:] + ".",
        "quality": quality,
        "rank": sum(chance < share for share in above(quality)),
    }


def reviews(*, demo_rows: int = 200, demo_seed: int = 0, **_: object) -> Any:
    """Return splits of generated reviews; lm-eval passes the metadata of the task and of the run as keywords."""
    import datasets

    made = {name: Random(f"reviews:{name}:{demo_seed}") for name in ("train", "test")}  # noqa: S311  # not for secrets
    return datasets.DatasetDict(
        {name: datasets.Dataset.from_list([review(random) for _ in range(demo_rows)]) for name, random in made.items()}
    )
