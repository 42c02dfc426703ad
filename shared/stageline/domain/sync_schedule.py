"""When an integration is read next, and whether then all there is or what has changed."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stageline.domain.calendar import UnknownZone, day_in_zone
from stageline.domain.errors import Invalid
from stageline.domain.integration import Integration, Schedule
from stageline.domain.sync import Mode, Progress, SyncState

MOST_TIMES = 24


def make_schedule(times: Iterable[time], zone: str, full_every_days: int) -> Schedule:
    """Return a schedule, its times in order. Raises Invalid."""
    kept = tuple(sorted(set(times)))
    if not 1 <= len(kept) <= MOST_TIMES:
        raise Invalid("schedule.times", "length", f"has 1 to {MOST_TIMES} times of the day")
    try:
        day_in_zone(datetime(2000, 1, 1, tzinfo=UTC), zone)
    except UnknownZone:
        raise Invalid(
            "schedule.zone", "unknown", "is a time zone by its IANA name, like Europe/Vienna"
        ) from None
    return Schedule(times=kept, zone=zone, full_every_days=full_every_days)


def first_after(schedule: Schedule, instant: datetime) -> datetime:
    """Return the first scheduled instant later than `instant`, in UTC.

    A time that a day skips is as much later as the clock is put forward; of one that it has twice,
    the first counts.
    """
    zone = ZoneInfo(schedule.zone)
    today = instant.astimezone(zone).date()
    # A zone that crosses the date line skips a day.
    days = (today + timedelta(days=number) for number in range(-1, 4))
    planned = (
        datetime.combine(day, at, zone).astimezone(UTC) for day in days for at in schedule.times
    )
    return min(one for one in planned if one > instant)


def next_run_at(schedule: Schedule, last_started_at: datetime | None, now: datetime) -> datetime:
    """Return when the next run is to start; what is past is to start now."""
    return first_after(schedule, last_started_at or now)


def planned_at(integration: Integration, state: SyncState, now: datetime) -> datetime | None:
    """Return when the integration is read next by itself; None: not at all, as things are.

    The first run is at the first time after the integration was set up, or changed.
    """
    connection = integration.connection
    if connection is None or connection.sign_in is None:
        return None
    if not (integration.active and integration.sync):
        return None
    since = state.last_started_at or integration.changed.at
    return next_run_at(connection.schedule, since, now)


def is_due(integration: Integration, state: SyncState, now: datetime) -> bool:
    """Tell whether a run of the integration is to be started by itself."""
    planned = planned_at(integration, state, now)
    return state.running is None and planned is not None and planned <= now


def mode_due(integration: Integration, state: SyncState, now: datetime) -> Mode:
    """Return "full" when all there is of some records was not read for so many days."""
    is_due_in_full = any(full_due(integration, state.of(kind), now) for kind in integration.pulled)
    return "full" if is_due_in_full else "changes"


def full_due(integration: Integration, progress: Progress, now: datetime) -> bool:
    """Tell whether all there is of a kind of records is to be read again."""
    schedule = integration.connection.schedule if integration.connection else Schedule()
    if progress.full_at is None:
        return True
    # Days of the calendar: a run begins some seconds after its time.
    before, today = (day_in_zone(one, schedule.zone) for one in (progress.full_at, now))
    return (today - before).days >= schedule.full_every_days
