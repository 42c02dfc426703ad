"""Accounts that are linked with one of another source, as rows of either source change them.

A record that counts for another account is stored as ever, and what it says of its presence is
written to that account in the same transaction. So it does not matter whose rows come first.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from stageline.domain.account import Account, Linked
from stageline.domain.stamp import Stamp
from stageline.ports import Accounts
from stageline.use_cases.import_decisions import Import
from stageline.use_cases.import_pages import Records


def with_linked(
    store: Records, deciding: Import, before: Account, after: Account
) -> Sequence[Account]:
    """Return a changed account, and those that it changes, all to be stored together."""
    # The stream settles the others: their page may be another one.
    stamp = replace(deciding.stamp, in_job=False)
    if after.linked_to is not None:
        counted = counted_for(store.accounts, after, deciding.today, stamp)
        return [after] if counted is None else [after, counted]
    if after.linked and after.merged_into is not None:
        return _handed_over(store, after, deciding.today, stamp)
    return [after]


def counted_for(accounts: Accounts, account: Account, today: date, stamp: Stamp) -> Account | None:
    """Return the account that this one counts for with what it says; None: it is so already."""
    other = None if account.linked_to is None else accounts.find(account.linked_to)
    if other is None:
        return None
    linked = (
        replace(one, in_crm=account.said_in_crm) if one.account_id == account.account_id else one
        for one in other.linked
    )
    changed = other.with_links(linked, other.linked_to, today=today, stamp=stamp)
    return None if changed is other else changed


def _handed_over(store: Records, loser: Account, today: date, stamp: Stamp) -> Sequence[Account]:
    """Return an account that the CRM has merged without its links, which the winner has then."""
    assert loser.merged_into is not None
    standing = store.merged_accounts.standing([loser.merged_into])
    winner = standing.known.get(standing.ids[loser.merged_into])
    if winner is None or winner.account_id == loser.account_id:
        return [loser]
    links: dict[str, Linked] = {one.account_id: one for one in (*winner.linked, *loser.linked)}
    found = store.accounts.find_many(one.account_id for one in loser.linked)
    without = loser.with_links((), None, today=today, stamp=stamp)
    return [
        replace(without, changed=loser.changed, rev=loser.rev),
        winner.with_links(links.values(), winner.linked_to, today=today, stamp=stamp),
        *(
            one.with_links(one.linked, winner.account_id, today=today, stamp=stamp)
            for one in found.values()
            if one.linked_to == loser.account_id
        ),
    ]
