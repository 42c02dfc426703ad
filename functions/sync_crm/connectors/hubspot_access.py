"""How HubSpot lets in, and how it says what all CRMs say."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stageline.crm_ports import Crm
from stageline.domain.crm_errors import CrmUnavailable
from stageline.domain.crm_messages import CrmRequest, Dialect
from stageline.domain.crm_token import Token
from stageline.domain.crm_vendors import VENDORS


def _code(body: Any) -> str | None:
    """Return which limit was reached, what is wrong, or why there is no token."""
    status = body.get("status")
    why = body.get("policyName") or body.get("category")
    return why or (status if status != "error" else None)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    return int(headers[name]) if name in headers else None


def daily_left(headers: Mapping[str, str]) -> int | None:
    """Return how many requests are left for the day; searches and OAuth's answers do not say."""
    return _number(headers, "x-hubspot-ratelimit-daily-remaining")


DIALECT = Dialect(
    hosts=VENDORS["hubspot"].hosts,
    code=_code,
    quota_spent=frozenset({"DAILY"}),
    left=lambda headers: _number(headers, "x-hubspot-ratelimit-remaining"),
    quota_left=daily_left,
)


def sign_in(crm: Crm, base_url: str, credentials: Mapping[str, str], now: datetime) -> Token:
    """Return the token of a private app, or a new one by OAuth. Raises CrmError."""
    if "access_token" in credentials:
        return Token(credentials["access_token"])
    form = {"grant_type": "refresh_token", **credentials}
    # Version 1 of this address ends in February 2027.
    url = f"{base_url}/oauth/v3/token"
    given = crm.send(CrmRequest(method="POST", url=url, form=form)).data
    try:
        return Token.lasting(given["access_token"], timedelta(seconds=given["expires_in"]), now)
    except (LookupError, TypeError):
        raise CrmUnavailable("the CRM's answer holds no token") from None
