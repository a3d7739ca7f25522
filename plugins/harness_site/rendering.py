"""From templates to pages: everything that is filled in is escaped, and made visible, whatever a template forgets."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from harness.report import visible

#: What a page may load and do. `connect` is needed by the live pages of the viewer alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


def page(template: str, **values: Any) -> bytes:
    """Return a page.

    Args:
        template: its file name.
        values: what it is filled with; `root` is the way from the page to the site's first page.
    """
    text: str = environment().get_template(template).render(policy=POLICY, **values)
    return text.encode("utf-8", "replace")


@cache
def environment() -> Any:
    """Return the templates."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("harness_site"),
        autoescape=True,
        finalize=seen,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def seen(value: Any) -> Any:
    """Return what is filled in; plain text with every character visible. What is markup already is ours."""
    return visible(value) if type(value) is str else value


def static_files() -> dict[str, bytes]:
    """Return the files that all pages share, by their path on the site."""
    found: dict[str, bytes] = {}
    folder = resources.files("harness_site") / "static"
    for part in (folder, folder / "vendor"):
        for file in part.iterdir():
            if file.is_file() and file.name.endswith((".js", ".css", ".svg", ".txt")):
                found[f"static/{file.name}"] = file.read_bytes()
    return found
