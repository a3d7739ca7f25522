"""What the providers themselves ask, as far as the table beside this package knows; never of another server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from harness.prices import Price, price_of, read_prices
from harness_backends.http.options import ServerOptions
from harness_backends.http.provider import Provider

TABLE = Path(__file__).parent.parent / "prices.yaml"


def provider_price(provider: Provider, model: str, options: ServerOptions) -> Price | None:
    """Return what a provider asks for a model; None where another server is asked, or the table lacks the model."""
    try:
        host = urlsplit(provider.address(options)).hostname
    except ValueError:
        return None
    return price_of(model, read_prices(TABLE)) if host == urlsplit(provider.url).hostname else None
