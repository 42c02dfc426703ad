"""What counting needs from the outside world, besides what `ports` and `work_ports` have.

As there: bound to one workspace, every write conditional, `Stale` means decide again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from stageline.domain.count_runs import Asked, Run, State
from stageline.domain.counts import Month
from stageline.domain.group import Home
from stageline.domain.timeline import Timeline
from stageline.domain.work import Work


class Subject(NamedTuple):
    """A group as counting sees it; `recorded_at` is that of the timeline's newest version."""

    root_id: str
    timeline: Timeline
    recorded_at: datetime


class Subjects(Protocol):
    """Every account and every group, read in order, page by page (late by ms)."""

    def homes(self) -> Iterator[Home]: ...

    def groups(self, scheme: str) -> Iterator[tuple[Subject, Iterator[Home]]]:
        """Yield each group that has a value with the homes of those who are in it now.

        The homes have to be taken before the next group is.
        """
        ...


class Counts(Protocol):
    """Counts by stage of any day, as sets of months, and the runs that point to them."""

    def run(self, scheme: str, recorded_on: date) -> Run | None: ...

    def newest(self, scheme: str) -> Run | None:
        """Return the run of the latest recorded day."""
        ...

    def add_months(self, scheme: str, set_id: str, months: Sequence[Month]) -> None:
        """Store a new set that nothing points to yet. Raises AlreadyExists."""
        ...

    def save_run(
        self, scheme: str, run: Run, before: Run | None, job: Work, *, added: bool
    ) -> None:
        """Store a run in the place of `before`, while the job is as it was read.

        `added`: its set is a new one; otherwise a set that was found with another run. Raises
        Stale, also when that set is gone.
        """
        ...

    def forget(self, scheme: str, set_id: str) -> None:
        """Remove a set unless some run points to it. May be repeated."""
        ...

    def months(self, scheme: str, set_id: str, first: int, last: int) -> Sequence[Month]:
        """Return the months of a set with days from `first` to `last`, and the one before.

        Raises Stale when the set is gone: another took its place.
        """
        ...

    def state(self, scheme: str) -> State: ...

    def save_state(self, scheme: str, state: State) -> None:
        """Store over revision `state.rev - 1`. Raises Stale."""
        ...

    def asked(self, scheme: str, recorded_on: date) -> Asked | None: ...

    def save_asked(self, scheme: str, recorded_on: date, asked: Asked) -> None:
        """Store over revision `asked.rev - 1`. Raises Stale."""
        ...
