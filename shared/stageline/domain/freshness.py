"""How long ago a workspace's stages were last known to be right (S0.18).

Nothing is rewritten to look fresh: that a sync and a due-date tick went through proves that nothing
else has changed since. It goes by instants, also where a person sets the day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from stageline.domain.integration import Configured, Integration
from stageline.domain.job_states import FILE_INTEGRATION

STALE_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Freshness:
    """`current_as_of` is None when no tick has gone through yet; that is stale, too."""

    current_as_of: datetime | None
    stale: bool

    @classmethod
    def of(cls, current_as_of: datetime | None, now: datetime) -> Self:
        """Return the freshness at `now`; what is exactly `STALE_AFTER` old is not stale yet."""
        return cls(current_as_of, current_as_of is None or now - current_as_of > STALE_AFTER)


def freshness(configured: Configured, now: datetime) -> Freshness:
    """Return that of all stages of the workspace: the oldest of its active integrations."""
    active = [one for one in configured.integrations if one.active]
    return Freshness.of(_oldest([configured.last_tick, *_syncs(configured, *active)]), now)


def freshness_of(integration: Integration, configured: Configured, now: datetime) -> Freshness:
    """Return that of what one integration brings: the older of its last sync and the last tick."""
    return Freshness.of(_oldest([configured.last_tick, *_syncs(configured, integration)]), now)


def _syncs(configured: Configured, *integrations: Integration) -> list[datetime | None]:
    """Return as of when what is here of each of the integrations' CRMs is complete.

    Files are brought, not fetched: between two of them there is nothing that could be missing.
    """
    fetched = (one.key for one in integrations if one.key != FILE_INTEGRATION)
    return [configured.sync(key).as_of for key in fetched]


def _oldest(instants: list[datetime | None]) -> datetime | None:
    """Return the oldest, None if any is missing."""
    known = [instant for instant in instants if instant is not None]
    return min(known) if len(known) == len(instants) else None
