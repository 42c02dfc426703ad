"""Append-only logs of what holds from a day on: memberships in groups and the "-" overlay.

Later entries override days from their own day on; what was believed at an instant is the same log
without the entries recorded after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from stageline.domain.calendar import to_ordinal
from stageline.domain.steps import Steps, overridden


@dataclass(frozen=True, slots=True)
class LogEntry[T]:
    """`value` holds from `from_day` on (None: from the beginning), as recorded at an instant."""

    value: T
    from_day: date | None
    recorded_at: datetime


def resolve[T](entries: Iterable[LogEntry[T]], known_at: datetime | None = None) -> Steps[T]:
    """Return the step function of the log, days as ordinals; read it with `steps.value_on`.

    With `known_at`, as it was believed at that instant (inclusive). Empty when nothing was known.
    """
    known = [entry for entry in entries if known_at is None or entry.recorded_at <= known_at]
    known.sort(key=lambda entry: entry.recorded_at)
    return overridden((to_ordinal(entry.from_day), entry.value) for entry in known)
