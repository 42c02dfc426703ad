"""The ledger of an account in parts, when it has more deals than one item holds.

A part has the deals whose ids begin alike, so that a changed deal concerns one part. Each is a
ledger of its own, built from its deals alone; together they say what the whole one says.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stageline.domain.ledger import DealFacts, Ledger
from stageline.domain.steps import Interval

# A changed deal rewrites its part: some 35 KB then, of the 400 that an item holds.
MOST_ENTRIES: Final = 1_000
# Ids are hashes, so a part seldom needs more than two characters; equal beginnings end here.
_MOST_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Parts:
    """Ledgers by the first `digits` characters of their deals' ids; "" is the one without deals.

    One that says no more than that is left out: no deal of such an id is left.
    """

    digits: int
    ledgers: Mapping[str, Ledger]


def in_parts(
    build: Callable[[Sequence[DealFacts]], Ledger], deals: Iterable[DealFacts], digits: int = 0
) -> Parts:
    """Return the ledgers that `build` makes of the deals, none of them too large for an item.

    With `digits` 0 one holds everything. More characters are taken where a part would be too large,
    fewer than given never: parts once made stay where they are.
    """
    deals = list(deals)
    while True:
        of_part: dict[str, list[DealFacts]] = defaultdict(list, {"": []})
        for deal in deals:
            of_part[deal.deal_id[:digits]].append(deal)
        ledgers = {part: build(some) for part, some in of_part.items()}
        if digits == _MOST_DIGITS or not any(map(is_too_large, ledgers.values())):
            return parts_of(digits, ledgers)
        digits += 1


def parts_of(digits: int, ledgers: Mapping[str, Ledger]) -> Parts:
    """Return these ledgers as parts."""
    bare = ledgers[""]
    return Parts(digits, {part: one for part, one in ledgers.items() if not part or one != bare})


def is_too_large(ledger: Ledger) -> bool:
    """Tell whether the ledger should not be stored as one item."""
    return len(ledger.deal_ids) + len(ledger.spells) > MOST_ENTRIES


def whole(parts: Parts, memberships: tuple[Interval, ...]) -> Ledger:
    """Put together what `in_parts` took apart, on the days of these memberships."""
    if parts.digits == 0:
        return replace(parts.ledgers[""], memberships=memberships)
    ledgers = [parts.ledgers[part] for part in sorted(parts.ledgers)]
    deal_ids: list[str] = []
    events: list[tuple[int, int]] = []
    for ledger in ledgers:
        first = len(deal_ids)
        owners = (first + owner for owner in ledger.owners)
        events += zip(ledger.spells, owners, strict=True)
        deal_ids += ledger.deal_ids
    events.sort()
    return Ledger(
        account_id=ledgers[0].account_id,
        memberships=memberships,
        presence=_joined(interval for ledger in ledgers for interval in ledger.presence),
        deal_ids=tuple(deal_ids),
        spells=tuple(packed for packed, _ in events),
        owners=tuple(owner for _, owner in events),
        losses=tuple(sorted(loss for ledger in ledgers for loss in ledger.losses)),
    )


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the days on which any of the intervals holds, as intervals that do not touch."""
    joined: list[Interval] = []
    for first, end in sorted(intervals, key=lambda interval: interval[0]):
        before = joined[-1] if joined else None
        if before is None or (before[1] is not None and before[1] < first):
            joined.append((first, end))
        elif before[1] is not None and (end is None or end > before[1]):
            joined[-1] = (before[0], end)
    return tuple(joined)
