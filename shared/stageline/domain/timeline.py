"""A stage as a step function of time: `timeline(scheme, ledgers)`. `now` is no input.

Sweeps the days on which a fact can change, asks the scheme at each, and joins equal neighbours.
Groups pool by concatenating ledgers (S0.12). All days are ordinals.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from stageline.domain.calendar import BEGINNING
from stageline.domain.ledger import (
    DAY_BITS,
    LOST,
    STATUS_BITS,
    STATUS_MASK,
    TRANSITION_MASK,
    Ledger,
)
from stageline.domain.scheme import Scheme
from stageline.domain.steps import ALWAYS, Interval


class Segment(NamedTuple):
    """A stage and the days on which it holds, both inclusive.

    `from_day` is None when it holds from the beginning, `to_day` when nothing is known to end it.
    """

    stage: str
    from_day: int | None
    to_day: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Sorted `(first day, stage key)`; neighbours differ.

    A whole timeline starts at the beginning of time (day 0), a tail of one on a later day.
    """

    segments: tuple[tuple[int, str], ...]

    def at(self, day: int) -> Segment:
        """Return the segment that holds on `day`. Raises ValueError before a tail's first day."""
        index = self._index(day)
        first, stage = self.segments[index]
        following = self.segments[index + 1 : index + 2]
        return Segment(
            stage,
            first if first > BEGINNING else None,
            following[0][0] - 1 if following else None,
        )

    def next_after(self, day: int) -> tuple[int, str] | None:
        """Return `(first day, stage key)` of the segment after the one that holds on `day`."""
        following = bisect_right(self.segments, day, key=_first_day)
        return self.segments[following] if following < len(self.segments) else None

    def changed_from(self, other: Self) -> int | None:
        """Return the first day on which the two differ, 0 for the beginning, None if on none."""
        if self.segments == other.segments:
            return None
        for mine, theirs in zip(self.segments, other.segments, strict=False):
            if mine != theirs:
                return min(mine[0], theirs[0])
        # One is the beginning of the other: they part where the longer one goes on.
        longer = max(self.segments, other.segments, key=len)
        return longer[min(len(self.segments), len(other.segments))][0]

    def tail(self, day: int) -> Self:
        """Return what holds from `day` on. Raises ValueError before a tail's first day."""
        index = self._index(day)
        return type(self)(((day, self.segments[index][1]), *self.segments[index + 1 :]))

    def spliced(self, day: int, tail: Self) -> Self:
        """Return this timeline before `day`, followed by a tail that begins on `day`."""
        kept = self.segments[: bisect_right(self.segments, day - 1, key=_first_day)]
        if kept and kept[-1][1] == tail.segments[0][1]:
            return type(self)(kept + tail.segments[1:])
        return type(self)(kept + tail.segments)

    def to_data(self) -> list[list[int | str]]:
        """Return plain JSON-able data: a list of `[ordinal day, stage key]`."""
        return [list(segment) for segment in self.segments]

    @classmethod
    def from_data(cls, data: Iterable[Sequence[int | str]]) -> Self:
        """Read what `to_data` wrote."""
        return cls(tuple((int(first), str(stage)) for first, stage in data))

    def _index(self, day: int) -> int:
        index = bisect_right(self.segments, day, key=_first_day) - 1
        if index < 0:
            raise ValueError("the day lies before the first segment")
        return index


def _first_day(segment: tuple[int, str]) -> int:
    return segment[0]


def timeline(scheme: Scheme, ledgers: Iterable[Ledger]) -> Timeline:
    """Return the whole timeline of the group that these ledgers make up, in any order."""
    steps: dict[int, int] = {}
    for ledger in ledgers:
        if ledger.memberships == ALWAYS:
            _add(scheme, ledger, steps)
        else:
            own: dict[int, int] = {}
            _add(scheme, ledger, own)
            _add_clipped(own, ledger.memberships, steps)
    return Timeline(_segments(scheme, steps))


def _add(scheme: Scheme, ledger: Ledger, steps: dict[int, int]) -> None:
    """Add what each day adds to the packed counts, as if the account had always been a member."""
    get, transitions, windows = steps.get, scheme.transitions, scheme.windows
    lost_on = 0
    for packed in ledger.spells:
        day = packed >> DAY_BITS
        steps[day] = get(day, 0) + transitions[packed & TRANSITION_MASK]
        if packed >> STATUS_BITS & STATUS_MASK == LOST:
            # The deal was lost until now: a window that is still running closes here instead.
            for ends, unit in windows:
                end = ends[lost_on]
                if day < end:
                    steps[day] -= unit
                    steps[end] += unit
        if packed & STATUS_MASK == LOST:
            lost_on = day
            for ends, unit in windows:
                end = ends[day]
                steps[end] = get(end, 0) - unit
    unit = scheme.presence_unit
    for first, ending in ledger.presence:
        steps[first] = get(first, 0) + unit
        if ending is not None:
            steps[ending] = get(ending, 0) - unit


def _add_clipped(
    own: dict[int, int], memberships: Iterable[Interval], steps: dict[int, int]
) -> None:
    """Add an account's steps on the days of its memberships: what was so when it joined holds from
    that day, and all of it goes when it leaves.
    """
    days = sorted(own)
    for joined, left in memberships:
        total = 0
        for day in days:
            if left is not None and day >= left:
                break
            total += own[day]
            at = max(day, joined)
            steps[at] = steps.get(at, 0) + own[day]
        if left is not None:
            steps[left] = steps.get(left, 0) - total


def _segments(scheme: Scheme, steps: dict[int, int]) -> tuple[tuple[int, str], ...]:
    stage_of = scheme.stage_of_counts
    counts = steps.pop(BEGINNING, 0)
    current = stage_of[counts]
    segments = [(BEGINNING, current)]
    for day in sorted(steps):
        counts += steps[day]
        stage = stage_of[counts]
        if stage != current:
            segments.append((day, stage))
            current = stage
    return tuple(segments)
