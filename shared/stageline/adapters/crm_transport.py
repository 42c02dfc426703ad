"""httpx2 over connections that were checked: no proxy, no cookies, no redirects, no logs."""

import logging
from collections.abc import Iterable, Iterator
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpcore2
import httpx2

from stageline.adapters.crm_network import CheckedNetwork

_STEP_SECONDS = 30.0
# httpx2 logs each request with its query, httpcore2 with its headers.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@cache
def trust() -> SSLContext:
    """Return what certificates are checked against; reading them takes a while."""
    return httpcore2.default_ssl_context()


def client_over(network: CheckedNetwork, ssl_context: SSLContext | None = None) -> httpx2.Client:
    pool = httpcore2.ConnectionPool(
        ssl_context=ssl_context or trust(), max_connections=1, network_backend=network
    )
    return httpx2.Client(
        transport=_Transport(pool),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"User-Agent": "Stageline", "Accept": "application/json"},
        timeout=_STEP_SECONDS,
        trust_env=False,
        follow_redirects=False,
    )


class _Transport(httpx2.BaseTransport):
    """What httpx2's own does, over a pool with a network of ours."""

    def __init__(self, pool: httpcore2.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port or 443,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        assert isinstance(reply.stream, Iterable)
        return httpx2.Response(reply.status, headers=reply.headers, stream=_Body(reply.stream))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()
