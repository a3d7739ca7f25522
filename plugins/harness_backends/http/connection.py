"""From options to a connection pool: where the server is, what every request carries, what must never be shown."""

from __future__ import annotations

import base64
import json
import socket
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, quote_plus

import aiohttp
import yarl

from harness import BackendError
from harness.secrets import Secrets
from harness_backends.http.options import ServerOptions
from harness_backends.http.pace import Pace
from harness_backends.http.provider import Provider
from harness_backends.http.transport import Wire

#: A shorter secret would blot out innocent text.
SHORTEST_SECRET = 4
#: Seconds that an idle connection is kept: less than servers do.
IDLE = 15.0
#: Seconds: a silent connection is probed after the first, then every second, and is dead after the third without an
#: acknowledgement (RFC 1122, 4.2.3.6; RFC 5482).
PROBE_AFTER, PROBE_EVERY, DEAD_AFTER = 30, 10, 60


@asynccontextmanager
async def connected(provider: Provider, options: ServerOptions) -> AsyncIterator[Wire]:
    """Open a connection pool to a server; nothing is sent before the first request.

    Raises:
        BackendError: the address or the key cannot be right.
    """
    url, key = server_url(provider.address(options), provider), provider.key(options)
    if not key and url.host == yarl.URL(provider.url).host:
        raise BackendError(
            f"{provider.name}: no key: set {provider.key_variable}, or --model-option base_url=URL for another server"
        )
    sent = request_headers(provider, key, options.headers, url)
    carried = sent.get("authorization", "").rpartition(" ")[2]
    secrets = secrets_of(key, carried, url.password or "", *options.headers.values(), *url.query.values())
    common: dict[str, Any] = {
        "headers": sent,
        "timeout": aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout),
        "auto_decompress": True,
        "proxy": proxy_of(url),
        "cookie_jar": aiohttp.DummyCookieJar(),
    }
    pool = aiohttp.TCPConnector(limit=0, socket_factory=probed_socket, keepalive_timeout=IDLE)
    new = aiohttp.TCPConnector(limit=0, socket_factory=probed_socket, force_close=True)
    async with (
        aiohttp.ClientSession(connector=pool, **common) as client,
        aiohttp.ClientSession(connector=new, **common) as fresh,
    ):
        yield Wire(
            client=client,
            fresh=fresh,
            base=url.with_user(None).with_password(None),
            options=options,
            name=provider.name,
            key_variable=provider.key_variable,
            server=shown(url),
            secrets=secrets,
            pace=Pace(options.concurrency, adaptive=options.adaptive),
        )


def secrets_of(*texts: str) -> Secrets:
    r"""Return what must not be shown, in each form in which a message may hold it: plain, quoted, in an address.

    >>> secrets_of('a "key"', "", "abc").values
    ('a%20%22key%22', 'a+%22key%22', 'a \\"key\\"', 'a "key"')
    """
    long = [text for text in texts if len(text) >= SHORTEST_SECRET]
    forms = {form for text in long for form in (text, inside(text), in_json(text), quote(text), quote_plus(text))}
    return Secrets(tuple(sorted(forms, key=lambda text: (-len(text), text))))


def inside(text: str) -> str:
    """Return a text as Python quotes it, without the quotes around it."""
    return repr(text)[1:-1]


def in_json(text: str) -> str:
    """Return a text as JSON quotes it, likewise."""
    return json.dumps(text)[1:-1]


def probed_socket(address: Any) -> socket.socket:
    """Return a socket whose other end is probed, so that a dead connection is noticed."""
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", PROBE_AFTER),
        ("TCP_KEEPINTVL", PROBE_EVERY),
        ("TCP_USER_TIMEOUT", DEAD_AFTER * 1000),
    ):
        if hasattr(socket, name):  # not every system has all of them
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


def proxy_of(url: yarl.URL) -> str | None:
    """Return the proxy that the environment names for an address."""
    if url.host is None or urllib.request.proxy_bypass(url.host):
        return None
    return urllib.request.getproxies().get(url.scheme)


def shown(url: yarl.URL) -> str:
    """Return an address as it may be shown: without user, password and query."""
    return str(url.with_user(None).with_password(None).with_query(None)).rstrip("/")


def server_url(text: str, provider: Provider) -> yarl.URL:
    """Return the base of a server's address, ending in a slash.

    Raises:
        BackendError: it is no address.
    """
    try:
        url = yarl.URL(text).with_fragment(None)
        host, path = url.host, url.path.rstrip("/")
    except ValueError:
        raise BackendError(f"{provider.name}: base_url is no address: it looks like https://HOST/v1") from None
    if url.scheme not in ("http", "https") or not host:
        raise BackendError(f"{provider.name}: base_url must begin with http:// or https:// and name a host")
    for ending in provider.endings:
        path = path.removesuffix(ending)
    return url.with_path(path + "/", keep_query=True)


def request_headers(provider: Provider, key: str, more: Mapping[str, str], url: yarl.URL) -> dict[str, str]:
    """Return the headers of every request; a user in the address goes before a key.

    Raises:
        BackendError: a header cannot be sent; its value is not repeated.
    """
    known = dict(provider.headers)
    if key:
        known[provider.key_header] = provider.key_word + key
    if url.user is not None:
        known["authorization"] = "Basic " + base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    known |= {name.lower(): value for name, value in more.items()}
    for name, value in known.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            raise BackendError(
                f"{provider.name}: the header {name!r} holds characters that cannot be sent; check key and headers"
            )
    return known
