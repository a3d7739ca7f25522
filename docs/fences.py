"""For MkDocs: what the info string of a block says to the tests (`skip`, `needs`, `shows`) is nothing to the reader."""

from __future__ import annotations

import re

FOR_TESTS = re.compile(r'^(```\w+.*?)((?: (?:skip|needs|shows)="[^"]*")+)$', re.MULTILINE)


def on_page_markdown(markdown: str, **_context: object) -> str:
    """Return a page without them; MkDocs calls this for every page."""
    return FOR_TESTS.sub(r"\1", markdown)
