"""How many requests may go when: a bucket of tokens that fills at a steady rate.

A bucket is one instant: when it will be full again, if nothing more is taken. Taking a token moves
that on by one interval, so a bucket may be taken from ahead of time, by whoever waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `capacity` requests at once, and `per_second` in the long run."""

    capacity: int
    per_second: float

    @property
    def interval(self) -> timedelta:
        return timedelta(microseconds=ceil(1_000_000 / self.per_second))


def take(
    full_at: datetime, limit: RateLimit, now: datetime, turns: int = 1
) -> tuple[datetime, timedelta]:
    """Return the bucket after one more request, and how long that one has to wait.

    It may count as several (`turns`, the capacity at most).
    """
    after = max(full_at, now) + turns * limit.interval
    return after, max(after - limit.capacity * limit.interval - now, timedelta())


def lower(full_at: datetime, limit: RateLimit, now: datetime, left: int) -> datetime:
    """Return the bucket with no more than `left` tokens: the CRM counts others' requests, too."""
    return max(full_at, now + max(limit.capacity - left, 0) * limit.interval)


def hold(full_at: datetime, limit: RateLimit, until: datetime) -> datetime:
    """Return the bucket from which nothing goes before `until`, and then one by one."""
    return max(full_at, until + (limit.capacity - 1) * limit.interval)
