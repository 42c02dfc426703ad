"""The "-" of a workspace: why its accounts have no stage, laid over the stages when reading.

An append-only log of reasons (None: integrations answer), so that switching an integration off
rewrites no group (S0.16, S0.17).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from stageline.domain.calendar import to_ordinal
from stageline.domain.dated_log import LogEntry, resolve
from stageline.domain.steps import value_on

type DashReason = Literal[
    "NO_INTEGRATION",
    "INTEGRATION_INACTIVE",
    "OPPORTUNITY_PULL_OFF",
    "SYNC_OFF",
    "NEEDS_ATTENTION",
]


class IntegrationSwitches(NamedTuple):
    """What S0.17 asks of an integration, and whether its CRM lets us read its deals."""

    active: bool
    opportunity_pull: bool
    sync: bool
    is_readable: bool = True


def overlay_reason(integrations: Iterable[tuple[bool, ...]]) -> DashReason | None:
    """Return what is missing for stages to be shown, or None when one integration has it all.

    Of several integrations the one that lacks least decides: its first missing switch is named.
    """
    switches = [IntegrationSwitches(*integration) for integration in integrations]
    if not switches:
        return "NO_INTEGRATION"
    active = [one for one in switches if one.active]
    if not active:
        return "INTEGRATION_INACTIVE"
    pulling = [one for one in active if one.opportunity_pull]
    if not pulling:
        return "OPPORTUNITY_PULL_OFF"
    syncing = [one for one in pulling if one.sync]
    if not syncing:
        return "SYNC_OFF"
    return None if any(one.is_readable for one in syncing) else "NEEDS_ATTENTION"


def overlay_entry(
    log: Sequence[LogEntry[DashReason | None]],
    reason: DashReason | None,
    *,
    today: date,
    recorded_at: datetime,
) -> LogEntry[DashReason | None] | None:
    """Return the entry to append now that `reason` holds, or None when the log says so already.

    The first entry and the first activation hold from the beginning, later ones from `today`.
    """
    if log and log[-1].value == reason:
        return None
    first_activation = reason is None and all(entry.value is not None for entry in log)
    from_day = None if not log or first_activation else today
    return LogEntry(reason, from_day, recorded_at)


def overlay_on(
    log: Iterable[LogEntry[DashReason | None]], day: date, known_at: datetime | None = None
) -> DashReason | None:
    """Return the reason of "-" on `day`, or None when stages are shown.

    An empty log (nothing was ever configured) means NO_INTEGRATION.
    """
    return value_on(resolve(log, known_at), to_ordinal(day), "NO_INTEGRATION")
