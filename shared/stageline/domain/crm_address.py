"""Which addresses a CRM may have, decided before anything is sent there.

Patterns: "api.hubapi.com" is that host, "*.my.salesforce.com" any below it, "*" any public one.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from stageline.domain.errors import UrlNotAllowed

# The last label begins with a letter: whatever reads as an IP address, in any notation, does not.
_HOST = re.compile(r"(?=.{4,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_UNREADABLE = re.compile(r"[\x00-\x20\x7f\\]")
_NEVER_PUBLIC = (
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
)
# Networks whose addresses stand for an IPv4 address, which may be any.
_STANDING_FOR_ANOTHER = tuple(
    map(ip_network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "2001::/32", "2002::/16"))
)


def base_url(url: str, hosts: Sequence[str], field: str = "base_url") -> str:
    """Return the URL of a CRM in its one form, "https://host". Raises UrlNotAllowed."""
    host = allowed_host(url, hosts, field)
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise UrlNotAllowed(field, "path", "ends with the host; leave out what follows it")
    return f"https://{host}"


def allowed_host(url: str, hosts: Sequence[str], field: str) -> str:
    """Return the host that a request to this URL goes to, in ASCII. Raises UrlNotAllowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:  # UnicodeError, which IDNAError is, too
        raise UrlNotAllowed(field, "malformed", "is not a URL; write https://host") from None
    if _UNREADABLE.search(url):
        raise UrlNotAllowed(field, "malformed", "has spaces or signs that no URL has")
    if parts.scheme != "https":
        raise UrlNotAllowed(field, "scheme", "must begin with https://")
    if "@" in parts.netloc:
        raise UrlNotAllowed(
            field, "user_info", "must not hold a user or a password; leave them out"
        )
    if port not in (None, 443):
        raise UrlNotAllowed(field, "port", "must have no port but 443; leave it out")
    if not is_public_name(host):
        raise UrlNotAllowed(field, "host", "must have a public host name, not an address")
    if not is_of(host, hosts):
        raise UrlNotAllowed(field, "vendor", f"must have a host of the vendor: {', '.join(hosts)}")
    return host


def is_public_name(host: str) -> bool:
    """Tell whether a host in ASCII is a name that everybody may know; no IP address is."""
    return _HOST.fullmatch(host) is not None and host.rsplit(".", 1)[-1] not in _NEVER_PUBLIC


def is_of(host: str, patterns: Sequence[str]) -> bool:
    return any(
        pattern in ("*", host) or (pattern[:2] == "*." and host.endswith(pattern[1:]))
        for pattern in patterns
    )


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is one of the open internet, and stands for itself."""
    found = ip_address(address)
    return (
        found.is_global
        and not (found.is_multicast or found.is_reserved)
        and not (found.version == 6 and found.is_site_local)
        and not any(found in network for network in _STANDING_FOR_ANOTHER)
    )


def _ascii(host: str) -> str:
    # Names like "ab--dev" are no IDNA, but hosts of sandboxes.
    if host.isascii() and not any(label.startswith("xn--") for label in host.split(".")):
        return host
    import idna

    return idna.encode(host, uts46=True).decode()
