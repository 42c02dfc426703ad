"""Where an account pools, as intervals of days, and what a change of that does to its ledgers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import eq

from stageline.domain.account import Membership
from stageline.domain.calendar import to_ordinal
from stageline.domain.chunks import Parts, whole
from stageline.domain.group import Home, StoredLedger
from stageline.domain.steps import Interval, intervals_where, overridden


def intervals_by_root(
    memberships: Sequence[Membership],
) -> dict[str, tuple[Interval, ...]]:
    """Return, for each group of the log, the days on which the account pools into it.

    Those of a group that a later entry overrides entirely are empty. The order of the log counts,
    not its instants: two machines' clocks differ.
    """
    steps = overridden((to_ordinal(entry.from_day), entry.root_id) for entry in memberships)
    roots = dict.fromkeys(entry.root_id for entry in memberships)
    return {root: intervals_where(steps, partial(eq, root)) for root in roots if root is not None}


def joined_on(home: Home) -> int:
    """Return the day (an ordinal, 0 for the beginning) since when the account is where it is now.

    Raises KeyError for an account that is in no group.
    """
    return intervals_by_root(home.memberships)[home.root_id or ""][-1][0]


def roots_to_write(home: Home | None, memberships: Sequence[Membership]) -> tuple[str, ...]:
    """Return the groups in which a move from `home` to `memberships` changes a ledger."""
    before = intervals_by_root(home.memberships) if home else {}
    after = intervals_by_root(memberships)
    live = {home.root_id if home else None, memberships[-1].root_id}
    return tuple(
        root for root, days in after.items() if root in live or days != before.get(root, ())
    )


def ledgers_of_move(
    memberships: Sequence[Membership],
    roots: Sequence[str],
    stored: Mapping[str, StoredLedger],
    current: Parts,
) -> list[StoredLedger]:
    """Return the ledgers to store so that each of `roots` has the account on its days only.

    `current` is what the account's records make of its ledger now, `stored` what the groups hold.
    A group that the account has left keeps what it knew then, on the days that remain (DESIGN §3,
    rule 4).
    """
    intervals = intervals_by_root(memberships)
    live_root = memberships[-1].root_id
    written = []
    for root in roots:
        days, before = intervals[root], stored.get(root)
        if before is None and not days:
            continue
        is_live, rev = root == live_root, before.rev + 1 if before else 1
        if before is not None and not before.live and not is_live:
            ledger = replace(before.ledger, memberships=days)
            written.append(replace(before, ledger=ledger, rev=rev))
        else:
            written.append(stored_ledger(root, current, days, live=is_live, rev=rev))
    return written


def stored_ledger(
    root_id: str, parts: Parts, days: tuple[Interval, ...], *, live: bool, rev: int
) -> StoredLedger:
    """Return the ledger that these parts make up, on the days of its account in the group."""
    is_one = parts.digits == 0
    return StoredLedger(root_id, whole(parts, days), live, rev, None if is_one else parts)
