"""Signed assertions that stand in for a password (RFC 7523)."""

from datetime import datetime, timedelta

import jwt

from stageline.domain.crm_errors import SignInRefused

_GOOD_FOR = timedelta(minutes=3)


def assertion(key: str, *, issuer: str, subject: str, audience: str, now: datetime) -> str:
    """Return an assertion signed with a private RSA key in PEM. Raises SignInRefused."""
    claims = {"iss": issuer, "sub": subject, "aud": audience, "exp": now + _GOOD_FOR}
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SignInRefused(
            "the private key is not an RSA key in PEM", code="PRIVATE_KEY_UNUSABLE"
        ) from None
