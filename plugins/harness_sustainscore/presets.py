"""The presets of the evaluation: how much is asked, and how far the answer may be trusted (method 3.6)."""

from __future__ import annotations

from harness import Preset

PRESETS = (
    Preset(
        name="default",
        summary="400 documents a domain, four answers in each arm, one constraint: sees about 3.3 points",
        option={"base_draws": 4, "draws": 4, "constraint_count": (1,)},
        domain_limit=400,
    ),
    Preset(
        name="smoke",
        summary="24 documents a domain, one answer in each arm: shows that everything runs",
        option={"base_draws": 2, "draws": 1, "constraint_count": (1,)},
        domain_limit=24,
        banner="Smoke run: not interpretable. 24 documents show that everything runs, and nothing about the model.",
    ),
    Preset(
        name="paper",
        summary="as arXiv 2601.22047 is understood: one answer, one constraint, no control",
        option={
            "base_draws": 1,
            "draws": 1,
            "constraint_count": (1,),
            "arms": ("constrained",),
            "all_items": False,
        },
        banner="Raw retention, without a control: what chance alone loses is in it (3 to 28 points).",
    ),
    Preset(
        name="scale",
        summary="1, 2, 4, 8 and 16 nested constraints",
        option={"base_draws": 4, "draws": 4, "constraint_count": (1, 2, 4, 8, 16)},
        domain_limit=400,
    ),
)
