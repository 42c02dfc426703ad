"""How an integration is doing, in one word."""

from datetime import datetime, timedelta
from typing import Final, Literal

from stageline.domain.freshness import STALE_AFTER
from stageline.domain.integration import Integration
from stageline.domain.sync import SyncState

type Health = Literal["ok", "never_ran", "needs_attention", "stale", "failing"]

# One run may meet a bad night of the CRM.
FAILING_FROM: Final = 2


def health(integration: Integration, state: SyncState, now: datetime) -> Health:
    """Return what is most in need of being done something about.

    "never_ran": no run has come to its end yet.
    """
    if state.attention is not None or integration.attention is not None:
        return "needs_attention"
    behind = lag(state, now)
    if state.failures >= FAILING_FROM or (state.failures and behind is None):
        return "failing"
    if behind is None:
        return "never_ran"
    return "stale" if behind > STALE_AFTER else "ok"


def lag(state: SyncState, now: datetime) -> timedelta | None:
    """Return how old what is here may be; None before a run has come to its end."""
    return None if state.as_of is None else max(now - state.as_of, timedelta())
