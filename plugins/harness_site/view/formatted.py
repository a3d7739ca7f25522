"""An answer as the Markdown that it may be: without HTML, pictures or addresses, so nothing in it loads or runs."""

from __future__ import annotations

from functools import cache
from typing import Any

from harness.report import visible


def formatted(text: str) -> Any:
    r"""Return Markdown as markup for a template. Links are shown as their words; LaTeX stays text.

    >>> str(formatted("**4** <b onclick=x> [a](javascript:x) ![p](http://q)"))
    '<p><strong>4</strong> &lt;b onclick=x&gt; [a](javascript:x) ![p](http://q)</p>\n'
    """
    from markupsafe import Markup

    return Markup(reader().render(visible(text)))  # noqa: S704  # the reader escapes all HTML and knows no address


@cache
def reader() -> Any:
    """Return the reader of Markdown."""
    from markdown_it import MarkdownIt

    found = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return found.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])
