"""How old a person's data is: whole days from its GDPR date in the workspace's zone (S2.40).

A period is counted forwards from that day, in calendar months first, and its last day belongs to
it, as with windows (S0.8): older than P1Y is what began before the same day of the last year.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stageline.domain.calendar import LAST_DAY, add_months, day_in_zone, start_of_day

_PERIOD = re.compile(
    "P(?=[0-9])(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?"
)
_INSTANT = timedelta(microseconds=1)
# Longer than anybody's data is kept; keeps a mistyped period from being taken at its word.
LONGEST_MONTHS = 1_200
LONGEST_DAYS = 36_525
_DAYS = range(date(1900, 1, 1).toordinal(), LAST_DAY)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months, then days."""

    months: int
    days: int

    def last_day(self, first_day: int) -> int:
        return add_months(date.fromordinal(first_day), self.months).toordinal() + self.days


def parse_period(text: str) -> Period:
    """Return the period of "P2Y", "P18M" or "P90D". Raises ValueError with a text for people."""
    match = _PERIOD.fullmatch(text)
    if match is not None:
        years, months, weeks, days = (int(number or 0) for number in match.groups())
        period = Period(12 * years + months, 7 * weeks + days)
        if period.months <= LONGEST_MONTHS and period.days <= LONGEST_DAYS:
            return period
    raise ValueError("is a duration of up to 100 years, like P2Y, P18M or P90D")


def age_in_days(gdpr_date: datetime, zone: str, today: date) -> int:
    """Return the age; 0 where a day that was set lies before the data began."""
    return max((today - day_in_zone(gdpr_date, zone)).days, 0)


def older_than(period: Period, zone: str, today: date) -> datetime:
    """Return the last instant at which began what is older than the period today."""
    first_not = bisect_left(_DAYS, today.toordinal(), key=period.last_day)
    return _start(first_not, zone) - _INSTANT


def younger_than(period: Period, zone: str, today: date) -> datetime:
    """Return the first instant at which began what is younger than the period today."""
    first = bisect_right(_DAYS, today.toordinal(), key=period.last_day)
    return _start(first, zone)


def _start(number: int, zone: str) -> datetime:
    return start_of_day(date.fromordinal(_DAYS.start + number), zone)
