"""What callers do to accounts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from stageline.domain.account import Account, Profile, new_account
from stageline.domain.errors import AccountInUse, AlreadyExists, Invalid, ParentNotFound
from stageline.domain.stamp import Source, Stamp
from stageline.ports import Accounts, Deals
from stageline.record_ports import Contacts, Tasks
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.moves import move_alone, parent_of


def create_account(
    accounts: Accounts,
    account_id: str,
    profile: Profile,
    *,
    in_crm: bool,
    parent_id: str | None,
    source: Source,
    today: date,
    stamp: Stamp,
) -> Account:
    """Store a new account, under `parent_id` if one is given.

    Safe to repeat with the same `account_id` and `source.hash`: returns the account as it is.
    Raises AlreadyExists when the id was used for something else, Invalid for an unknown parent.
    """
    account = new_account(
        account_id, profile, in_crm=in_crm, source=source, today=today, stamp=stamp
    )
    try:
        parent_of(accounts, parent_id)
        accounts.add([account])
    except ParentNotFound as error:
        raise _unknown_parent() from error
    except AlreadyExists:
        account = accounts.get(account_id)
        if account.source is None or account.source.hash != source.hash:
            raise
    if parent_id is None or account.parent_id == parent_id:
        return account
    try:
        return move_alone(accounts, account_id, parent_id, today=today, stamp=stamp)
    except ParentNotFound as error:
        raise _unknown_parent() from error


def change_account(
    accounts: Accounts,
    account_id: str,
    changes: Mapping[str, Any],
    *,
    in_crm: bool | None,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Account:
    """Change fields of the profile, and whether the account is in the CRM (None: as it was).

    What does not differ is not written. Raises NotFound, Stale.
    """

    def attempt() -> Account:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        after = before.changed_to(
            replace(before.profile, **changes),
            in_crm=before.in_crm if in_crm is None else in_crm,
            today=today,
            stamp=stamp,
            source=before.source,
        )
        if after is not before:
            accounts.save(after)
        return after

    return again(attempt, expected=expected)


def delete_account(
    accounts: Accounts,
    deals: Deals,
    contacts: Contacts,
    tasks: Tasks,
    account_id: str,
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> None:
    """Delete an account that has neither children, deals, contacts nor open tasks.

    Its history, activities and done tasks among it, stays until erased.

    Raises NotFound, Stale, AccountInUse.
    """

    def attempt() -> None:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        children = accounts.children_count(account_id)
        open_or_closed = sum(deal.status != "gone" for deal in deals.of_account(account_id))
        linked, open_tasks = contacts.count_of_account(account_id), tasks.count_open(account_id)
        if children or open_or_closed or linked or open_tasks:
            raise AccountInUse(children, open_or_closed, linked, open_tasks)
        after = before.moved_to(None, None, today=today, stamp=stamp)
        accounts.delete(replace(after, deleted=True), before.parent_id)

    again(attempt, expected=expected)


def _unknown_parent() -> Invalid:
    return Invalid("parent_id", "unknown", "there is no account with this id")
