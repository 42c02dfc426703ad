"""A made-up vendor, and clients of it over real sockets."""

from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpcore2

from stageline.adapters.crm_http import CrmHttp, Patience
from stageline.adapters.crm_network import CheckedNetwork
from stageline.domain.crm_messages import CrmRequest, Dialect
from stageline.domain.local_hosts import LocalHost

HOST = "api.vendor.example.com"
URL = f"https://{HOST}/records"
DIALECT = Dialect(
    hosts=(HOST,),
    code=lambda body: body["error"],
    quota_spent=frozenset({"DAILY_LIMIT"}),
    left=lambda headers: int(headers["x-left"]) if "x-left" in headers else None,
)
QUICK = Patience(
    attempts=4,
    first_wait=timedelta(milliseconds=1),
    longest_wait=timedelta(milliseconds=5),
    jitter=timedelta(milliseconds=1),
    most_bytes=1000,
)


def minute() -> timedelta:
    return timedelta(minutes=1)


@contextmanager
def crm_of(server, *, time_left=minute, **options: Any):
    """Give a client of a server on loopback, which the local stage would let it find."""
    network = CheckedNetwork(DIALECT.hosts, {HOST: LocalHost("127.0.0.1", server.port)})
    crm = CrmHttp(DIALECT, network, time_left, **{"patience": QUICK} | options)
    try:
        yield crm
    finally:
        crm.close()


def asked(server, request=None, **options: Any):
    """Send one request to the server; return the answer."""
    with crm_of(server, **options) as crm:
        return crm.send(request or CrmRequest(url=URL))


class TokensInTurn:
    """The port `Tokens`: a new one after each that was dropped."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def value(self) -> str:
        return f"token-{len(self.dropped)}"

    def drop(self, value: str) -> None:
        self.dropped.append(value)


class NotedPace:
    """The port `Pace`, which lets everybody go and notes what the CRM says."""

    def __init__(self) -> None:
        self.noted: list[object] = []

    def take(self, most: timedelta, turns: int = 1) -> timedelta:
        self.noted.append("take")
        return timedelta()

    def lower(self, left: int) -> None:
        self.noted.append(left)

    def hold(self, wait: timedelta) -> None:
        self.noted.append(wait)


class Dial(httpcore2.NetworkBackend):
    """Notes which address is dialled and connects to this machine instead."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.dialled: list[str] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.dialled.append(host)
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", self._port, timeout)
