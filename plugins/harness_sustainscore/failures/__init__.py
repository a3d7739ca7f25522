"""Why an answer failed: a dozen classes by rules, the first that fits, the same rules in every arm (method 6)."""

from __future__ import annotations

from harness_sustainscore.failures.case import KINDS, Failure, Finding
from harness_sustainscore.failures.diagnosis import Diagnosis, diagnosis, primary

__all__ = ["KINDS", "Diagnosis", "Failure", "Finding", "diagnosis", "primary"]
