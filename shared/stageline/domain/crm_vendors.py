"""The CRMs that there are connectors for, and what it takes to connect one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stageline.domain.crm_address import base_url
from stageline.domain.errors import Invalid
from stageline.domain.personal import Plain
from stageline.domain.token_bucket import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """`hosts` are patterns (`crm_address`). `url`: where all customers are (None: each elsewhere).

    `sign_ins`: what is needed for each way of signing in, by the name of the way.
    """

    name: Plain
    hosts: tuple[Plain, ...]
    url: Plain | None
    sign_ins: Mapping[Plain, tuple[Plain, ...]]
    limit: RateLimit


VENDORS: Mapping[str, Vendor] = {
    "hubspot": Vendor(
        name="HubSpot",
        hosts=("api.hubapi.com",),
        url="https://api.hubapi.com",
        sign_ins={
            "private_app": ("access_token",),
            "oauth": ("client_id", "client_secret", "refresh_token"),
        },
        # 190 in ten seconds, of which others take some; 5 searches a second: one counts as two.
        limit=RateLimit(capacity=10, per_second=10),
    ),
    "salesforce": Vendor(
        name="Salesforce",
        hosts=("*.my.salesforce.com",),
        url=None,
        sign_ins={
            "client_credentials": ("client_id", "client_secret"),
            "jwt_bearer": ("client_id", "username", "private_key"),
        },
        limit=RateLimit(capacity=20, per_second=10),
    ),
}


def url_of(vendor: Vendor, given: str | None) -> str:
    """Return where the CRM is. Raises UrlNotAllowed, Invalid when one is needed."""
    if given is None:
        if vendor.url is None:
            raise Invalid("base_url", "missing", f"the URL of your {vendor.name}: https://…")
        return vendor.url
    return base_url(given, vendor.hosts)


def sign_in_of(vendor: Vendor, given: Collection[str]) -> str:
    """Return the way to sign in for which these credentials are. Raises Invalid."""
    for way, names in vendor.sign_ins.items():
        if set(names) == set(given):
            return way
    ways = "; or ".join(", ".join(names) for names in vendor.sign_ins.values())
    raise Invalid("credentials", "incomplete", f"{vendor.name} needs {ways}, and nothing else")
