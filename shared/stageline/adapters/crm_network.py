"""Connections to CRMs: each goes to an address that was checked, and ends in time."""

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpcore2

from stageline.domain.crm_address import is_of, is_public_address
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.errors import UrlNotAllowed
from stageline.domain.local_hosts import LocalHost

type Resolve = Callable[[str], Sequence[str]]


def resolved(host: str) -> Sequence[str]:
    """Return the addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def public_addresses(host: str, resolve: Resolve = resolved) -> Sequence[str]:
    """Return the addresses of a host, all of them public. Raises UrlNotAllowed, CrmUnavailable."""
    try:
        addresses = resolve(host)
    except OSError:
        raise CrmUnavailable("the CRM's host has no address", may_be_done=False) from None
    if not all(map(is_public_address, addresses)):
        raise UrlNotAllowed(
            "base_url", "private", "leads to a private address; use the CRM's public one"
        )
    return addresses


class CheckedNetwork(httpcore2.NetworkBackend):
    """Resolves a host once for each connection and dials what it checked, never the name."""

    def __init__(
        self,
        hosts: Sequence[str],
        local: Mapping[str, LocalHost] | None = None,
        resolve: Resolve = resolved,
        dial: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._hosts = hosts
        self._local = local or {}
        self._resolve = resolve
        self._dial = dial or httpcore2.SyncBackend()
        self._until = 0.0

    def allow(self, seconds: float) -> None:
        """Let whatever is done from now on end within so many seconds."""
        self._until = monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """Return how long one step may take. Raises httpcore2.ReadTimeout when time is up."""
        left = self._until - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        if port != 443 or not is_of(host, self._hosts):
            raise UrlNotAllowed("url", "vendor", "must have a host of the vendor")
        if (here := self._local.get(host)) is not None:
            stream = self._dial.connect_tcp(here.address, here.port, self.within(timeout))
            return _Stream(stream, self, has_tls=False)
        failure: Exception = httpcore2.ConnectError()
        for address in public_addresses(host, self._resolve):
            try:
                stream = self._dial.connect_tcp(address, port, self.within(timeout))
                return _Stream(stream, self)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore2.NetworkStream):
    """A connection each step of which ends when the network says so."""

    def __init__(
        self, stream: httpcore2.NetworkStream, network: CheckedNetwork, *, has_tls: bool = True
    ) -> None:
        self._stream = stream
        self._network = network
        self._has_tls = has_tls

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        if not self._has_tls:
            return self
        within = self._network.within(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, within), self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
