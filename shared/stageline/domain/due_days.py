"""By when a data subject's request is to be done (Art. 12(3) GDPR)."""

from calendar import monthrange
from datetime import date

from stageline.domain.errors import Invalid


def due_day(received_on: date, due_on: date | None, today: date) -> date:
    """Return when a request is due: a month after it came in, or earlier if somebody says so.

    Art. 12(3). Raises Invalid for a day that is over, or too late.
    """
    if received_on > today:
        raise Invalid("received_on", "in_the_future", "is today or earlier")
    latest = months_later(received_on, 1)
    if due_on is None:
        if latest < today:
            raise Invalid("received_on", "due_in_the_past", "its month is over; say due_on")
        return latest
    if due_on < today:
        raise Invalid("due_on", "in_the_past", "is today or later")
    if due_on > max(latest, today):
        raise Invalid("due_on", "too_late", "is at most a month after the request came in")
    return due_on


def months_later(day: date, months: int) -> date:
    """Return the day so many months later, the month's last when there is no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
