"""An access token: how long it is good, and when to ask for the next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

_LAST_SHARE = 5


@dataclass(frozen=True, slots=True)
class Token:
    """`expires_at` None: the CRM does not say."""

    value: str = field(repr=False)
    expires_at: datetime | None = None
    refresh_at: datetime | None = None

    @classmethod
    def lasting(cls, value: str, lifetime: timedelta, now: datetime) -> Self:
        """Return a token that is renewed when a fifth of its life is left."""
        expires_at = now + lifetime
        return cls(value, expires_at, expires_at - lifetime / _LAST_SHARE)

    def is_due(self, now: datetime) -> bool:
        return self.refresh_at is not None and now >= self.refresh_at

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at
