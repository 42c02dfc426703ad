"""Days: calendar months, days of an instant in a zone, and days as plain integers.

The engine counts days as ordinals (`date.toordinal()`); `BEGINNING` stands before every real day.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

BEGINNING = 0
LAST_DAY = date.max.toordinal()


class UnknownZone(ValueError):
    """The name is no time zone of the IANA database."""


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, clamped to that month's end (S0.8).

    31 August + 6 months is 28 or 29 February. Stays at `date.max` instead of running over it.
    Raises ValueError for negative months: windows are counted forwards only.
    """
    if months < 0:
        raise ValueError("months are counted forwards")
    years, month_index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month_index + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_in_zone(instant: datetime, zone: str) -> date:
    """Return the calendar day of `instant` in `zone`, e.g. "Europe/Vienna".

    Raises ValueError for an instant without a time zone, UnknownZone for an unknown name.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    try:
        return instant.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone) from error


def start_of_day(day: date, zone: str) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC.

    Raises OverflowError at the ends of the calendar, UnknownZone for an unknown name.
    """
    try:
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone) from error


def window_last_day(first_day: int, months: int) -> int:
    """Return the last day (an ordinal, inclusive) of a window that starts on `first_day` (S0.8)."""
    return add_months(date.fromordinal(first_day), months).toordinal()


def to_ordinal(day: date | None) -> int:
    """Return the day as an ordinal; None is the beginning of time."""
    return BEGINNING if day is None else day.toordinal()


def to_date(day: int) -> date | None:
    """Return the ordinal as a date; the beginning of time is None."""
    return None if day <= BEGINNING else date.fromordinal(day)
