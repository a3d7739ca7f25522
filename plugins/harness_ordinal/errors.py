"""What is wrong with the numbers handed over: a HarnessError for the command line, a ValueError for the library."""

from __future__ import annotations

from harness import HarnessError


class OrdinalError(HarnessError, ValueError):
    """Labels, logits, weights or settings that no ordinal method can work on; the message names the value."""
