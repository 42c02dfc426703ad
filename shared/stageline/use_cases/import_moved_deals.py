"""The deals of accounts that a CRM has merged: they follow at once to who stands for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stageline.domain.account import Account
from stageline.domain.deal import Deal
from stageline.domain.records import AccountRecord, GoneRecord
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
        is_waiting = winner is None or winner.deleted
        for deal in list(store.deals.of_account(account_id)):
            if deal.source is not None and deal.source.integration == store.integration:
                left.note(account_id)
                left.note(winner_id)
                _move(store, deciding, deal, winner_id, is_waiting)
        account_id = winner_id
        seen.add(winner_id)


def _move(store: Records, deciding: Import, found: Deal, winner_id: str, is_waiting: bool) -> None:
    """Move a deal unless it has left already; what is gone stays where it was."""

    def attempt() -> None:
        before = store.deals.find_many([found.deal_id])[found.deal_id]
        if before.account_id != found.account_id or before.status == "gone":
            return
        after = replace(
            before,
            account_id=winner_id,
            waiting=is_waiting,
            changed=deciding.stamp,
            rev=before.rev + 1,
        )
        store.deals.move(after, before)

    again(attempt)
