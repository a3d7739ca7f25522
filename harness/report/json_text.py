"""Values as JSON that people read too: what every `--json` prints."""

from __future__ import annotations

import sys
from typing import Any


def json_text(value: Any) -> str:
    r"""Return a value of any kind that msgspec knows as indented JSON, with a line end.

    >>> json_text({"n": 1})
    '{\n  "n": 1\n}\n'
    """
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json_text(value))
