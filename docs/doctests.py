"""For the reference: the examples of docstrings are doctests, and are shown as such."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

#: A paragraph that begins with a prompt, and what is printed below it.
EXAMPLE = re.compile(r"^>>> .*(?:\n(?!\s*$).*)*", re.MULTILINE)


class Doctests(Extension):
    """Fences the examples of every docstring."""

    def on_object(self, *, obj: Object, **_context: Any) -> None:
        """Change a docstring as it is loaded."""
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub(r"```pycon\n\g<0>\n```", obj.docstring.value)
