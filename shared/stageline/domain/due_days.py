"""By when a data subject's request is to be done (Art. 12(3) GDPR)."""

from datetime import date

from stageline.domain.calendar import add_months
from stageline.domain.errors import Invalid


def due_day(received_on: date, due_on: date | None, today: date) -> date:
    """Return when a request is due: a month after it came in, or earlier if somebody says so.

    Art. 12(3). Raises Invalid for a day that is over, or too late.
    """
    if received_on > today:
        raise Invalid("received_on", "in_the_future", "is today or earlier")
    latest = add_months(received_on, 1)
    if due_on is None:
        if latest < today:
            raise Invalid("received_on", "due_in_the_past", "its month is over; say due_on")
        return latest
    if due_on < today:
        raise Invalid("due_on", "in_the_past", "is today or later")
    if due_on > max(latest, today):
        raise Invalid("due_on", "too_late", "is at most a month after the request came in")
    return due_on
