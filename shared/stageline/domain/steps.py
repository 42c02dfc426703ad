"""Step functions of time: sorted `(from_day, value)` pairs, days as ordinals.

Deals, presence, memberships and the "-" overlay all follow one rule: what is learned later
overrides everything from its own day on.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable

type Steps[T] = tuple[tuple[int, T], ...]
type Interval = tuple[int, int | None]
"""A first day and the day after the last one (None: no end)."""

ALWAYS: tuple[Interval, ...] = ((0, None),)


def overridden[T](entries: Iterable[tuple[int, T]]) -> Steps[T]:
    """Return the step function of entries given in the order in which they were learned.

    An entry holds from its day on, whatever earlier entries said about those days; an entry that a
    later one precedes, or shares its day with, is gone. Equal neighbours stay apart.
    """
    steps: list[tuple[int, T]] = []
    for from_day, value in entries:
        while steps and steps[-1][0] >= from_day:
            steps.pop()
        steps.append((from_day, value))
    return tuple(steps)


def value_on[T, D](steps: Steps[T], day: int, before: D) -> T | D:
    """Return the value on `day`, or `before` when the first step is still to come."""
    index = bisect_right(steps, day, key=lambda step: step[0])
    return steps[index - 1][1] if index else before


def intervals_where[T](steps: Steps[T], holds: Callable[[T], bool]) -> tuple[Interval, ...]:
    """Return the maximal intervals on which the value satisfies `holds`."""
    found: list[Interval] = []
    since: int | None = None
    for from_day, value in steps:
        if holds(value):
            since = from_day if since is None else since
        elif since is not None:
            found.append((since, from_day))
            since = None
    if since is not None:
        found.append((since, None))
    return tuple(found)


def covers(intervals: Iterable[Interval], day: int) -> bool:
    """Tell whether `day` lies in any of the intervals."""
    return any(first <= day and (end is None or day < end) for first, end in intervals)
