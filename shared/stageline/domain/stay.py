"""The groups an account has been in, and what their timelines make of it: its own stages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from stageline.domain.account import Membership
from stageline.domain.calendar import BEGINNING, to_ordinal
from stageline.domain.dated_log import LogEntry, resolve
from stageline.domain.explanation import NOT_KNOWN
from stageline.domain.overlay import DashReason
from stageline.domain.steps import overridden, value_on
from stageline.domain.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Stay:
    """From `first` until the day before `end` (None: no end) the account pools into `root_id`.

    Days are ordinals, `first` is 0 from the beginning; None as `root_id`: it is deleted.
    """

    root_id: str | None
    first: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What an account shows from `first` until the day before `end`: a stage, or why none."""

    first: int
    end: int | None
    stage: str | None
    reason: str | None
    root_id: str | None


def stays(memberships: Sequence[Membership], known_at: datetime | None = None) -> tuple[Stay, ...]:
    """Return the account's stays in groups, oldest first; empty when nothing was known then."""
    steps = overridden(
        (to_ordinal(entry.from_day), entry.root_id)
        for entry in memberships
        if known_at is None or entry.recorded_at <= known_at
    )
    ends = (first for first, _ in steps[1:])
    return tuple(Stay(root_id, first, end) for (first, root_id), end in zip_longest(steps, ends))


def stay_on(found: Iterable[Stay], day: int) -> Stay | None:
    """Return the stay of a day, None before the first one."""
    return next((s for s in found if s.first <= day and (s.end is None or day < s.end)), None)


def shown(
    found: Iterable[tuple[Stay, Timeline | None]],
    overlay: Iterable[LogEntry[DashReason | None]],
    known_at: datetime | None = None,
) -> tuple[Shown, ...]:
    """Return what the account shows from the beginning on, given each stay with its timeline.

    A stay without a timeline was not known; over the others lies the "-" of the workspace.
    Neighbours differ, in the stage, its reason or the group.
    """
    segments = tuple(segment for stay, timeline in found for segment in _within(stay, timeline))
    starts = tuple((segment.first, segment) for segment in segments)
    dashes = resolve(overlay, known_at)
    joined: list[Shown] = []
    stage: str | None
    reason: str | None
    for first in sorted({BEGINNING, *(day for day, _ in starts), *(day for day, _ in dashes)}):
        segment = value_on(starts, first, None)
        if segment is None or (segment.stage is None and segment.reason is None):
            stage, reason, root_id = None, NOT_KNOWN, None
        else:
            stage, reason, root_id = segment.stage, segment.reason, segment.root_id
            dash = value_on(dashes, first, "NO_INTEGRATION")
            if dash is not None and reason is None:
                stage, reason = None, dash
        if joined and (joined[-1].stage, joined[-1].reason, joined[-1].root_id) == (
            stage,
            reason,
            root_id,
        ):
            continue
        joined.append(Shown(first, None, stage, reason, root_id))
    ends = [segment.first for segment in joined[1:]]
    return tuple(
        Shown(s.first, end, s.stage, s.reason, s.root_id)
        for s, end in zip(joined, [*ends, None], strict=True)
    )


def _within(stay: Stay, timeline: Timeline | None) -> Iterator[Shown]:
    """Yield the segments of a group's timeline, clipped to the stay."""
    if timeline is None:
        yield Shown(stay.first, stay.end, None, NOT_KNOWN, stay.root_id)
        return
    day: int | None = stay.first
    while day is not None:
        following = timeline.next_after(day)
        end = stay.end
        if following is not None and (end is None or following[0] < end):
            end = following[0]
        yield Shown(day, end, timeline.at(day).stage, None, stay.root_id)
        day = end if end != stay.end else None
