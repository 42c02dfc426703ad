"""A stage as a step function of time: `timeline(scheme, ledgers)`. `now` is no input.

Sweeps the days on which a fact can change, asks the scheme at each, and joins equal neighbours.
Groups pool by concatenating ledgers (S0.12). All days are ordinals.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from stageline.domain.calendar import BEGINNING
from stageline.domain.ledger import EVENT_BITS, EVENT_MASK, Ledger
from stageline.domain.scheme import ENTERS_CRM, LEAVES_CRM, Scheme
from stageline.domain.steps import ALWAYS


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
    events: list[int] = []
    clipped: list[Ledger] = []
    for ledger in ledgers:
        if ledger.memberships == ALWAYS:
            _add_events(scheme, ledger, events)
        else:
            clipped.append(ledger)
    if clipped:
        return Timeline(_sweep_clipped(scheme, events, clipped))
    events.sort()
    return Timeline(_sweep(scheme, events))


def _add_events(scheme: Scheme, ledger: Ledger, events: list[int]) -> None:
    """Add all that happens in a ledger: spells, the ends of windows, presence in the CRM."""
    events += ledger.spells
    if losses := ledger.losses:
        for ends in scheme.windows:
            code = ends.code
            # A deal that moves on ends its window early.
            events += [
                end if (end := ends[lost_on]) < (moved := moved_on << EVENT_BITS) else moved | code
                for lost_on, moved_on in losses
            ]
    for first, ending in ledger.presence:
        events.append(first << EVENT_BITS | ENTERS_CRM)
        if ending is not None:
            events.append(ending << EVENT_BITS | LEAVES_CRM)


def _sweep(scheme: Scheme, events: Sequence[int]) -> tuple[tuple[int, str], ...]:
    packing = scheme.narrow if len(events) < scheme.narrow.limit else scheme.wide
    deltas, stage_of = packing.deltas, packing.stage_of
    counts = 0
    current = scheme.initial_stage
    segments = [(BEGINNING, current)]
    for event in events:
        counts += deltas[event & EVENT_MASK]
        stage = stage_of[counts]
        if stage != current:
            current = stage
            _append(segments, event >> EVENT_BITS, stage)
    return tuple(segments)


def _append(segments: list[tuple[int, str]], day: int, stage: str) -> None:
    """Let the stage hold from `day` on; a day's stage is its last."""
    if segments[-1][0] == day:
        segments.pop()
        if segments and segments[-1][1] == stage:
            return
    segments.append((day, stage))


def _sweep_clipped(
    scheme: Scheme, events: Iterable[int], clipped: Iterable[Ledger]
) -> tuple[tuple[int, str], ...]:
    """Sweep a group in which accounts have joined or left, by what each day adds to the counts."""
    packing = scheme.wide
    steps: dict[int, int] = defaultdict(int)
    for event in events:
        steps[event >> EVENT_BITS] += packing.deltas[event & EVENT_MASK]
    for ledger in clipped:
        _add_clipped(scheme, ledger, steps)
    counts = 0
    segments: list[tuple[int, str]] = [(BEGINNING, scheme.initial_stage)]
    for day in sorted(steps):
        counts += steps[day]
        stage = packing.stage_of[counts]
        if stage != segments[-1][1]:
            _append(segments, day, stage)
    return tuple(segments)


def _add_clipped(scheme: Scheme, ledger: Ledger, steps: dict[int, int]) -> None:
    """Add what an account adds by day, on the days of its memberships only.

    What was so when it joined holds from that day, and all of it goes when it leaves.
    """
    events: list[int] = []
    _add_events(scheme, ledger, events)
    events.sort()
    for joined, left in ledger.memberships:
        total = 0
        for event in events:
            day = event >> EVENT_BITS
            if left is not None and day >= left:
                break
            delta = scheme.wide.deltas[event & EVENT_MASK]
            steps[max(day, joined)] += delta
            total += delta
        if left is not None:
            steps[left] -= total
