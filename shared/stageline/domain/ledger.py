"""What one account, or a chunk of its deals, contributes to the stage of a group.

Everything is plain integers and texts, packed for the sweep of `timeline()`: a spell is one event,
`day << 7 | previous status << 3 | status`, and the events of all deals stand in one sorted list.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from stageline.domain.calendar import LAST_DAY
from stageline.domain.personal import Plain
from stageline.domain.spells import (
    DealStatus,
    Observation,
    PresenceObservation,
    Spell,
    deal_spells,
    presence_intervals,
)
from stageline.domain.steps import ALWAYS, Interval

NONE, OPEN, WON, LOST, LOST_UNDATED, GONE = range(6)
STATUS_BITS: Final = 3
STATUS_MASK: Final = (1 << STATUS_BITS) - 1
# Events of other kinds (presence, the end of a window) have codes from 64 on.
EVENT_BITS: Final = 2 * STATUS_BITS + 1
EVENT_MASK: Final = (1 << EVENT_BITS) - 1
FAR: Final = LAST_DAY + 1

_CODE: dict[DealStatus, int] = {"open": OPEN, "won": WON, "lost": LOST, "gone": GONE}
_STATUS: dict[int, DealStatus] = {code: status for status, code in _CODE.items()}


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What the engine needs to know of a deal; `observations` in the order they were made."""

    deal_id: Plain
    opened_on: date | None
    observations: Sequence[Observation]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One account's share of a group; a large account has several, each with some of its deals.

    `memberships` are the days on which it belongs to the group, `presence` those on which it is in
    the CRM; both are `(first day, day after the last or None)` in ordinals, 0 for the beginning.
    `owners` has, for each of the `spells`, the number of its deal in `deal_ids`. `losses` are the
    lost spells that open a window: the day lost, and the day on which the deal moved on (or FAR).
    """

    account_id: Plain
    memberships: tuple[Interval, ...]
    presence: tuple[Interval, ...]
    deal_ids: tuple[Plain, ...]
    spells: tuple[int, ...]
    owners: tuple[int, ...]
    losses: tuple[tuple[int, int], ...]

    def deals(self) -> Iterator[tuple[str, list[Spell]]]:
        """Yield each deal's id with its spells, by id."""
        spells: list[list[Spell]] = [[] for _ in self.deal_ids]
        for packed, owner in zip(self.spells, self.owners, strict=True):
            spells[owner].append(_unpacked(packed))
        return zip(self.deal_ids, spells, strict=True)

    def to_data(self) -> dict[str, Any]:
        """Return plain JSON-able data; equal ledgers give equal data, in the same order."""
        return {
            "a": self.account_id,
            "m": [list(interval) for interval in self.memberships],
            "p": [list(interval) for interval in self.presence],
            "d": list(self.deal_ids),
            "s": list(self.spells),
            "o": list(self.owners),
            "l": [list(loss) for loss in self.losses],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Self:
        """Read what `to_data` wrote."""
        members = data["m"]
        return cls(
            data["a"],
            ALWAYS if members == _ALWAYS_DATA else tuple(map(tuple, members)),
            tuple(map(tuple, data["p"])),
            tuple(data["d"]),
            tuple(data["s"]),
            tuple(data["o"]),
            tuple(map(tuple, data["l"])),
        )


def build_ledger(
    account_id: str,
    *,
    memberships: Iterable[Interval] = ALWAYS,
    presence: Sequence[PresenceObservation] = (),
    created_on: date | None = None,
    deals: Iterable[DealFacts] = (),
) -> Ledger:
    """Build the ledger of an account from what was observed of it and of these of its deals.

    The ledgers of an account's chunks, together, say the same as one ledger of all its deals.
    """
    deals = sorted(deals, key=lambda deal: deal.deal_id)
    ids: list[str] = []
    events: list[tuple[int, int]] = []
    losses: list[tuple[int, int]] = []
    for deal in deals:
        spells = deal_spells(deal.opened_on, deal.observations)
        if spells:
            events += ((packed, len(ids)) for packed in _packed(spells))
            losses += losses_of(spells)
            ids.append(deal.deal_id)
    events.sort()
    return Ledger(
        account_id=account_id,
        memberships=tuple(sorted((first, end) for first, end in memberships)),
        presence=presence_intervals(presence, created_on, _dated_days(deals)),
        deal_ids=tuple(ids),
        spells=tuple(packed for packed, _ in events),
        owners=tuple(owner for _, owner in events),
        losses=tuple(sorted(losses)),
    )


_ALWAYS_DATA = [list(interval) for interval in ALWAYS]


def losses_of(spells: Sequence[Spell]) -> Iterator[tuple[int, int]]:
    """Yield the losses of one deal that open a window, as a ledger keeps them."""
    ends = [spell.from_day for spell in spells[1:]] + [FAR]
    for spell, end in zip(spells, ends, strict=True):
        if spell.status == "lost" and spell.recent:
            yield spell.from_day, end


def _dated_days(deals: Iterable[DealFacts]) -> Iterator[date]:
    for deal in deals:
        if deal.opened_on is not None:
            yield deal.opened_on
        yield from (seen.closed_on for seen in deal.observations if seen.closed_on is not None)


def _packed(spells: Iterable[Spell]) -> Iterator[int]:
    previous = NONE
    for spell in spells:
        code = _CODE[spell.status] if spell.recent else LOST_UNDATED
        yield spell.from_day << EVENT_BITS | previous << STATUS_BITS | code
        previous = code


def _unpacked(packed: int) -> Spell:
    code, day = packed & STATUS_MASK, packed >> EVENT_BITS
    if code == LOST_UNDATED:
        return Spell("lost", day, recent=False)
    return Spell(_STATUS[code], day)
