"""What callers do to accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from stageline.domain.account import Account, Profile, new_account
from stageline.domain.errors import (
    AccountInUse,
    AccountLinked,
    AlreadyExists,
    Invalid,
    NotFound,
    ParentNotFound,
    Stale,
)
from stageline.domain.stamp import Source, Stamp
from stageline.domain.tags import read_tag, with_tag, without_tag
from stageline.ports import Accounts, Deals
from stageline.record_ports import Contacts, Tasks
from stageline.use_cases.again import again, expect_revision
from stageline.use_cases.custom_values import Customs, bare
from stageline.use_cases.moves import move_alone, parent_of


def create_account(
    accounts: Accounts,
    account_id: str,
    profile: Profile,
    *,
    in_crm: bool,
    parent_id: str | None,
    customs: Customs,
    custom: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    source: Source,
    today: date,
    stamp: Stamp,
) -> Account:
    """Store a new account, under `parent_id` if one is given; `custom` and `tags` as sent.

    Safe to repeat with the same `account_id` and `source.hash`: returns the account as it is,
    wherever it has been moved since. Raises AlreadyExists when the id was used for something else,
    ValueNotUnique, Invalid.
    """
    profile = replace(profile, **customs.new("account", custom, tags))
    new = new_account(account_id, profile, in_crm=in_crm, source=source, today=today, stamp=stamp)
    beside = customs.beside("account", account_id, None, profile)

    def attempt() -> Account:
        try:
            parent_of(accounts, parent_id)
            accounts.add([new], beside)
        except (AlreadyExists, ParentNotFound) as error:
            no_parent = _unknown_parent() if isinstance(error, ParentNotFound) else None
            made = accounts.find(account_id)
            if made is None and no_parent is None:
                customs.refuse_taken(beside)
                raise Stale("account") from error
            if made is None or made.source is None or made.source.hash != source.hash:
                raise (no_parent or error) from error
            if made.deleted:
                raise NotFound("account") from error
            return made
        return new

    account = again(attempt)
    if parent_id is None or account.had_parent:
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
    customs: Customs,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> Account:
    """Change fields of the profile, and whether the account is in the CRM (None: as it was).

    `custom` is merged by key, `tags` are all of them, both as sent. What does not differ is not
    written. Raises NotFound, Stale, Invalid, ValueNotUnique, Pinned.
    """

    def attempt() -> Account:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        profile = replace(
            before.profile, **customs.changed("account", before.profile, changes, before.pinned)
        )
        after = before.changed_to(
            profile,
            in_crm=before.said_in_crm if in_crm is None else in_crm,
            today=today,
            stamp=stamp,
            source=before.source,
        )
        if after is not before:
            beside = customs.beside("account", account_id, before.profile, after.profile)
            customs.keep(beside, lambda: accounts.save(after, beside))
        return after

    return again(attempt, expected=expected)


def delete_account(
    accounts: Accounts,
    deals: Deals,
    contacts: Contacts,
    tasks: Tasks,
    account_id: str,
    *,
    customs: Customs,
    expected: int | None,
    today: date,
    stamp: Stamp,
) -> None:
    """Delete an account that has neither children, deals, contacts nor open tasks.

    Its history, activities and done tasks among it, stays until erased.

    Its custom values and tags do not, and its unique values are free again.
    Raises NotFound, Stale, AccountInUse, AccountLinked.
    """

    def attempt() -> None:
        before = accounts.get(account_id)
        expect_revision("account", before.rev, expected)
        if before.linked:
            raise AccountLinked([one.account_id for one in before.linked])
        children = accounts.children_count(account_id)
        open_or_closed = sum(deal.status != "gone" for deal in deals.of_account(account_id))
        linked, open_tasks = contacts.count_of_account(account_id), tasks.count_open(account_id)
        if children or open_or_closed or linked or open_tasks:
            raise AccountInUse(children, open_or_closed, linked, open_tasks)
        after = before.moved_to(None, None, today=today, stamp=stamp)
        gone = replace(after, profile=bare(before.profile), deleted=True)
        beside = customs.beside("account", account_id, before.profile, None)
        accounts.delete(gone, before.parent_id, beside)

    again(attempt, expected=expected)


def tag_account(
    accounts: Accounts,
    account_id: str,
    tag: str,
    *,
    has_it: bool,
    customs: Customs,
    today: date,
    stamp: Stamp,
) -> Account:
    """Add one tag to an account or take it away; the others stay as they are.

    Raises NotFound, Invalid, Pinned, Stale when others were first again and again.
    """
    found = read_tag(tag, "tag")

    def attempt() -> Account:
        before = accounts.get(account_id)
        tags = (with_tag if has_it else without_tag)(before.profile.tags, found)
        return change_account(
            accounts,
            account_id,
            {"tags": tags},
            in_crm=None,
            customs=customs,
            expected=before.rev,
            today=today,
            stamp=stamp,
        )

    return again(attempt)


def _unknown_parent() -> Invalid:
    return Invalid("parent_id", "unknown", "there is no account with this id")
