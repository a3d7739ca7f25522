"""What the providers themselves ask, as far as the table beside this package knows; never of another server."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from harness.prices import Price, price_of, read_prices
from harness_backends.http.options import ServerOptions

TABLE = Path(__file__).parent.parent / "prices.yaml"


def provider_price(model: str, options: ServerOptions, url: str, url_variable: str) -> Price | None:
    """Return what a provider asks for a model; None where another server is asked, or the table lacks the model.

    Args:
        model: its name.
        options: where it is asked.
        url: the provider's own address.
        url_variable: what may hold another one.
    """
    given = options.base_url or os.environ.get(url_variable, "") or url
    try:
        host = urlsplit(given.strip()).hostname
    except ValueError:
        return None
    return price_of(model, read_prices(TABLE)) if host == urlsplit(url).hostname else None
