"""The deals of accounts that a CRM has merged, or that were linked: they follow at once to who
stands for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.errors import Stale
from stageline.domain.records import AccountRecord, GoneRecord
from stageline.domain.stamp import Stamp
from stageline.ports import Deals
from stageline.use_cases.again import again
from stageline.use_cases.import_decisions import Decision, Import
from stageline.use_cases.import_pages import Left, Records


def move_deals(
    store: Records,
    deciding: Import,
    rows: Mapping[str, AccountRecord | GoneRecord],
    decisions: Mapping[str, Decision[Account]],
    left: Left,
) -> Sequence[str]:
    """Move the deals of what a page merged, and return the accounts that it concerns.

    Also those that wait under an id for which another account stands by now. Safe to repeat.
    """
    is_merged = False
    for record_id, row in rows.items():
        decision = decisions[record_id]
        account = decision.after or decision.before
        place = record_id if account is None else account.account_id
        if isinstance(row, GoneRecord):
            # Deals may wait under the id of one that is not here, or is another one by now.
            is_new = decision.is_counted or account is None or place != record_id
            if not is_new or store.merged_accounts.winner(row, place) is None:
                continue
        elif not decision.is_counted or place == record_id:
            continue
        is_merged = True
        for account_id in dict.fromkeys((record_id, place)):
            _move_on(store, deciding, account_id, left)
        if account is not None and account.linked_to is not None:
            # So far they were those of the account that it counts for.
            _move_from(store, deciding, account.linked_to, account.account_id, left)
    return left.noted() if is_merged else ()


def _move_on(store: Records, deciding: Import, account_id: str, left: Left) -> None:
    """Move deals on until nobody else stands for the account: it may be merged meanwhile."""
    seen = {account_id}
    while True:
        standing = store.merged_accounts.standing([account_id])
        winner_id = standing.ids[account_id]
        if winner_id in seen - {account_id} or winner_id == account_id:
            return
        winner = standing.known.get(winner_id)
        linked = () if winner is None else winner.linked
        integrations = {store.integration, *(one.integration for one in linked)}
        for deal in list(store.deals.of_account(account_id)):
            if deal.source is not None and deal.source.integration in integrations:
                left.note(account_id)
                left.note(winner_id)
                move_deal(store.deals, deal, winner_id, is_waiting(winner), deciding.stamp)
        account_id = winner_id
        seen.add(winner_id)


def _move_from(
    store: Records, deciding: Import, account_id: str, record_id: str, left: Left
) -> None:
    """Move the deals of this integration from an account to who stands for one of its records."""
    standing = store.merged_accounts.standing([record_id])
    winner_id = standing.ids[record_id]
    if winner_id == account_id:
        return
    waits = is_waiting(standing.known.get(winner_id))
    for deal in list(store.deals.of_account(account_id)):
        if deal.source is not None and deal.source.integration == store.integration:
            left.note(account_id)
            left.note(winner_id)
            move_deal(store.deals, deal, winner_id, waits, deciding.stamp)


def follow_links(
    store: Records,
    deciding: Import,
    named: Mapping[str, str],
    decisions: Mapping[str, Decision[Deal]],
) -> None:
    """Move deals of a page on to who stands by now for the accounts that their rows name.

    Somebody may link an account, or end that, while the page is being stored, and moves the deals
    that lie there afterwards: one of both sees what the other has written. `named` are accounts by
    deal. The stream settles what is moved.
    """
    stamp = replace(deciding.stamp, in_job=False)
    unsure = {
        deal_id: deal
        for deal_id, one in decisions.items()
        if one.is_counted and deal_id in named and (deal := one.after or one.before) is not None
    }
    while unsure:
        standing = store.merged_accounts.standing({named[deal_id] for deal_id in unsure})
        moved: dict[str, Deal] = {}
        for deal_id, deal in unsure.items():
            winner_id = standing.ids[named[deal_id]]
            if deal.account_id not in (None, winner_id):
                waits = is_waiting(standing.known.get(winner_id))
                named_one = standing.known.get(named[deal_id])
                try:
                    move_deal(store.deals, deal, winner_id, waits, stamp, during=named_one)
                    moved[deal_id] = replace(deal, account_id=winner_id)
                except Stale:
                    moved[deal_id] = deal
        # These are looked at again: it may not be so any more.
        unsure = moved


def is_waiting(account: Account | None) -> bool:
    """Tell whether deals wait for this account to come."""
    return account is None or account.deleted


def move_deal(
    deals: Deals,
    found: Deal,
    account_id: str,
    waits: bool,
    stamp: Stamp,
    *,
    during: Account | None = None,
) -> bool:
    """Move a deal unless it has left already; what is gone stays where it was.

    Raises Stale, also when the account `during` has changed since it was read.
    """

    def attempt() -> bool:
        before = deals.find_many([found.deal_id])[found.deal_id]
        if before.account_id != found.account_id or before.status == "gone":
            return False
        after = replace(
            before, account_id=account_id, waiting=waits, changed=stamp, rev=before.rev + 1
        )
        deals.move(after, before, during=during)
        return True

    return again(attempt)
