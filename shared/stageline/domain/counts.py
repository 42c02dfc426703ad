"""How many accounts and groups are in each stage on any day, as what changes from day to day.

Pure. An account counts on the days on which it is in some group, in that group's stage; a group on
the days on which some account is in it. Days are ordinals; `BEGINNING` stands before all of them.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from stageline.domain.calendar import BEGINNING
from stageline.domain.group import Home
from stageline.domain.stay import Stay, stays
from stageline.domain.steps import ALWAYS, Interval
from stageline.domain.timeline import Timeline

type ByStage = Mapping[str, int]
type Steps = dict[tuple[int, str], int]
"""(day, stage) → how many more there are from that day on."""


class Totals(NamedTuple):
    """How many there are of each stage, or how many more; stages without any may be missing."""

    accounts: ByStage
    groups: ByStage

    def plus(self, other: "Totals") -> "Totals":
        return Totals(_sum(self.accounts, other.accounts), _sum(self.groups, other.groups))


class Month(NamedTuple):
    """A month in which something changes: `before` its first day, and the changes by day.

    `first` is the ordinal of the month's first day, `BEGINNING` for what was so before all days.
    """

    first: int
    before: Totals
    days: tuple[tuple[int, Totals], ...]


def wandered(home: Home, cut: datetime | None) -> tuple[Stay, ...] | None:
    """Return where the account has been and for which days, as was recorded up to `cut`.

    None as `cut`: everything. None is returned for an account that has been in the group that it is
    in now, and nowhere else; one that was recorded later has been nowhere at all.
    """
    found = stays(home.memberships, cut)
    at_home = home.root_id is not None and found == (Stay(home.root_id, BEGINNING, None),)
    return None if at_home else found


@dataclass(slots=True)
class Tally:
    """Counts group after group; its size is that of the result."""

    accounts: Steps = field(default_factory=lambda: defaultdict(int))
    groups: Steps = field(default_factory=lambda: defaultdict(int))

    def add(self, timeline: Timeline, always: int, parts: Sequence[Interval]) -> None:
        """Count a group that `always` accounts have been in all the time, others for `parts`."""
        if always:
            _add(self.accounts, timeline, ALWAYS[0], always)
        for part in parts:
            _add(self.accounts, timeline, part, 1)
        for part in ALWAYS if always else united(parts):
            _add(self.groups, timeline, part, 1)

    def months(self) -> tuple[Month, ...]:
        """Return the changes by month, in order; the first month is the beginning of time."""
        accounts, groups = _by_day(self.accounts), _by_day(self.groups)
        changes = {
            day: Totals(accounts.get(day, {}), groups.get(day, {}))
            for day in sorted(accounts.keys() | groups.keys())
        }
        before = changes.pop(BEGINNING, Totals({}, {}))
        months = [Month(BEGINNING, before, ())]
        days: dict[int, list[tuple[int, Totals]]] = defaultdict(list)
        for day, more in changes.items():
            days[first_of_month(day)].append((day, more))
        for first, within in days.items():
            months.append(Month(first, before, tuple(within)))
            for _, more in within:
                before = before.plus(more)
        return tuple(months)


class Counted(NamedTuple):
    """What one pass over everything found; `since` is when the first account was recorded."""

    months: tuple[Month, ...]
    accounts: int
    groups: int
    since: datetime | None


def united(parts: Iterable[Interval]) -> Iterator[Interval]:
    """Yield the intervals of the days that are in at least one of `parts`."""
    current: Interval | None = None
    for first, end in sorted(parts, key=lambda part: part[0]):
        if current is None or (current[1] is not None and current[1] < first):
            if current is not None:
                yield current
            current = (first, end)
        elif current[1] is not None and (end is None or end > current[1]):
            current = (current[0], end)
    if current is not None:
        yield current


def first_of_month(day: int) -> int:
    """Return the ordinal of the first day of the month; the beginning is its own."""
    return day if day <= BEGINNING else day - date.fromordinal(day).day + 1


def by_day(months: Iterable[Month], first: int, last: int) -> Iterator[tuple[int, Totals]]:
    """Yield each day from `first` to `last` with its totals.

    `months` are those of the range, in order, and the one before it, with which they begin.
    """
    following = iter(months)
    base = next(following)
    totals = base.before
    changes = dict(base.days)
    for month in following:
        changes |= month.days
    ordered = iter(sorted(changes))
    upcoming = next(ordered, None)
    for day in range(first, last + 1):
        while upcoming is not None and upcoming <= day:
            totals = totals.plus(changes[upcoming])
            upcoming = next(ordered, None)
        yield day, totals


def content_hash(months: Iterable[Month]) -> str:
    """Return the same text for the same counts, and for no others."""
    digest = hashlib.sha256()
    for first, before, days in months:
        told = [first, *_sorted(before), [[day, *_sorted(more)] for day, more in days]]
        digest.update(json.dumps(told, separators=(",", ":")).encode())
    return digest.hexdigest()


def _add(steps: Steps, timeline: Timeline, part: Interval, number: int) -> None:
    """Let `number` more be in the stages of the timeline, on the days of `part` only."""
    first, end = part
    before: str | None = None
    segments = timeline.segments if first <= BEGINNING else timeline.tail(first).segments
    for day, stage in segments:
        if end is not None and day >= end:
            break
        if before is not None:
            steps[day, before] -= number
        steps[day, stage] += number
        before = stage
    if end is not None and before is not None:
        steps[end, before] -= number


def _by_day(steps: Steps) -> dict[int, dict[str, int]]:
    days: dict[int, dict[str, int]] = defaultdict(dict)
    for (day, stage), more in steps.items():
        if more:
            days[day][stage] = more
    return days


def _sum(some: ByStage, more: ByStage) -> ByStage:
    """Return both together, without stages that nothing is in."""
    total = {stage: some.get(stage, 0) + more.get(stage, 0) for stage in {**some, **more}}
    return {stage: number for stage, number in total.items() if number}


def _sorted(totals: Totals) -> list[list[tuple[str, int]]]:
    return [sorted(totals.accounts.items()), sorted(totals.groups.items())]
