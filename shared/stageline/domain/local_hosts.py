"""Hosts that the local stage sends to this machine instead, so that CRMs can be faked there.

Only the connection goes elsewhere: the URL is checked as everywhere. It speaks plain HTTP.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from stageline.domain.personal import Plain

LOCAL_STAGE = "local"


class LocalHostsRefused(Exception):
    """The setting is malformed, or this is not the local stage. The text says what to do."""


@dataclass(frozen=True, slots=True)
class LocalHost:
    address: Plain
    port: int


def local_hosts(text: str, stage: str) -> Mapping[str, LocalHost]:
    """Read `{"api.hubapi.com": "127.0.0.1:9001"}`; an empty text is none.

    Raises LocalHostsRefused.
    """
    if not text:
        return {}
    if stage != LOCAL_STAGE:
        raise LocalHostsRefused("LocalHosts is for the local stage only; leave it out")
    try:
        found: Any = json.loads(text)
        return {host.lower(): _local_host(target) for host, target in found.items()}
    except (ValueError, AttributeError):
        raise LocalHostsRefused(
            'LocalHosts is an object like {"api.hubapi.com": "127.0.0.1:9001"}: '
            "each host with a loopback address and a port"
        ) from None


def _local_host(target: str) -> LocalHost:
    address, _, port = target.rpartition(":")
    address = address.removeprefix("[").removesuffix("]")
    if not ip_address(address).is_loopback or not 0 < int(port) < 65536:
        raise ValueError("not a loopback address")
    return LocalHost(address, int(port))
