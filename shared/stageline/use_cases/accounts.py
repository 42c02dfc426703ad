"""What callers do to accounts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from stageline.domain.account import Account, Profile, new_account
from stageline.domain.errors import (
    AccountInUse,
    AlreadyExists,
    GroupCycle,
    Invalid,
    NotFound,
    SubtreeMoveUnsupported,
)
from stageline.domain.stamp import Source, Stamp
from stageline.ports import Accounts, Deals
from stageline.use_cases.again import again, expect_revision


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
    if parent_id is not None:
        _parent(accounts, parent_id)
    account = new_account(
        account_id, profile, in_crm=in_crm, source=source, today=today, stamp=stamp
    )
    try:
        accounts.add([account])
    except AlreadyExists:
        account = accounts.get(account_id)
        if account.source is None or account.source.hash != source.hash:
            raise
    if parent_id is None or account.parent_id == parent_id:
        return account
    return set_parent(accounts, account_id, parent_id, expected=None, today=today, stamp=stamp)


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


def set_parent(
    accounts: Accounts,
    account_id: str,
    parent_id: str | None,
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Account:
    """Put an account without children under another parent, or under none (S0.14).

    Raises NotFound, Stale, Invalid for an unknown parent, GroupCycle, SubtreeMoveUnsupported.
    """

    def attempt() -> Account:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        if parent_id == before.parent_id and before.awaited_parent_id is None:
            return before
        parent = None if parent_id is None else _parent(accounts, parent_id)
        chain = [] if parent is None else _chain_up(accounts, account_id, parent)
        if chain and chain[-1] == account_id:
            raise GroupCycle([account_id, *chain])
        children = accounts.children_count(account_id)
        if children:
            raise SubtreeMoveUnsupported(children)
        root_id = account_id if parent is None else parent.root_id
        after = before.moved_to(parent_id, root_id, today=today, stamp=stamp)
        accounts.move(after, before.parent_id, parent)
        return after

    return again(attempt, expected=expected)


def delete_account(
    accounts: Accounts,
    deals: Deals,
    account_id: str,
    *,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> None:
    """Delete an account that has neither children nor deals; its history stays until erased.

    Raises NotFound, Stale, AccountInUse.
    """

    def attempt() -> None:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        children = accounts.children_count(account_id)
        open_or_closed = sum(deal.status != "gone" for deal in deals.of_account(account_id))
        if children or open_or_closed:
            raise AccountInUse(children, open_or_closed)
        after = before.moved_to(None, None, today=today, stamp=stamp)
        accounts.delete(replace(after, deleted=True), before.parent_id)

    again(attempt, expected=expected)


def _parent(accounts: Accounts, parent_id: str) -> Account:
    try:
        return accounts.get(parent_id)
    except NotFound as error:
        raise Invalid("parent_id", "unknown", "there is no account with this id") from error


def _chain_up(accounts: Accounts, account_id: str, parent: Account) -> list[str]:
    """Return the parent and its ancestors, nearest first, up to `account_id` or the root."""
    chain = [parent.account_id]
    while parent.parent_id is not None and chain[-1] != account_id:
        parent = accounts.get(parent.parent_id)
        chain.append(parent.account_id)
    return chain
