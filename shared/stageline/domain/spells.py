"""What was observed of a deal or of an account's CRM presence, turned into spells of time.

Pure functions: no clock. Observations are kept in the order in which they were made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from stageline.domain.calendar import BEGINNING
from stageline.domain.steps import Interval, intervals_where, overridden

type DealStatus = Literal["open", "won", "lost", "gone"]


@dataclass(frozen=True, slots=True)
class Observation:
    """A deal was seen in `status` for the first time on `seen_on`; `closed_on` is the source's."""

    status: DealStatus
    seen_on: date
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """A deal is in `status` from `from_day` (an ordinal) until its next spell.

    `recent` is False for a lost spell that never counts as recently lost (S0.8).
    """

    status: DealStatus
    from_day: int
    recent: bool = True


@dataclass(frozen=True, slots=True)
class PresenceObservation:
    """The account was first seen in this state (in the CRM or not) on `seen_on`."""

    in_crm: bool
    seen_on: date


def observe(
    observations: Sequence[Observation],
    status: DealStatus,
    seen_on: date,
    closed_on: date | None = None,
) -> tuple[Observation, ...]:
    """Return the observations after the deal was seen in `status` on `seen_on`.

    A changed status is appended; a corrected close date edits the last observation and keeps the
    day on which it was made; the same again changes nothing. Only won and lost have a close date.
    """
    closed_on = closed_on if status in ("won", "lost") else None
    if not observations or observations[-1].status != status:
        return (*observations, Observation(status, seen_on, closed_on))
    last = observations[-1]
    if last.closed_on == closed_on:
        return tuple(observations)
    return (*observations[:-1], replace(last, closed_on=closed_on))


def deal_spells(opened_on: date | None, observations: Sequence[Observation]) -> tuple[Spell, ...]:
    """Return the spells of a deal, sorted by day; empty spells are left out.

    The deal is open from `opened_on` (else from the day first seen open) to its effective close; a
    closing takes effect on the earlier of its close date and the day it was seen (S0.8).
    """
    entries = ((spell.from_day, spell) for spell in _spells_as_learned(opened_on, observations))
    spells: list[Spell] = []
    for _, spell in overridden(entries):
        # A new lost spell starts a new window, so only the others join an equal neighbour.
        if not spells or spell.status == "lost" or spells[-1].status != spell.status:
            spells.append(spell)
    return tuple(spells)


def _spells_as_learned(
    opened_on: date | None, observations: Sequence[Observation]
) -> Iterator[Spell]:
    seen_open = False
    closing_day: int | None = None  # of the last closing so far
    reopened_after: int | None = None  # the closing that the last reopening undid
    started = False
    for seen in observations:
        seen_day = seen.seen_on.toordinal()
        if seen.status == "gone":
            if started:
                yield Spell("gone", seen_day)
            continue
        if not started and opened_on is not None:
            yield Spell("open", opened_on.toordinal())
        if seen.status == "open":
            if started or opened_on is None:
                yield Spell("open", seen_day)
            seen_open, reopened_after = True, closing_day
        else:
            closing_day = _effective_close(seen, reopened_after)
            dated = seen.closed_on is not None or seen_open
            yield Spell(seen.status, closing_day, recent=seen.status != "lost" or dated)
        started = True


def _effective_close(seen: Observation, reopened_after: int | None) -> int:
    seen_day = seen.seen_on.toordinal()
    if seen.closed_on is None:
        return seen_day
    closed_day = seen.closed_on.toordinal()
    # The date of the closing that was undone says nothing about this one.
    if reopened_after is not None and closed_day <= reopened_after:
        return seen_day
    return min(closed_day, seen_day)


def observe_presence(
    observations: Sequence[PresenceObservation], in_crm: bool, seen_on: date
) -> tuple[PresenceObservation, ...]:
    """Return the observations after the account was seen in (or not in) the CRM on `seen_on`."""
    if observations and observations[-1].in_crm == in_crm:
        return tuple(observations)
    return (*observations, PresenceObservation(in_crm, seen_on))


def presence_intervals(
    observations: Sequence[PresenceObservation],
    created_on: date | None = None,
    deal_days: Iterable[date] = (),
) -> tuple[Interval, ...]:
    """Return when the account is in the CRM: `(first day, day after the last or None)`, ordinals.

    Seen in the CRM at first, it was there from the earliest of its creation in the CRM, any dated
    day of its deals and the day it was seen. Later changes count from the day they were seen.
    """
    if not observations:
        return ()
    first, *later = observations
    days = [first.seen_on, *deal_days] + ([created_on] if created_on else [])
    start = min(days).toordinal() if first.in_crm else BEGINNING
    entries = [(start, first.in_crm)] + [(seen.seen_on.toordinal(), seen.in_crm) for seen in later]
    return intervals_where(overridden(entries), bool)
