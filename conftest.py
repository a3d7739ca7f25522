"""What every test stands on: programs are run in the strongest sandbox there is, where that is a weak one, too."""

from __future__ import annotations

import os

os.environ.setdefault("HARNESS_ALLOW_WEAK_SANDBOX", "1")
