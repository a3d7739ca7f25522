"""How published instructions are taken from answers: arguments that an answer meets, by what it shows.

The wording asks more than the official verdict looks for: a keyword is a word, a bullet has a text, "followed by a
sub-bullet" needs a bullet. So a constraint holds if the official verdict says so *and* its `evident` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from harness_ifeval.taking.base import Taking


@cache
def takings() -> Mapping[str, Taking]:
    """Return the instructions that can be taken from an answer, by id; whole tasks and references cannot."""
    from harness_ifeval.taking.forms import FORMS
    from harness_ifeval.taking.lengths import LENGTHS
    from harness_ifeval.taking.wording import WORDING

    return {**FORMS, **LENGTHS, **WORDING}
