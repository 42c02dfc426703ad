"""When counts were made, of what, and whether they still hold.

A run counts what was recorded up to its `cut`. One run is kept for each recorded day, in the
workspace's zone: that is the resolution of what was believed earlier.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from stageline.domain.personal import Plain

# What was recorded in the last moments of a day may still be on its way to its group.
STRAGGLERS = timedelta(minutes=5)
# What was written so long before a run began was in the indexes when it read them; streams tell of
# it in seconds, by other clocks.
VISIBLE_AFTER = timedelta(seconds=5)
# A busy workspace changes all the time: counts are good for so long, or for as long as they took.
GOOD_FOR = timedelta(seconds=2)
# A job that nobody has begun by then was lost, and so is one that takes longer than a worker has:
# 15 minutes. Its message comes again a little later.
BEGUN_BY = timedelta(minutes=2)
LEASE = timedelta(minutes=15, seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The counts of a recorded day, as of `cut`: where they lie, and how they came about.

    `known_since` is the day on which the first account was recorded, None without accounts.
    `replaces` names the set that it took the place of, to be removed. `rev` is its fence.
    """

    recorded_on: date
    set_id: Plain
    content: Plain
    cut: datetime
    counted_at: datetime
    took: timedelta
    scheme_version: int
    known_since: date | None
    replaces: Plain | None = None
    rev: int = 1

    def is_good(
        self, state: "State", imported_at: Iterable[datetime], now: datetime, today: date
    ) -> bool:
        """Tell whether the counts are those of now, or were until a moment ago.

        Not for a moment more after an import, which the stream does not look at, or when the
        recorded day is over: its counts leave out what came after it.
        """
        if self.is_before(imported_at):
            return False
        if state.is_unchanged_since(self.cut):
            return True
        return self.recorded_on == today and now < self.counted_at + max(GOOD_FOR, self.took)

    def is_before(self, imported_at: Iterable[datetime]) -> bool:
        """Tell whether an import was completed after what was counted."""
        return any(at > self.cut for at in imported_at)

    def has_counted(self, written_at: datetime) -> bool:
        """Tell whether a change that was written then is certainly among what was counted."""
        return written_at + VISIBLE_AFTER <= self.cut

    def knows_nothing_of(self, day: date, zone: str) -> bool:
        """Tell whether no account had been recorded by the end of the day."""
        if self.known_since is None:
            return self.cut >= end_of(day, zone)
        return day < self.known_since

    def is_final(self, zone: str) -> bool:
        """Tell whether the run has seen all of its day."""
        return self.cut >= end_of(self.recorded_on, zone)


@dataclass(frozen=True, slots=True)
class State:
    """Whether something changed since the counts were made. `rev` is its fence.

    Of many changes after a run only the first is noted, at `changed_at`; `cut` is that of the
    latest run that was begun.
    """

    changed_at: datetime | None = None
    cut: datetime | None = None
    rev: int = 0

    def is_unchanged_since(self, cut: datetime) -> bool:
        return self.changed_at is None or self.changed_at <= cut

    def changed(self, at: datetime) -> Self:
        """Return the state after a change; itself when one is noted, or nothing was counted yet."""
        if self.cut is None or self._is_noted():
            return self
        # Clocks of two machines differ: what came after the run counts as later than its cut.
        return replace(self, changed_at=max(at, self.cut + _TICK), rev=self.rev + 1)

    def counting(self, cut: datetime, at: datetime) -> Self:
        """Return the state when a run begins `at` an instant; itself when a later one has begun.

        After a noted change further ones are not, nor is any before the first run: one that leaves
        out what was recorded since its cut has to take them for granted.
        """
        if self.cut is not None and cut <= self.cut:
            return self
        changed_at = self.changed_at
        if cut < at and (self.cut is None or self._is_noted()):
            changed_at = max(at, cut + _TICK)
        return replace(self, changed_at=changed_at, cut=cut, rev=self.rev + 1)

    def _is_noted(self) -> bool:
        return self.changed_at is not None and not (self.cut and self.changed_at <= self.cut)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which job counts for a recorded day, so that two who ask get the same one."""

    job_id: Plain
    asked_at: datetime
    rev: int = 1


def end_of(day: date, zone: str) -> datetime:
    """Return the last instant of the day in the zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC) - _TICK


# Instants are stored to the microsecond.
_TICK = timedelta(microseconds=1)
